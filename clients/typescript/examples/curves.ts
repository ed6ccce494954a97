/**
 * Lists runs, and draws a metric's curves into an SVG file:
 *
 *     node build/examples/curves.js --filter "metrics.loss < 1" --metric loss --svg curves.svg
 *
 * The server is that of RUNLORE_ADDRESS, else 127.0.0.1:7410.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { connect, RunloreError } from "runlore";
import { type Run, RunStatus } from "runlore/v1";

import { chart, COLORS, word } from "./chart.js";

const { values: options } = parseArgs({
  options: {
    workspace: { type: "string" },
    filter: { type: "string", default: "" },
    metric: { type: "string", default: "loss" },
    limit: { type: "string", default: "8" },
    svg: { type: "string", default: "curves.svg" },
  },
});
const { filter, metric, svg } = options as Required<typeof options>;

const client = connect(undefined, options.workspace === undefined ? {} : { workspace: options.workspace });
try {
  const { runs } = await client.tracking.searchRuns({ filter, pageSize: Number(options.limit) });
  for (const run of runs) {
    const last = run.metrics.find((summary) => summary.key === metric)?.last;
    const status = RunStatus[run.status].toLowerCase().padEnd(9);
    console.log(`${run.runId}  ${status}  ${nameOf(run).padEnd(20)}  ${metric} ${last === undefined ? "–" : word(last)}`);
  }
  const curves = runs.map((run, i) => ({ label: nameOf(run), color: COLORS[i % COLORS.length] ?? "", xs: points(), ys: points() }));
  const byRun = new Map(runs.map((run, i) => [run.runId, curves[i]]));
  if (runs.length > 0) {
    const runIds = runs.map((run) => run.runId);
    for await (const part of client.tracking.getMetricHistory({ runIds, keys: [metric], maxPoints: 1_000 })) {
      byRun.get(part.runId)?.xs.push(...(part.series?.steps ?? []).map(Number));
      byRun.get(part.runId)?.ys.push(...(part.series?.values ?? []));
    }
  }
  await writeFile(svg, chart(metric, curves));
  console.log(`${curves.filter((curve) => curve.ys.length > 0).length} curves of ${metric} in ${svg}`);
} catch (error) {
  if (!(error instanceof RunloreError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}

function nameOf(run: Run): string {
  return run.name || run.runId.slice(0, 12);
}

function points(): number[] {
  return [];
}
