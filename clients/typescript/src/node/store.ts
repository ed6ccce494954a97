/** Bytes straight between this client and an object store, over presigned URLs. */

import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";

/** How long the store may keep a transfer waiting. */
const TIMEOUT_MS = 60_000;

/** The object store could not be reached, or did not take or give the bytes. */
export class StoreError extends Error {
  /** The HTTP status that it answered with; 0 without an answer. */
  readonly status: number;

  constructor(message: string, status = 0) {
    super(message);
    this.status = status;
  }

  /** Whether another URL may do: this one is too old, or not for us. */
  get expired(): boolean {
    return this.status === 401 || this.status === 403;
  }

  /** Whether the store will not have these bytes: they are not those that the URL was signed for. */
  get refused(): boolean {
    return this.status === 400;
  }

  /** Whether it makes no sense to ask the store for anything more. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** Connections to object stores, kept open from one transfer to the next. */
export class ObjectStore {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;

  /** `ca`: PEM certificates to trust in place of the system's. */
  constructor(ca: Buffer | undefined) {
    this.#https = new HttpsAgent({ keepAlive: true, ...(ca && { ca }) });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  /** Stores bytes; the headers are part of the URL's signature. Rejects with StoreError. */
  async put(
    url: string,
    headers: Record<string, string>,
    size: number,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const named = Object.keys(headers).some((name) => name.toLowerCase() === "content-length");
    const response = await this.#send(url, "PUT", named ? headers : { ...headers, "content-length": size }, signal, (request) =>
      pipeline(bytes, request, { signal }),
    );
    response.resume();
    await settled(response, url);
  }

  /** Yields the bytes of a blob. Throws StoreError. */
  async *get(url: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const response = await this.#send(url, "GET", {}, signal, async (request) => void request.end());
    try {
      yield* response as AsyncIterable<Buffer>;
    } catch (error) {
      throw failed(url, error, response.statusCode);
    }
  }

  #send(
    url: string,
    method: string,
    headers: Record<string, string | number>,
    signal: AbortSignal,
    write: (request: ClientRequest) => Promise<void>,
  ): Promise<IncomingMessage> {
    const secure = url.startsWith("https:");
    const agent = secure ? this.#https : this.#http;
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method,
        headers,
        agent,
        signal,
        timeout: TIMEOUT_MS,
      });
      request.on("timeout", () => request.destroy(new Error("it took too long")));
      request.on("error", (error) => reject(failed(url, error)));
      request.on("response", (response) => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) {
          resolve(response);
          return;
        }
        response.resume();
        reject(new StoreError(`the object store answered ${status} ${response.statusMessage ?? ""}`, status));
      });
      // A store that will not have the bytes may hang up before it has all of them: its answer says why.
      write(request).catch((error: unknown) => setTimeout(() => reject(failed(url, error)), 1_000).unref());
    });
  }
}

function settled(response: IncomingMessage, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once("end", resolve);
    response.once("error", (error) => reject(failed(url, error, response.statusCode)));
  });
}

/** Neither the URL nor its signature belongs in a message. */
function failed(url: string, error: unknown, status = 0): StoreError {
  const word = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
  return new StoreError(`the object store at ${new URL(url).host} cannot be used: ${word}`, status);
}
