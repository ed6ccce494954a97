/** What goes wrong between a client and a server: a typed error within the deadline, no hang, no socket left. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, connect as dial } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Code, connect, type NodeClient, type NodeConnectOptions, RunloreError } from "runlore";
import { ServerService } from "runlore/v1";

import { atEnd, ENVIRONMENT, folder, HERE, Listener, RealServer, TOP } from "./servers.js";

const PROTOCOLS = ["grpc", "connect", "grpc-web"] as const;

let server: RealServer;

before(async () => {
  server = await RealServer.start("--web-listen", "127.0.0.1:0");
});

async function client(address: string, options: NodeConnectOptions = {}): Promise<NodeClient> {
  const made = connect(address, { actor: "user:test", cache: await folder(), ...options });
  atEnd(() => made.close());
  return made;
}

/** Asserts that something is refused with a code, and in how many milliseconds at most. */
async function refused(code: Code, ms: number, work: () => Promise<unknown>): Promise<RunloreError> {
  const begin = performance.now();
  let found: unknown;
  await work().catch((error: unknown) => (found = error));
  const took = performance.now() - begin;
  assert.ok(found instanceof RunloreError, `not a RunloreError: ${String(found)}`);
  assert.equal(Code[found.code], Code[code], found.message);
  assert.ok(took < ms, `${took} ms`);
  return found;
}

