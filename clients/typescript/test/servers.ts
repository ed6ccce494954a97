/** Real servers as processes, and things that only look like one. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const TOP = fileURLToPath(new URL("../../../", import.meta.url));
/** The client's folder. */
export const HERE = fileURLToPath(new URL("../", import.meta.url));

const COMMAND = join(TOP, ".venv/bin/runlore-server");
const READY_MS = 240_000;

const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) {
    await end();
  }
});

/** Does something when all tests of the file have ended, what was said last first. */
export function atEnd(work: () => unknown): void {
  ends.push(work);
}

/** What the tests' processes get: nothing that a person's shell may hold. */
export const ENVIRONMENT: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(RUNLORE|AWS)_/.test(name)),
);

/** A folder that goes with the test process. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "runlore-ts-"));
  atEnd(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** One `runlore-server serve`, on ports that it keeps over restarts. */
export class RealServer {
  address = "127.0.0.1:0";
  webAddress = "";
  readonly data: string;
  readonly #flags: string[];
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(data: string, flags: string[], environment: NodeJS.ProcessEnv) {
    this.data = data;
    this.#flags = flags;
    this.#environment = environment;
  }

  static async start(...flags: string[]): Promise<RealServer> {
    return RealServer.startIn({}, ...flags);
  }

  /** Starts it with more variables. */
  static async startIn(environment: NodeJS.ProcessEnv, ...flags: string[]): Promise<RealServer> {
    const server = new RealServer(await folder(), flags, environment);
    atEnd(() => server.kill());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const web = this.#flags.includes("--web-listen") ? [/ web on (https?:\/\/\S+)$/] : [];
    const flags = ["serve", "--listen", this.address, "--data", this.data, ...this.#flags];
    const webPort = flags.indexOf("--web-listen") + 1;
    if (this.webAddress !== "") {
      flags[webPort] = new URL(this.webAddress).host;
    }
    const env = { ...ENVIRONMENT, PYTHONUNBUFFERED: "1", ...this.#environment };
    const process = spawn(COMMAND, flags, { stdio: ["ignore", "pipe", "inherit"], env });
    this.#process = process;
    const lines = createInterface({ input: process.stdout });
    const timer = setTimeout(() => process.kill("SIGKILL"), READY_MS);
    const wanted = [/ ready on (\S+) /, ...web];
    for await (const line of lines) {
      const [, found] = wanted[0]?.exec(line) ?? [];
      if (found !== undefined) {
        wanted.shift();
        if (found.startsWith("http")) {
          this.webAddress = found;
        } else {
          this.address = found;
        }
        if (wanted.length === 0) {
          clearTimeout(timer);
          return;
        }
      }
    }
    throw new Error("the server ended before it was ready");
  }

  /** Ends it as an operator does, draining. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process;
    if (process !== undefined && process.exitCode === null && process.signalCode === null) {
      const ended = once(process, "exit");
      process.kill(signal);
      await ended;
    }
  }
}

/** A real S3 server, as the Python tests have it; `url` is a place in it, `environment` leads a server there. */
export async function s3Server(): Promise<{ url: string; environment: NodeJS.ProcessEnv }> {
  const program = `
import json, sys
from pathlib import Path
from tests.s3 import run_s3_server
with run_s3_server(Path(sys.argv[1])) as server:
    print(json.dumps({"url": server.new_url(), "environment": server.variables()}), flush=True)
    sys.stdin.read()`;
  const python = join(TOP, ".venv/bin/python");
  const child = spawn(python, ["-c", program, await folder()], { cwd: TOP, stdio: ["pipe", "pipe", "inherit"], env: ENVIRONMENT });
  atEnd(async () => {
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return JSON.parse(line) as { url: string; environment: NodeJS.ProcessEnv };
}

/** A port of which each connection is given to `handle`. */
export class Listener {
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(handle: (socket: Socket) => void): Promise<Listener> {
    const server = createServer();
    const listener = new Listener(server);
    server.on("connection", (socket) => {
      listener.sockets.add(socket);
      socket.on("close", () => listener.sockets.delete(socket));
      socket.on("error", () => undefined);
      handle(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(() => listener.close());
    return listener;
  }

  get address(): string {
    const found = this.#server.address();
    return typeof found === "object" && found !== null ? `127.0.0.1:${found.port}` : "";
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
