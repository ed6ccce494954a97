/** From a generated service to its calls: metadata, deadline, retries and typed errors around each of them. */

import type {
  DescMessage,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { createClient, makeAnyClient, type CallOptions, type Client, type Transport } from "@connectrpc/connect";

import { fromCall, RunloreError } from "./errors.js";
import { Attempts, isSafe, sleep, TRIED_BY_CALLER, withRequestId } from "./retry.js";
import { type ConnectOptions, ownHeaders, type Place, timeoutOf } from "./settings.js";

/** Makes calls to one server. */
export class Caller {
  readonly place: Place;
  readonly workspace: string;
  readonly timeoutMs: number;
  readonly #transport: Transport;
  readonly #headers: [string, string][];
  readonly #metadata: ConnectOptions["metadata"];
  readonly #closing = new AbortController();

  constructor(place: Place, transport: Transport, options: ConnectOptions) {
    this.place = place;
    this.workspace = options.workspace ?? "";
    this.timeoutMs = timeoutOf(options);
    this.#transport = transport;
    this.#headers = ownHeaders(options);
    this.#metadata = options.metadata;
  }

  /** Ends all calls as cancelled, those to come too. */
  close(): void {
    this.#closing.abort(new DOMException("the client was closed", "AbortError"));
  }

  /**
   * Returns a service's calls.
   *
   * As Connect's own createClient, but for streams of the server: leaving a `for await` over one cancels its call, and
   * the call begins when it is first read.
   */
  service<S extends DescService>(service: S): Client<S> {
    const direct: Record<string, unknown> = createClient(service, this.#transport);
    return makeAnyClient(service, (method) => {
      switch (method.methodKind) {
        case "unary":
          return (request, options) => this.#unary(method, request, options);
        case "server_streaming":
          return (request, options) => this.#serverStream(method, request, options);
        case "client_streaming":
          return (requests, options) => this.#clientStream(direct[method.localName] as ClientStreaming, requests, options);
        case "bidi_streaming":
          return (requests, options) => this.#bothStreams(direct[method.localName] as BothStreaming, requests, options);
      }
    }) as Client<S>;
  }

  #unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    init: MessageInitShape<I>,
    options: CallOptions = {},
  ): Promise<MessageShape<O>> {
    const request = withRequestId(method.input, init);
    return this.#during(options, this.timeoutMs, async (call) => {
      const response = await this.#try(isSafe(method, request), call, (timeoutMs, headers) =>
        this.#transport.unary(method, call.signal, timeoutMs, headers, request, options.contextValues),
      );
      options.onHeader?.(response.header);
      options.onTrailer?.(response.trailer);
      return response.message;
    });
  }

  #serverStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    init: MessageInitShape<I>,
    options: CallOptions = {},
  ): AsyncGenerator<MessageShape<O>, void> {
    const request = withRequestId(method.input, init);
    return this.#read(options, this.timeoutMs, async (call) => {
      // What was sent on is not asked for again: only the beginning is tried twice.
      const safe = isSafe(method, request) && !options.contextValues?.get(TRIED_BY_CALLER);
      const response = await this.#try(safe, call, (timeoutMs, headers) =>
        this.#transport.stream(method, call.signal, timeoutMs, headers, once(request), options.contextValues),
      );
      options.onHeader?.(response.header);
      return { messages: response.message, ended: () => options.onTrailer?.(response.trailer) };
    });
  }

  #clientStream(direct: ClientStreaming, requests: AsyncIterable<unknown>, options: CallOptions = {}) {
    return this.#during(options, this.timeoutMs, async (call) =>
      direct(requests, { ...options, ...(await this.#optionsOf(call)) }),
    );
  }

  /** May last for days, and has no deadline unless one is given. */
  #bothStreams(direct: BothStreaming, requests: AsyncIterable<unknown>, options: CallOptions = {}) {
    return this.#read(options, 0, async (call) => ({
      messages: direct(requests, { ...options, ...(await this.#optionsOf(call)) }),
    }));
  }

  async *#read<T>(
    options: CallOptions,
    timeoutMs: number,
    begin: (call: Call) => Promise<{ messages: AsyncIterable<T>; ended?: () => void }>,
  ): AsyncGenerator<T, void> {
    const call = new Call(this.#closing.signal, options, timeoutMs);
    let messages: AsyncIterator<T> | undefined;
    try {
      const begun = await begin(call);
      messages = begun.messages[Symbol.asyncIterator]();
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        yield next.value;
      }
      begun.ended?.();
    } catch (error) {
      throw this.#translate(error, call);
    } finally {
      call.end();
      // Connect stops a call's timer when its messages end, and has no other way to be told.
      messages?.next().catch(() => undefined);
    }
  }

  async #during<T>(options: CallOptions, timeoutMs: number, work: (call: Call) => Promise<T>): Promise<T> {
    const call = new Call(this.#closing.signal, options, timeoutMs);
    try {
      return await work(call);
    } catch (error) {
      throw this.#translate(error, call);
    } finally {
      call.end();
    }
  }

  async #try<T>(safe: boolean, call: Call, once: (timeoutMs: number, headers: Headers) => Promise<T>): Promise<T> {
    const attempts = new Attempts(safe, call.timeoutMs);
    for (;;) {
      try {
        return await once(attempts.remainingMs(), await this.#headersOf(call));
      } catch (error) {
        const failure = this.#translate(error, call);
        const pauseMs = attempts.pauseAfter(failure);
        if (pauseMs === undefined) {
          throw failure;
        }
        await sleep(pauseMs, call.signal);
      }
    }
  }

  async #optionsOf(call: Call) {
    const timeoutMs = new Attempts(false, call.timeoutMs).remainingMs();
    return { signal: call.signal, timeoutMs, headers: await this.#headersOf(call) };
  }

  async #headersOf(call: Call): Promise<Headers> {
    const headers = new Headers(this.#headers);
    for (const more of [await this.#metadata?.(), call.options.headers]) {
      new Headers(more).forEach((value, name) => headers.set(name, value));
    }
    return headers;
  }

  #translate(error: unknown, call: Call): RunloreError {
    return fromCall(error, { address: this.place.address, timeoutMs: call.timeoutMs, signal: call.signal });
  }
}

/** One call: its own way of being cancelled, which ends with it. */
class Call {
  readonly options: CallOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #above: AbortSignal[];

  constructor(closing: AbortSignal, options: CallOptions, defaultTimeoutMs: number) {
    this.options = options;
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.signal = this.#controller.signal;
    this.#above = options.signal ? [closing, options.signal] : [closing];
    for (const signal of this.#above) {
      signal.addEventListener("abort", this.#stop);
      if (signal.aborted) {
        this.#controller.abort(signal.reason);
      }
    }
  }

  /** Lets go of the connection: a reader that stops half-way must not leave the server sending. */
  end(): void {
    for (const signal of this.#above) {
      signal.removeEventListener("abort", this.#stop);
    }
    this.#controller.abort();
  }

  readonly #stop = (event: Event): void => {
    this.#controller.abort((event.target as AbortSignal).reason);
  };
}

type ClientStreaming = (requests: AsyncIterable<unknown>, options: CallOptions) => Promise<unknown>;
type BothStreaming = (requests: AsyncIterable<unknown>, options: CallOptions) => AsyncIterable<unknown>;

async function* once<T>(message: T): AsyncGenerator<T, void> {
  yield message;
}
