/** Files up and down, and what is kept of them for when the server is away. */

import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { CHUNK_BYTES, Code, connect, manifestOf, type NodeClient, type NodeConnectOptions, RunloreError } from "runlore";
import { FileEntrySchema } from "runlore/v1";

import { atEnd, folder, Listener, RealServer, s3Server, TOP } from "./servers.js";

let server: RealServer;

before(async () => {
  server = await RealServer.start();
});

async function client(address: string, options: NodeConnectOptions = {}): Promise<NodeClient> {
  const made = connect(address, { actor: "user:test", cache: await folder(), ...options });
  atEnd(() => made.close());
  return made;
}

/** Makes a folder with a file of two chunks, an empty one, an executable one and one of a name beyond ASCII. */
async function model(): Promise<string> {
  const made = await folder();
  await mkdir(join(made, "bin/deep"), { recursive: true });
  await writeFile(join(made, "weights"), Buffer.alloc(CHUNK_BYTES + 5, "abcdefg"));
  await writeFile(join(made, "empty"), "");
  await writeFile(join(made, "bin/deep/serve"), "#!/bin/sh\n");
  await chmod(join(made, "bin/deep/serve"), 0o755);
  await writeFile(join(made, "Übung 𝄞.txt"), "é");
  return made;
}

async function same(a: string, b: string): Promise<void> {
  const names = (await readdir(a, { recursive: true })).sort();
  assert.deepEqual((await readdir(b, { recursive: true })).sort(), names);
  for (const name of names.filter((each) => /weights|empty|serve|txt/.test(each))) {
    assert.ok((await readFile(join(a, name))).equals(await readFile(join(b, name))), name);
    assert.equal((await stat(join(a, name))).mode & 0o100, (await stat(join(b, name))).mode & 0o100, name);
  }
}

async function refused(code: Code, reason: string, work: () => Promise<unknown>): Promise<RunloreError> {
  const found: unknown = await work().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(found instanceof RunloreError, `not a RunloreError: ${String(found)}`);
  assert.equal(Code[found.code], Code[code], found.message);
  assert.equal(found.reason, reason);
  return found;
}

test("digests of manifests are those of the vectors", async () => {
  const vectors = JSON.parse(await readFile(join(TOP, "protos/manifest_vectors.json"), "utf8")) as {
    vectors: { name: string; files: JsonValue[]; manifest: { digest: string; size: string; file_count: string } }[];
    refused_paths: { path: string; rule: string }[];
    accepted_paths: string[];
  };
  const file = vectors.vectors[1]?.files[0] as Record<string, JsonValue>;
  for (const { name, files, manifest } of vectors.vectors) {
    const found = manifestOf(files.map((each) => fromJson(FileEntrySchema, each)));
    const expected = [manifest.digest, BigInt(manifest.size), BigInt(manifest.file_count)];
    assert.deepEqual([found.digest, found.size, found.fileCount], expected, name);
  }
  for (const path of vectors.accepted_paths) {
    manifestOf([fromJson(FileEntrySchema, { ...file, path })]);
  }
  for (const { path, rule } of vectors.refused_paths) {
    assert.throws(() => manifestOf([fromJson(FileEntrySchema, { ...file, path })]), Error, rule);
  }
});

test("a folder goes up and comes down as it was, and what is stored is not sent again", async () => {
  const calls = await client(server.address, { workspace: "there-and-back" });
  const source = await model();
  const first = await calls.push(source, "m", { description: "first", tags: { team: "ads" } });
  assert.equal(first.version.version, 1n);
  assert.equal(first.version.tags["team"], "ads");
  const second = await calls.push(source, "m");
  assert.deepEqual([second.version.version, second.sentBytes], [2n, 0]);
  assert.equal(second.manifestDigest, first.manifestDigest);

  const target = join(await folder(), "new/out");
  const pulled = await calls.pull("models:/m/1", target);
  assert.deepEqual(pulled, { path: target, manifestDigest: first.manifestDigest, version: 1n, fromCache: false });
  await same(source, target);
  await calls.pull("models:/m/1", target);
  const part = join(await folder(), "part");
  await calls.pull("models:/m/1/bin", part);
  assert.deepEqual(await readdir(part, { recursive: true }), ["deep", "deep/serve"]);

  await writeFile(join(target, "more"), "");
  await refused(Code.AlreadyExists, "DESTINATION_NOT_EMPTY", () => calls.pull("models:/m/1", target));
  await refused(Code.InvalidArgument, "INVALID_FIELD", () => calls.pull("m", join(target, "x")));
});

