/**
 * Which calls are tried again, when, and for how long: the one place that decides it.
 *
 * A call is tried again when it failed in a way that a later try may cure, when trying twice cannot do its work twice,
 * and when its deadline leaves time. Twice is safe where the contract says so: by a method's `idempotency_level`, or by
 * a `request_id`, under which the server keeps its first answer.
 */

import {
  clone,
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { Code, createContextKey } from "@connectrpc/connect";

import { isTlsFailure, RunloreError } from "./errors.js";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;
/** Tries of a call that met a limit, where nobody said when there is room again. */
const MOST_AT_A_LIMIT = 5;
/** The longest delay that timers know. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Set for a call whose caller tries again by itself, and wants to hear of each failure. */
export const TRIED_BY_CALLER = createContextKey(false);

/** The tries of one call. */
export class Attempts {
  /** Milliseconds that the call has in all; undefined: no end. */
  readonly timeoutMs: number | undefined;
  readonly #safe: boolean;
  readonly #end: number;
  readonly #longestPauseMs: number;
  #pauseMs = FIRST_PAUSE_MS;
  #failures = 0;

  constructor(safe: boolean, timeoutMs: number, longestPauseMs = LONGEST_PAUSE_MS) {
    const endless = timeoutMs <= 0 || timeoutMs > LONGEST_TIMER_MS;
    this.timeoutMs = endless ? undefined : timeoutMs;
    this.#safe = safe;
    this.#end = endless ? Infinity : performance.now() + timeoutMs;
    this.#longestPauseMs = longestPauseMs;
  }

  /** Returns the milliseconds left for the next try, as Connect wants them: 0 for no end. */
  remainingMs(): number {
    return this.timeoutMs === undefined ? 0 : Math.max(1, Math.ceil(this.#end - performance.now()));
  }

  /** Returns the milliseconds to wait before the next try; undefined when there is to be none. */
  pauseAfter(error: RunloreError): number | undefined {
    this.#failures++;
    if (!this.#safe || !this.#isCurable(error)) {
      return undefined;
    }
    // Jitter over the upper half: fully random pauses can come out so short that they burn the tries of a restart.
    const pauseMs = Math.max(this.#pauseMs * (0.5 + Math.random() / 2), error.retryAfterMs ?? 0);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#longestPauseMs);
    return performance.now() + pauseMs < this.#end ? pauseMs : undefined;
  }

  #isCurable(error: RunloreError): boolean {
    if (error.retryAfterMs !== undefined) {
      return true;
    }
    if (error.code === Code.ResourceExhausted) {
      // With a reason, it is the request that is too large.
      return error.reason === "" && this.#failures < MOST_AT_A_LIMIT;
    }
    return error.code === Code.Unavailable && !isTlsFailure(error);
  }
}

/** Returns the message of a request, its `request_id` filled in when it has one that is empty. */
export function withRequestId<I extends DescMessage>(schema: I, init: MessageInitShape<I>): MessageShape<I> {
  const message = create(schema, init);
  if (requestId(message) !== "") {
    return message;
  }
  // Never the caller's own message.
  const filled = clone(schema, message);
  (filled as { requestId?: string }).requestId = randomHex(16);
  return filled;
}

/** Whether a request may be sent twice. */
export function isSafe(method: DescMethod, request: object): boolean {
  const level = method.idempotency;
  return level === Idempotency.NO_SIDE_EFFECTS || level === Idempotency.IDEMPOTENT || !!requestId(request);
}

/** Waits; rejects with the signal's reason when it is aborted before. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function requestId(request: object): string | undefined {
  return (request as { requestId?: string }).requestId;
}

function randomHex(bytes: number): string {
  // Not randomUUID: browsers have it on secure pages only.
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}
