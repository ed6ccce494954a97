/** The examples, run as a person does. The browser's page has tests of its own. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { connect } from "runlore";

import { ENVIRONMENT, folder, HERE, RealServer } from "./servers.js";

const run = promisify(execFile);

test("curves.js lists runs and draws their loss curves", async () => {
  const server = await RealServer.start();
  const client = connect(server.address);
  for (const name of ["a", "b <&>"]) {
    const runId = (await client.tracking.createRun({ name })).run?.runId ?? "";
    const steps = Array.from({ length: 50 }, (_, i) => BigInt(i));
    const values = steps.map((step) => (step === 20n ? NaN : 1 / (1 + Number(step))));
    await client.tracking.logBatch({
      runId,
      writerId: "w",
      sequence: 1n,
      series: [{ key: "loss", steps, timesUnixUs: steps, values }],
    });
  }
  client.close();
  const svg = join(await folder(), "curves.svg");
  const env = { ...ENVIRONMENT, RUNLORE_ADDRESS: server.address };
  const program = join(HERE, "build/examples/curves.js");
  const { stdout } = await run(process.execPath, [program, "--filter", "metrics.loss < 1", "--svg", svg], { env });
  assert.match(stdout, /running +a +loss 0\.02\n/);
  assert.match(stdout, /2 curves of loss in /);
  const drawn = await readFile(svg, "utf8");
  // The NaN breaks each line once.
  assert.deepEqual([...drawn.matchAll(/ d="(.*?)"/g)].map(([, path]) => path?.split("M").length), [3, 3]);
  assert.match(drawn, /b &#60;&#38;&#62;/);

  const refused = run(process.execPath, [program, "--filter", "metrics.loss <", "--svg", svg], { env });
  await assert.rejects(refused, ({ code, stderr }: { code: number; stderr: string }) => code === 1 && stderr.startsWith("error: filter"));
});