test("bytes go straight to an object store and from it, and through the server when there is no way to it", async () => {
  const { url, environment } = await s3Server();
  const endpoint = new URL(environment["RUNLORE_S3_ENDPOINT"] ?? "");
  let connections = 0;
  const store = await Listener.start((socket) => {
    connections++;
    const onward = dial(Number(endpoint.port), endpoint.hostname);
    onward.on("error", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  const here = { ...environment, RUNLORE_S3_PUBLIC_ENDPOINT: `http://${store.address}` };
  const remote = await RealServer.startIn(here, "--artifacts", url);
  const calls = await client(remote.address);
  const source = await model();
  await calls.push(source, "m");
  assert.ok(connections > 0);
  const up = connections;
  const direct = join(await folder(), "direct");
  await calls.pull("models:/m/1", direct);
  await same(source, direct);
  assert.ok(connections > up);

  const nowhere = { ...environment, RUNLORE_S3_PUBLIC_ENDPOINT: "http://127.0.0.1:9" };
  const apart = await RealServer.startIn(nowhere, "--artifacts", `${url}/apart`);
  const through = await client(apart.address);
  await through.push(source, "m");
  const streamed = join(await folder(), "streamed");
  await through.pull("models:/m/1", streamed);
  await same(source, streamed);
});

test("what has no place in a model is refused before anything is sent", async () => {
  const calls = await client(server.address, { workspace: "refusals" });
  const outside = await folder();
  for (const [target, word] of [[outside, "out of the folder"], ["nothing", "to nothing"], [".", "back into"]] as const) {
    const source = await model();
    await symlink(target, join(source, "link"));
    const error = await refused(Code.InvalidArgument, "INVALID_FIELD", () => calls.push(source, "m"));
    assert.match(error.message, new RegExp(word));
  }
  await refused(Code.InvalidArgument, "INVALID_FIELD", () => calls.push(outside, "m"));
  const gone = AbortSignal.abort();
  await refused(Code.Canceled, "", async () => calls.push(await model(), "m", { signal: gone }));
  await refused(Code.NotFound, "MODEL_NOT_FOUND", () => calls.registry.getRegisteredModel({ name: "m" }));
});

test("when the server is away, the last answer stands in, and files that are there do", async () => {
  const own = await RealServer.start();
  const calls = await client(own.address, { timeoutMs: 1_500 });
  const source = await model();
  await calls.push(source, "m");
  const answer = await calls.resolve("models:/m/1");
  assert.equal(answer.fromCache, false);
  const target = join(await folder(), "out");
  await calls.pull("models:/m/1", target);
  await own.kill();

  const again = await calls.resolve("models:/m/1");
  assert.equal(again.fromCache, true);
  // The pull asked once more, and the answer that it kept may be of a later position: events are numbered after their commit.
  assert.deepEqual({ ...again.response, position: "" }, { ...answer.response, position: "" });
  assert.equal((await calls.pull("models:/m/1", target)).fromCache, true);
  await refused(Code.Unavailable, "", () => calls.resolve("models:/m/1", { fallback: false }));
  await refused(Code.Unavailable, "", () => calls.resolve("models:/other/1"));
  await writeFile(join(target, "empty"), "not");
  await refused(Code.AlreadyExists, "DESTINATION_NOT_EMPTY", () => calls.pull("models:/m/1", target));
});

test("a history that does not go on from the one that is known is refused", async () => {
  const cache = await folder();
  const calls = await client(server.address, { workspace: "heads", cache });
  await calls.push(await model(), "m");
  await calls.resolve("models:/m/1");
  const [note] = await readdir(join(cache, "heads"));
  const file = join(cache, "heads", note ?? "");
  const known = JSON.parse(await readFile(file, "utf8")) as { revision: number; hash: string };
  // Events that follow are walked back over.
  await calls.registry.setRegisteredModelTags({ name: "m", tags: { a: "b" } });
  await calls.resolve("models:/m/1");
  const later = JSON.parse(await readFile(file, "utf8")) as { revision: number; hash: string };
  assert.equal(later.revision, known.revision + 1);

  for (const other of [{ hash: "0".repeat(64) }, { revision: known.revision, hash: "0".repeat(64) }, { revision: 99 }]) {
    await writeFile(file, JSON.stringify({ ...later, ...other }));
    await refused(Code.DataLoss, "HISTORY_REWRITTEN", () => calls.resolve("models:/m/1"));
  }
  await calls.resolve("models:/m/1", { acceptHead: true });
  await calls.resolve("models:/m/1");
});
