/** Lists runs by a filter, draws their curves, and shows which version of a model is the champion, as it changes. */

import { type Client, Code, connect, RunloreError } from "runlore";
import { type ModelAlias, type Run, RunStatus } from "runlore/v1";

import { chart, COLORS, type Line, word } from "../chart.js";

const FIELDS = ["filter", "metric", "model", "alias", "workspace", "server"] as const;
type Query = Record<(typeof FIELDS)[number], string>;

const MOST_RUNS = 50;
/** Drawn without being asked for. */
const DRAWN_FIRST = 5;
/** Who looks at a page does not wait for half a minute. */
const PATIENCE_MS = 8_000;

const form = find<HTMLFormElement>("#query");
/** Ends what the last query began. */
let query = new AbortController();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(Object.fromEntries(FIELDS.map((name) => [name, field(name).value.trim()])) as Query);
});

const asked = new URLSearchParams(location.search);
for (const name of FIELDS) {
  field(name).value = asked.get(name) ?? (name === "metric" ? "loss" : "");
}
form.requestSubmit();

function show(wanted: Query): void {
  query.abort();
  query = new AbortController();
  const { signal } = query;
  const kept = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ""));
  history.replaceState(null, "", `?${kept}`);
  say("problem", "");
  setStatus("idle", "Connecting …");
  let client: Client;
  try {
    client = connect(wanted.server || undefined, { workspace: wanted.workspace, timeoutMs: PATIENCE_MS });
  } catch (error) {
    fail(error);
    return;
  }
  signal.addEventListener("abort", () => client.close());
  const quietly = (work: Promise<void>) => work.catch((error: unknown) => signal.aborted || fail(error));
  quietly(showRuns(client, wanted, signal));
  quietly(followChampion(client, wanted, signal));
}

async function showRuns(client: Client, { filter, metric }: Query, signal: AbortSignal): Promise<void> {
  const { runs, nextPageToken } = await client.tracking.searchRuns({ filter, pageSize: MOST_RUNS }, { signal });
  setStatus("live", `Connected to ${client.address}`);
  const keys = new Set(runs.flatMap((run) => run.metrics.map((summary) => summary.key)));
  find("#metrics").replaceChildren(...[...keys].sort().map((key) => make("option", { value: key })));
  find("#metric-column").textContent = `${metric}, last`;
  say("count", runs.length === 0 ? "No run matches." : `${runs.length}${nextPageToken ? " of more" : ""} runs, the latest first.`);
  const drawn = new Set(runs.filter((run) => lastOf(run, metric) !== undefined).slice(0, DRAWN_FIRST));
  const colors = new Map(runs.map((run, i) => [run, COLORS[i % COLORS.length] ?? ""]));
  const redraw = () => void draw(client, metric, [...drawn], colors, signal).catch((error) => signal.aborted || fail(error));
  find("#runs").replaceChildren(
    ...runs.map((run) =>
      rowOf(run, metric, colors.get(run) ?? "", drawn.has(run), (on) => {
        drawn[on ? "add" : "delete"](run);
        redraw();
      }),
    ),
  );
  redraw();
}

async function draw(client: Client, metric: string, runs: Run[], colors: Map<Run, string>, signal: AbortSignal): Promise<void> {
  const points = new Map(runs.map((run) => [run.runId, { xs: [] as number[], ys: [] as number[] }]));
  if (runs.length > 0) {
    const request = { runIds: [...points.keys()], keys: [metric], maxPoints: 1_000 };
    for await (const part of client.tracking.getMetricHistory(request, { signal })) {
      points.get(part.runId)?.xs.push(...(part.series?.steps ?? []).map(Number));
      points.get(part.runId)?.ys.push(...(part.series?.values ?? []));
    }
  }
  const lines: Line[] = runs
    .map((run) => ({ label: nameOf(run), color: colors.get(run) ?? "", ...(points.get(run.runId) ?? { xs: [], ys: [] }) }))
    .filter((line) => line.ys.length > 0);
  find("#curves-title").textContent = `Curves of ${metric}`;
  if (lines.length > 0) {
    find("#chart").innerHTML = chart(`${metric} of ${lines.map((line) => line.label).join(", ")}`, lines);
  } else {
    find("#chart").replaceChildren(make("p", {}, `No run that is picked below has points of ${metric}.`));
  }
}