async function eventually(what: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !what(); i++) {
    await pause(20);
  }
  assert.ok(what(), String(what));
}

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a server that is absent is tried for as long as the call has, and no longer`, async () => {
    const nowhere = await Listener.start(() => undefined);
    const { address } = nowhere;
    nowhere.close();
    const absent = await client(address, { protocol, timeoutMs: 1_000 });
    const error = await refused(Code.Unavailable, 3_000, () => absent.server.getServerInfo({}));
    assert.match(error.message, /cannot reach Runlore at 127\.0\.0\.1:\d+: is a server running there/);
  });

  test(`${protocol}: a server that says nothing costs the deadline, and a cancelled call nothing`, async () => {
    const silent = await Listener.start((socket) => socket.resume());
    const slow = await client(silent.address, { protocol });
    await refused(Code.DeadlineExceeded, 3_000, () => slow.server.getServerInfo({}, { timeoutMs: 300 }));
    const stream = async () => {
      for await (const _ of slow.tracking.getMetricHistory({ runIds: ["0".repeat(32)] }, { timeoutMs: 300 }));
    };
    await refused(Code.DeadlineExceeded, 3_000, stream);
    const signal = AbortSignal.timeout(200);
    await refused(Code.Canceled, 3_000, () => slow.server.getServerInfo({}, { signal }));
    slow.close();
    await eventually(() => silent.sockets.size === 0);
    await refused(Code.Canceled, 1_000, () => slow.server.getServerInfo({}));
  });

  test(`${protocol}: a connection that is cut under a call is made anew`, async () => {
    let left = 2;
    const [host, port] = new URL(protocol === "grpc" ? `http://${server.address}` : server.webAddress).host.split(":");
    const relay = await Listener.start((socket) => {
      const onward = dial(Number(port), host);
      onward.on("error", () => socket.destroy());
      socket.on("close", () => onward.destroy());
      onward.on("close", () => socket.destroy());
      socket.pipe(onward);
      if (left-- > 0) {
        onward.once("data", () => socket.destroy());
      } else {
        onward.pipe(socket);
      }
    });
    const calls = await client(`http://${relay.address}`, { protocol });
    assert.notEqual((await calls.server.getServerInfo({})).logId, "");
    assert.ok(left < 0);
  });
}

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a watch survives kills of its server, and yields each event once, in order`, async () => {
    const watching = await client(protocol === "grpc" ? server.address : server.webAddress, { protocol, workspace: protocol });
    const writing = await client(server.address, { workspace: protocol });
    await writing.registry.createRegisteredModel({ name: "m" });
    const problems: (RunloreError | undefined)[] = [];
    const seen: bigint[] = [];
    const controller = new AbortController();
    const request = { resource: { case: "modelName", value: "m" } as const };
    const reading = (async () => {
      for await (const event of watching.watch(request, { signal: controller.signal, onStatus: (p) => problems.push(p) })) {
        seen.push(event.revision);
      }
    })();
    await eventually(() => problems.length > 0);
    for (const round of ["1", "2", "3"]) {
      await writing.registry.setRegisteredModelTags({ name: "m", tags: { round } });
      await eventually(() => seen.length === Number(round));
      await server.kill();
      const told = problems.length;
      await eventually(() => problems.length >= told + 3);
      assert.match(problems.at(-1)?.message ?? "", /cannot reach Runlore at/);
      await server.start();
    }
    await writing.registry.setRegisteredModelTags({ name: "m", tags: { round: "last" } });
    await eventually(() => seen.length === 4);
    assert.deepEqual(seen, [2n, 3n, 4n, 5n]);
    controller.abort();
    await refused(Code.Canceled, 1_000, () => reading);
  });
}

test("calls under way when a server restarts are answered by the next one", async () => {
  const patient = await client(server.address);
  await patient.server.getServerInfo({});
  await server.stop();
  const calls = Promise.all([patient.server.getServerInfo({}), patient.tracking.createRun({ name: "once" })]);
  await server.start();
  await calls;
  const { runs } = await patient.tracking.searchRuns({ filter: "name = 'once'" });
  assert.equal(runs.length, 1);
});

test("a call that may not be sent twice is not", async () => {
  let connections = 0;
  const cutting = await Listener.start((socket) => {
    connections++;
    socket.once("data", () => socket.destroy());
  });
  const once = await client(cutting.address, { timeoutMs: 1_000 });
  async function* open() {
    yield { message: { case: "open", value: { runId: "0".repeat(32), writerId: "w" } } } as const;
  }
  const stream = async () => {
    for await (const _ of once.tracking.logStream(open()));
  };
  await refused(Code.Unavailable, 3_000, stream);
  assert.equal(connections, 1);
});

async function olderServer(onSession: (session: ServerHttp2Session) => void = () => undefined): Promise<string> {
  const handler = connectNodeAdapter({
    routes: (router) => router.service(ServerService, { getServerInfo: () => ({ version: "0.0.1" }) }),
  });
  const older: Http2Server = createServer(handler);
  older.on("session", onSession);
  older.listen(0, "127.0.0.1");
  await once(older, "listening");
  atEnd(() => older.close());
  return `127.0.0.1:${(older.address() as AddressInfo).port}`;
}

test("GOAWAY: the calls that it turns away, and those to come, go over another connection", async () => {
  const sessions: ServerHttp2Session[] = [];
  const address = await olderServer((session) => {
    sessions.push(session);
    if (sessions.length === 1) {
      session.once("stream", () => session.goaway(0, 0));
    }
  });
  const calls = await client(address);
  assert.equal((await calls.server.getServerInfo({})).version, "0.0.1");
  sessions.at(-1)?.goaway(0);
  await pause(50);
  assert.equal((await calls.server.getServerInfo({})).version, "0.0.1");
  assert.ok(sessions.length >= 2);
});

test("UNIMPLEMENTED: an older server lacks a call", async () => {
  const calls = await client(await olderServer());
  const error = await refused(Code.Unimplemented, 5_000, () => calls.registry.resolve({ reference: "models:/m@a" }));
  assert.match(error.message, /does not have this call: is it Runlore, and as new as this client\?/);
});

test("TLS: another name than the certificate's, or an unknown authority, is refused at once", async () => {
  const tls = join(TOP, "tests/data/tls");
  const certificate = join(tls, "localhost.crt");
  const flags = ["--tls-cert", certificate, "--tls-key", join(tls, "localhost.key"), "--listen", "0.0.0.0:0", "--insecure"];
  const secure = await RealServer.start(...flags);
  const port = secure.address.split(":")[1];
  const named = await client(`127.0.0.1:${port}`, { tls: true, ca: certificate });
  assert.notEqual((await named.server.getServerInfo({})).logId, "");
  const misnamed = await client(`127.0.0.2:${port}`, { tls: true, ca: certificate });
  const error = await refused(Code.Unavailable, 5_000, () => misnamed.server.getServerInfo({}));
  assert.match(error.message, /TLS failed.*(altnames|Hostname)/i);
  const unknown = await client(`127.0.0.1:${port}`, { tls: true });
  assert.match((await refused(Code.Unavailable, 5_000, () => unknown.server.getServerInfo({}))).message, /TLS failed/);
  const plain = await client(server.address, { tls: true });
  await refused(Code.Unavailable, 5_000, () => plain.server.getServerInfo({}));
});

test("a corrupt download leaves nothing", async () => {
  const calls = await client(server.address, { workspace: "corrupt" });
  const [source, target] = [await folder(), await folder()];
  await writeFile(join(source, "weights"), "0123456789");
  await calls.push(source, "m");
  const { response } = await calls.resolve({ reference: "models:/m/1", includeFiles: true });
  const artifacts = join(server.data, "artifacts");
  const blobs = await readdir(artifacts, { recursive: true });
  const blob = join(artifacts, blobs.find((name) => name.endsWith(response.files[0]?.sha256 ?? "?")) ?? "?");
  await writeFile(blob, (await readFile(blob, "utf8")).replace("5", "6"));
  const error = await refused(Code.DataLoss, 10_000, () => calls.pull("models:/m/1", join(target, "out")));
  assert.equal(error.reason, "DIGEST_MISMATCH");
  assert.equal(error.metadata["path"], "weights");
  assert.deepEqual(await readdir(target), []);
});

test("a process that has used a client, and left streams and calls half-way, ends by itself", async () => {
  const program = `
    import { connect } from "runlore";
    const client = connect(process.argv[1], { protocol: process.argv[2] });
    await client.server.getServerInfo({});
    for await (const _ of client.events.watch({}, { timeoutMs: 60_000 })) break;
    for await (const _ of client.watch({ checkpointInterval: { seconds: 1n } }, { signal: AbortSignal.timeout(300) })) break;`;
  for (const protocol of PROTOCOLS) {
    const address = protocol === "grpc" ? server.address : server.webAddress;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, address, protocol], {
      cwd: HERE,
      env: ENVIRONMENT,
      stdio: ["ignore", "inherit", "pipe"],
    });
    let words = "";
    child.stderr.on("data", (data: Buffer) => (words += data.toString()));
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const [code] = (await once(child, "exit")) as [number | null];
    clearTimeout(timer);
    assert.match(words, /RunloreError: the call was cancelled/);
    assert.equal(code, 1, `${protocol} did not end: ${words}`);
  }
});

test("a closed client leaves no socket", async () => {
  const calls = connect(server.address, { actor: "" });
  await calls.tracking.searchRuns({});
  const begun = calls.events.watch({})[Symbol.asyncIterator]();
  await begun.next();
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  const before = sockets();
  calls.close();
  await refused(Code.Canceled, 1_000, async () => {
    for (let next = await begun.next(); !next.done; next = await begun.next());
  });
  await eventually(() => sockets() < before);
});
