/** The package as its users get it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { build } from "esbuild";
import { Code, connect, RunloreError } from "runlore";

import { folder, HERE } from "./servers.js";

test("the npm package has what is needed, and nothing else", () => {
  const options = { cwd: HERE, encoding: "utf8" } as const;
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], options)) as [
    { files: { path: string }[] },
  ];
  const files = packed.files.map((file) => file.path);
  for (const file of ["README.md", "package.json", "dist/src/node.js", "dist/src/node.d.ts", "dist/src/web.js", "dist/src/v1.d.ts"]) {
    assert.ok(files.includes(file), file);
  }
  assert.deepEqual(files.filter((file) => !/^(README\.md|package\.json|(dist|src|gen)\/.*)$/.test(file)), []);
});

test("a bundle for browsers has nothing of Node", async () => {
  const entry = `import { connect } from "runlore"; import { RunStatus } from "runlore/v1"; console.log(connect, RunStatus)`;
  const bundled = await build({
    stdin: { contents: entry, resolveDir: HERE },
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const inputs = Object.keys(bundled.metafile.inputs);
  assert.ok(inputs.some((input) => input.endsWith("dist/src/web.js")), inputs.join("\n"));
  assert.deepEqual(inputs.filter((input) => /connect-node|src\/node/.test(input)), []);
});

test("its types hold for whoever is as strict, in Node and for browsers", async () => {
  const user = await folder();
  await mkdir(join(user, "node_modules"));
  execFileSync("ln", ["-s", HERE, join(user, "node_modules/runlore")]);
  const shared = 'import { connect, RunloreError } from "runlore";\nimport type { Run } from "runlore/v1";\n';
  const uses = 'const found: Run[] = (await client.tracking.searchRuns({ filter: "" })).runs;\nvoid [found, RunloreError];\nexport {};\n';
  await writeFile(join(user, "app.mts"), `${shared}const client = connect("h:1");\nawait client.pull("models:/m@a", "m");\n${uses}`);
  await writeFile(join(user, "page.ts"), `${shared}const client = connect("https://h");\n${uses}`);
  const tsc = join(HERE, "node_modules/.bin/tsc");
  const common = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"];
  execFileSync(tsc, [...common, "--module", "nodenext", "app.mts"], { cwd: user });
  const browsers = ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom,dom.iterable"];
  execFileSync(tsc, [...common, ...browsers, "page.ts"], { cwd: user });
});

test("the lock names no registry's host", async () => {
  assert.doesNotMatch(await readFile(join(HERE, "package-lock.json"), "utf8"), /"resolved"/);
});

test("addresses and options that cannot be right are refused by name", () => {
  const refusals: [string, object, string][] = [
    ["", {}, "address"],
    ["h:x", {}, "address"],
    ["h:70000", {}, "address"],
    ["h/path", {}, "address"],
    ["user@h:1", {}, "address"],
    ["h:1", { timeoutMs: 0 }, "timeoutMs"],
    ["h:1", { workspace: "ü" }, "workspace"],
    ["h:1", { ca: "/nowhere.pem" }, "ca"],
  ];
  for (const [address, options, field] of refusals) {
    const check = (error: unknown) =>
      error instanceof RunloreError && error.code === Code.InvalidArgument && error.violations[0]?.field === field;
    assert.throws(() => connect(address, options), check, `${address} ${JSON.stringify(options)}`);
  }
  for (const [address, expected] of [
    ["h", "h:7410"],
    ["h:80", "h:80"],
    ["::1", "[::1]:7410"],
    ["[::1]:9", "[::1]:9"],
    ["https://h", "h:443"],
    ["http://h:9/", "h:9"],
  ] as const) {
    const client = connect(address);
    assert.equal(client.address, expected);
    client.close();
  }
});