/** Shows who holds the alias, and every move from then on, whatever connections come and go. */
async function followChampion(client: Client, { model, alias: named }: Query, signal: AbortSignal): Promise<void> {
  const alias = named || "champion";
  find("#champion").hidden = model === "";
  if (model === "") {
    return;
  }
  find("#champion-title").textContent = `${alias} of ${model}`;
  find(".moves").replaceChildren();
  find(".moves").hidden = true;
  let afterPosition = await showHolder(client, model, alias, signal);
  const onStatus = (problem: RunloreError | undefined) => {
    if (signal.aborted) {
      return;
    }
    say("problem", problem ? `${problem.message}. What is shown may be out of date; trying again.` : "");
    setStatus(problem ? "away" : "live", problem ? "The server is away" : `Live from ${client.address}`);
  };
  const request = { resource: { case: "modelName", value: model } as const, alias, afterPosition };
  for await (const event of client.watch(request, { signal, onStatus })) {
    await showHolder(client, model, alias, signal);
    const after = event.after?.state;
    const to = after?.case === "alias" ? `version ${after.value.version}` : "no version";
    const by = event.actor?.id ?? "somebody";
    find(".moves").prepend(make("li", {}, `${timeOf(event.time)}: ${to}, by ${by}`));
    find(".moves").hidden = false;
  }
}

/** Shows who holds the alias now; returns the position to watch from. */
async function showHolder(client: Client, model: string, alias: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await client.registry.resolve({ reference: `models:/${model}@${alias}` }, { signal });
    find(".version").textContent = `Version ${answer.modelVersion?.version ?? "?"}`;
    sayMove(answer.alias);
    return answer.position;
  } catch (error) {
    if (!(error instanceof RunloreError) || error.reason !== "ALIAS_NOT_FOUND") {
      throw error;
    }
    find(".version").textContent = "No version";
    find(".move").textContent = `Nothing holds ${alias} yet.`;
    find(".reason").hidden = true;
    return "";
  }
}

function sayMove(alias: ModelAlias | undefined): void {
  find(".move").textContent = `since ${timeOf(alias?.setTime)}, by ${alias?.setBy?.id ?? "somebody"}`;
  find(".reason").textContent = alias?.reason ?? "";
  find(".reason").hidden = !alias?.reason;
}

function rowOf(run: Run, metric: string, color: string, drawn: boolean, toggle: (on: boolean) => void): HTMLElement {
  const name = nameOf(run);
  const box = make("input", { type: "checkbox", checked: drawn, ariaLabel: `Draw ${name}` });
  const swatch = make("span", { className: "swatch" });
  const paint = () => (swatch.style.background = box.checked ? color : "");
  box.addEventListener("change", () => {
    paint();
    toggle(box.checked);
  });
  paint();
  const status = RunStatus[run.status].toLowerCase();
  const params = Object.entries(run.params).map(([key, value]) => `${key}=${value}`);
  const last = lastOf(run, metric);
  const row = make("tr", {});
  row.append(
    cell(box),
    cell(swatch, name),
    cell(make("span", { className: `status ${status}` }, status)),
    cell(timeOf(run.startTime)),
    cell(last === undefined ? "–" : word(last)),
    cell(params.slice(0, 6).join("  ") + (params.length > 6 ? " …" : "")),
  );
  row.children[4]?.classList.add("number");
  row.children[5]?.classList.add("params");
  for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]] as const) {
    row.addEventListener(event, () => pick(name, on && box.checked));
  }
  return row;
}

/** Sets one curve off from the others. */
function pick(label: string, on: boolean): void {
  find("#chart").classList.toggle("picking", on);
  for (const curve of document.querySelectorAll<SVGElement>("#chart .curve")) {
    curve.classList.toggle("picked", on && curve.dataset["label"] === label);
  }
}

function fail(error: unknown): void {
  const away = error instanceof RunloreError && [Code.Unavailable, Code.DeadlineExceeded].includes(error.code);
  setStatus("away", away ? "The server is away" : "Something was refused");
  say("problem", error instanceof Error ? error.message : String(error));
}

function setStatus(state: "idle" | "live" | "away", text: string): void {
  find("#status").dataset["state"] = state;
  say("status", text);
}

function say(id: string, text: string): void {
  const element = find(`#${id}`);
  element.textContent = text;
  element.hidden = text === "";
}

function nameOf(run: Run): string {
  return run.name || run.runId.slice(0, 12);
}

function lastOf(run: Run, metric: string): number | undefined {
  return run.metrics.find((summary) => summary.key === metric)?.last;
}

function timeOf(time: { seconds: bigint; nanos: number } | undefined): string {
  return time === undefined ? "–" : new Date(Number(time.seconds) * 1e3 + time.nanos / 1e6).toLocaleString();
}

function find<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (found === null) {
    throw new Error(`the page has no ${selector}`);
  }
  return found;
}

function field(name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

function cell(...content: (Node | string)[]): HTMLElement {
  const made = make("td", {});
  made.append(...content);
  return made;
}

function make<K extends keyof HTMLElementTagNameMap>(
  kind: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  text?: string,
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(kind), properties);
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}
