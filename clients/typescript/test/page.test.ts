/** The browser's page in Chromium, against a live server. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { before, test } from "node:test";

import { type Browser, chromium, type Page } from "playwright-core";
import { connect, type NodeClient } from "runlore";
import { RunStatus } from "runlore/v1";

import { atEnd, HERE, RealServer } from "./servers.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const TYPES: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };

let browser: Browser;
let origin: string;
let server: RealServer;
let client: NodeClient;

before(async () => {
  const site = createServer(async (request, response) => {
    const name = new URL(request.url ?? "/", "http://any").pathname.replace(/\/$/, "/index.html");
    const body = await readFile(join(HERE, "build/browser", name)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" });
    response.end(body);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  atEnd(() => site.close());
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  server = await RealServer.start("--web-listen", "127.0.0.1:0", "--web-allow-origin", origin);
  client = connect(server.address, { actor: "user:ada" });
  atEnd(() => client.close());
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  atEnd(() => browser.close());
});

/** Opens the page and returns it with what its console complains of. */
async function open(query: Record<string, string>): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${origin}/?${new URLSearchParams({ server: server.webAddress, ...query })}`);
  return { page, complaints };
}

async function logRun(name: string, c: number): Promise<void> {
  const { run } = await client.tracking.createRun({ name, params: { C: String(c), solver: "lbfgs" } });
  const runId = run?.runId ?? "";
  const steps = Array.from({ length: 120 }, (_, i) => BigInt(i));
  const values = steps.map((step) => 0.12 / c + Math.exp((-Number(step) * c) / 25) + 0.015 * Math.sin(Number(step) * c));
  const timesUnixUs = steps.map((step) => 1_760_000_000_000_000n + step * 1_000_000n);
  await client.tracking.logBatch({ runId, writerId: "w", sequence: 1n, series: [{ key: "loss", steps, timesUnixUs, values }] });
  await client.tracking.updateRun({ runId, status: RunStatus.FINISHED, updateMask: { paths: ["status"] } });
}

async function move(version: bigint, reason: string): Promise<void> {
  const holder = { case: "any", value: true } as const;
  await client.registry.setAlias({ modelName: "tumour-lr", alias: "champion", version, expect: { holder }, reason });
}

test("the page lists runs, draws curves, follows the champion, and says in words that the server is away", async () => {
  for (const [i, c] of [0.4, 0.7, 1.1, 1.6].entries()) {
    await logRun(`trial-${i + 1}`, c);
  }
  await client.push(join(HERE, "examples"), "tumour-lr", { description: "first" });
  await client.push(join(HERE, "examples"), "tumour-lr", { description: "second" });
  await move(1n, "best of 4 trials by validation loss");

  const { page, complaints } = await open({ filter: "metrics.loss < 10", metric: "loss", model: "tumour-lr" });
  await page.locator("#runs tr").nth(3).waitFor();
  assert.match(await page.locator("#count").innerText(), /^4 runs/);
  await page.locator("#chart .curve").nth(3).waitFor();
  await page.getByText("Version 1", { exact: true }).waitFor();
  await page.getByText("best of 4 trials by validation loss").waitFor();
  await page.getByText(/^Live from /).waitFor();

  await move(2n, "better on the newest rows");
  await page.getByText("Version 2", { exact: true }).waitFor();
  assert.match(await page.locator(".moves li").first().innerText(), /version 2, by ada/);

  // By keyboard alone: another filter, and a curve fewer.
  await page.locator("input[name=filter]").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("params.C = '1.1' or params.C = '1.6'");
  await page.keyboard.press("Enter");
  await page.getByText(/^2 runs/).waitFor();
  await page.locator("#runs input").first().focus();
  await page.keyboard.press("Space");
  await page.locator("#chart .curve").nth(1).waitFor({ state: "detached" });
  assert.equal(await page.locator("#chart .curve").count(), 1);
  await page.keyboard.press("Space");
  await page.locator("#chart .curve").nth(1).waitFor();

  await page.locator("input[name=filter]").fill("");
  await page.keyboard.press("Enter");
  await page.getByText(/^4 runs/).waitFor();
  await page.locator("#chart .curve").nth(3).waitFor();
  await page.getByText(/^Live from /).waitFor();
  if (process.env["SCREENSHOTS"]) {
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "page.png"), fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 420, height: 900 });
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "page-dark-narrow.png"), fullPage: true });
  }
  assert.deepEqual(complaints, []);

  await server.stop();
  await page.getByText("The server is away").waitFor();
  await page.locator("#problem").filter({ hasText: /cannot reach Runlore at .*trying again/ }).waitFor();
  if (process.env["SCREENSHOTS"]) {
    await page.screenshot({ path: join(process.env["SCREENSHOTS"], "page-away.png") });
  }
});

test("a filter that the server refuses is shown in the server's words", async () => {
  await server.kill();
  await server.start();
  const { page } = await open({ filter: "metrics.loss <" });
  const problem = page.locator("#problem");
  await problem.filter({ hasText: "filter" }).waitFor();
  assert.match(await page.locator("#status").innerText(), /refused/);
});
