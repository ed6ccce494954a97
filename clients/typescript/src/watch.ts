/** A watch that outlives its connections. */

import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, createContextValues } from "@connectrpc/connect";

import type { Client } from "./client.js";
import { fromCall, RunloreError } from "./errors.js";
import { Attempts, sleep, TRIED_BY_CALLER } from "./retry.js";
import { type Event, type WatchRequest, WatchRequestSchema, type WatchResponse } from "./v1.js";

/** What `watch` takes beside its request. */
export interface WatchOptions {
  signal?: AbortSignal;
  /** Told why whenever the watch has lost its server and is about to try again, and undefined once one answers. */
  onStatus?: (problem: RunloreError | undefined) => void;
}

/** Every 10 seconds, a server sends where it stands, unless it is asked for another pace. */
const CHECKPOINT_MS = 10_000;
/** So many checkpoints missing in a row mean that a connection, or its server, is gone without a word. */
const SILENT_CHECKPOINTS = 3;
/** A server that restarts is back soon, and whoever watches wants to know. */
const LONGEST_PAUSE_MS = 1_000;

export async function* watch(
  client: Client,
  timeoutMs: number,
  init: MessageInitShape<typeof WatchRequestSchema>,
  { signal, onStatus }: WatchOptions,
): AsyncGenerator<Event, void> {
  const request = await pinned(client, clone(WatchRequestSchema, create(WatchRequestSchema, init)), signal);
  const silenceMs = silenceOf(request);
  const translate = (error: unknown) => fromCall(error, { address: client.address, timeoutMs, signal });
  let attempts = new Attempts(true, timeoutMs, LONGEST_PAUSE_MS);
  let answered = false;
  for (;;) {
    let failure: RunloreError;
    const stream = new Stream(client, request, signal);
    try {
      for (;;) {
        const response = await stream.next(answered ? silenceMs : attempts.remainingMs());
        if (response === undefined) {
          failure = new RunloreError(`${client.address} ended the stream`, { code: Code.Unavailable });
          break;
        }
        if (stream.isNew) {
          onStatus?.(undefined);
        }
        yield* response.events;
        request.afterPosition = response.position;
        // Once a server has answered, the next one is waited for without an end.
        attempts = new Attempts(true, 0, LONGEST_PAUSE_MS);
        answered = true;
      }
    } catch (error) {
      failure = translate(error);
    } finally {
      stream.end();
    }
    const silent = answered && failure.code === Code.DeadlineExceeded;
    const pauseMs = silent ? 0 : attempts.pauseAfter(failure);
    if (pauseMs === undefined) {
      throw failure;
    }
    onStatus?.(failure);
    try {
      await sleep(pauseMs, signal);
    } catch (error) {
      throw translate(error);
    }
  }
}

/** One call of Watch. */
class Stream {
  /** Whether `next` gave the stream's first response, and no other since. */
  get isNew(): boolean {
    return this.#responded === 1;
  }
  #responded = 0;
  readonly #address: string;
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #responses: AsyncIterator<WatchResponse>;

  constructor(client: Client, request: WatchRequest, signal: AbortSignal | undefined) {
    this.#address = client.address;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#stop);
    const contextValues = createContextValues().set(TRIED_BY_CALLER, true);
    const call = client.events.watch(request, { signal: this.#controller.signal, timeoutMs: 0, contextValues });
    this.#responses = call[Symbol.asyncIterator]();
    if (signal?.aborted) {
      this.#stop();
    }
  }

  /** Returns the next response, undefined at the end; rejects with DeadlineExceeded when it takes longer. */
  async next(patienceMs: number): Promise<WatchResponse | undefined> {
    const silence = new RunloreError(`Runlore at ${this.#address} did not answer within ${patienceMs / 1e3} s`, {
      code: Code.DeadlineExceeded,
    });
    const timer = setTimeout(() => this.#controller.abort(silence), patienceMs);
    try {
      const { done, value } = await this.#responses.next();
      this.#responded++;
      return done ? undefined : value;
    } catch (error) {
      throw this.#controller.signal.reason === silence ? silence : error;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#controller.abort();
  }

  readonly #stop = (): void => this.#controller.abort(this.#signal?.reason);
}

/** Lets a watch be about a model by its id: taken up anew, it must not go on with another model of its name. */
async function pinned(client: Client, request: WatchRequest, signal: AbortSignal | undefined): Promise<WatchRequest> {
  if (request.resource.case === "modelName") {
    const asked = { workspace: request.workspace, name: request.resource.value };
    const { registeredModel } = await client.registry.getRegisteredModel(asked, signal && { signal });
    request.resource = { case: "resourceId", value: registeredModel?.modelId ?? "" };
  }
  return request;
}

/** Returns the milliseconds without a word after which a connection counts as lost. */
function silenceOf(request: WatchRequest): number {
  const asked = request.checkpointInterval;
  const checkpointMs = asked ? Number(asked.seconds) * 1e3 + asked.nanos / 1e6 : CHECKPOINT_MS;
  return SILENT_CHECKPOINTS * Math.max(checkpointMs, CHECKPOINT_MS);
}
