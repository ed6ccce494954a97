/** Runlore for Node. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";

import { Caller } from "./calls.js";
import { Client } from "./client.js";
import { addressOf, authorities, cacheFolder, withEnvironment } from "./node/environment.js";
import { type Pulled, pull, type PullOptions } from "./node/pull.js";
import { type Pushed, push, type PushOptions } from "./node/push.js";
import { type Around, type Resolved, resolve, type ResolveOptions } from "./node/resolve.js";
import { type ConnectOptions, parseAddress, type Place } from "./settings.js";
import type { ResolveRequestSchema } from "./v1.js";

export { Code } from "@connectrpc/connect";
export { Client } from "./client.js";
export { type ErrorParts, type FailedCondition, type FieldViolation, RunloreError } from "./errors.js";
export { CHUNK_BYTES, type ManifestSummary, manifestOf } from "./node/manifest.js";
export type { Pulled, PullOptions } from "./node/pull.js";
export type { Pushed, PushOptions } from "./node/push.js";
export type { Resolved, ResolveOptions } from "./node/resolve.js";
export type { ConnectOptions } from "./settings.js";
export type { WatchOptions } from "./watch.js";

/** What `connect` takes in Node. */
export interface NodeConnectOptions extends ConnectOptions {
  /** `grpc` to the server's own port; `connect` and `grpc-web` to its web port, without streams of requests. */
  protocol?: "grpc" | "connect" | "grpc-web";
  /** A file of PEM certificates to trust in place of the system's. Default: `RUNLORE_CA`. */
  ca?: string;
  /** Where answers are kept for when the server is away. Default: `RUNLORE_CACHE`, else `~/.cache/runlore`. */
  cache?: string;
}

/** Finds a connection that a firewall dropped silently, while a call waits on it. */
const KEEPALIVE = { pingIntervalMs: 60_000, pingTimeoutMs: 20_000 };
/**
 * ServerLimits.max_message_bytes of every server so far. What is larger is refused before it is sent: a server that has
 * refused it reads no more, and Node would wait for room to send the rest.
 */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * Returns a client of the server at `host:port`, or at a URL; without either, of `RUNLORE_ADDRESS`, else 127.0.0.1:7410.
 *
 * Nothing is sent before the first call. Throws RunloreError for an address or option that cannot be right.
 */
export function connect(address?: string, options: NodeConnectOptions = {}): NodeClient {
  const named = addressOf(address);
  const filled = withEnvironment(options);
  const place = parseAddress(named.field, named.address, filled.tls, "7410");
  const ca = authorities(options.ca);
  const line = options.protocol === "connect" || options.protocol === "grpc-web" ? webLine : grpcLine;
  return new NodeClient(place, filled, cacheFolder(options.cache), ca, line(place, filled, ca));
}

/** A client with what needs a disk. */
export class NodeClient extends Client {
  readonly #line: Line;
  readonly #cache: string;
  readonly #ca: Buffer | undefined;

  /** Use `connect`. */
  constructor(place: Place, options: NodeConnectOptions, cache: string, ca: Buffer | undefined, line: Line) {
    super(new Caller(place, line.transport, options));
    this.#line = line;
    this.#cache = cache;
    this.#ca = ca;
  }

  /**
   * Returns the version behind a reference, such as `models:/ctr@champion`; the last answer that was had, when no server
   * answers.
   *
   * The answer's history has to go on from the one that this machine saw last, else it rejects with DataLoss.
   */
  resolve(
    reference: string | MessageInitShape<typeof ResolveRequestSchema>,
    options: ResolveOptions = {},
  ): Promise<Resolved> {
    return resolve(this, this.#around(), reference, options);
  }

  /**
   * Downloads the files of a reference, such as `models:/ctr@champion`, `runs:/<run_id>/<path>` or `manifests:<digest>`,
   * into a folder, every byte verified; the folder appears at once, complete.
   *
   * The folder must be new, empty, or hold exactly these files: then it is verified, and nothing is downloaded. When no
   * server answers, such a folder is what there is to boot from. Rejects with DataLoss for bytes that are not what they
   * should be, and with Node's own errors where the disk refuses.
   */
  pull(reference: string, destination: string, options: PullOptions = {}): Promise<Pulled> {
    return pull(this, this.#around(), reference, destination, options);
  }

  /**
   * Uploads a folder and registers it as a model's next version, the model with it when it is not there yet.
   *
   * Files are cut into chunks of 16 MiB, and those that are stored already are not sent again, so that a push that was cut
   * goes on. Nothing is visible before all is there. Needs gRPC where the server's object store signs no URLs.
   */
  push(folder: string, modelName: string, options: PushOptions = {}): Promise<Pushed> {
    return push(this, this.#around(), folder, modelName, options);
  }

  override close(): void {
    super.close();
    this.#line.close();
  }

  #around(): Around {
    const { workspace, timeoutMs } = this.caller;
    return { workspace, timeoutMs, cache: this.#cache, ca: this.#ca };
  }
}

interface Line {
  readonly transport: Transport;
  close(): void;
}

function grpcLine(place: Place, options: NodeConnectOptions, ca: Buffer | undefined): Line {
  const session = new Http2SessionManager(place.url, KEEPALIVE, ca && { ca });
  const transport = createGrpcTransport({
    baseUrl: place.url,
    sessionManager: session,
    writeMaxBytes: MAX_MESSAGE_BYTES,
    interceptors: options.interceptors ?? [],
  });
  return { transport, close: () => session.abort() };
}

function webLine(place: Place, options: NodeConnectOptions, ca: Buffer | undefined): Line {
  const agent = place.url.startsWith("https:")
    ? new HttpsAgent({ keepAlive: true, ...(ca && { ca }) })
    : new HttpAgent({ keepAlive: true });
  const make = options.protocol === "grpc-web" ? createGrpcWebTransport : createConnectTransport;
  const transport = make({
    baseUrl: place.url,
    httpVersion: "1.1",
    nodeOptions: { agent },
    writeMaxBytes: MAX_MESSAGE_BYTES,
    interceptors: options.interceptors ?? [],
  });
  return { transport, close: () => agent.destroy() };
}
