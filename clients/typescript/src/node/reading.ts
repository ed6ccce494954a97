/** Chunks on their way into a file, from the object store where it signs URLs and can be reached, else through the server. */

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import type { Client } from "../client.js";
import { integrityError, RunloreError } from "../errors.js";
import { Attempts, sleep } from "../retry.js";
import type { Chunk, FileEntry } from "../v1.js";
import { listFiles } from "./listing.js";
import { BLOB_TIMEOUT_MS } from "./push.js";
import type { Around } from "./resolve.js";
import { ObjectStore, StoreError } from "./store.js";

const STORE_TRIES = 3;

/** Reads a manifest's chunks. */
export class BlobReader {
  readonly #client: Client;
  readonly #around: Around;
  readonly #digest: string;
  readonly #store: ObjectStore;
  #direct = true;

  constructor(client: Client, around: Around, digest: string) {
    this.#client = client;
    this.#around = around;
    this.#digest = digest;
    this.#store = new ObjectStore(around.ca);
  }

  close(): void {
    this.#store.close();
  }

  /** Writes a chunk's bytes to their place; rejects with DataLoss when they are not the chunk's. */
  async read(file: FileEntry, number: number, handle: FileHandle, signal: AbortSignal): Promise<void> {
    const chunk = file.chunks[number] as Chunk;
    const sink = new Sink(handle, chunk);
    if ((await this.#fromStore(file, number, sink, signal)) && sink.isGood) {
      return;
    }
    // A proxy in between may have garbled them: the server is asked before they count as damaged.
    sink.restart();
    await this.#fromServer(chunk, sink, signal);
    if (!sink.isGood) {
      throw integrityError(
        `'${file.path}' is damaged: its ${chunk.size} bytes at offset ${chunk.offset} do not have the sha256 ` +
          `${chunk.sha256}; nothing was kept. \`runlore-server fsck --deep\` lists what else is`,
        "DIGEST_MISMATCH",
        { path: file.path, sha256: chunk.sha256 },
      );
    }
  }

  async #fromStore(file: FileEntry, number: number, sink: Sink, signal: AbortSignal): Promise<boolean> {
    let url = file.chunks[number]?.url ?? "";
    for (let attempt = 0; attempt < STORE_TRIES && url !== "" && this.#direct; attempt++) {
      try {
        for await (const piece of this.#store.get(url, signal)) {
          await sink.write(piece);
        }
        return true;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof StoreError)) {
          throw error;
        }
        sink.restart();
        if (error.unreachable) {
          // This client may have no way to the store; the server has.
          this.#direct = false;
        } else if (error.expired) {
          const [renewed] = await listFiles(this.#client, this.#digest, file.path, signal);
          url = renewed?.chunks[number]?.url ?? "";
        } else {
          await sleep(200 * 2 ** attempt, signal);
        }
      }
    }
    return false;
  }

  async #fromServer(chunk: Chunk, sink: Sink, signal: AbortSignal): Promise<void> {
    // The time for tries begins with the first failure, and anew whenever something arrived.
    let attempts: Attempts | undefined;
    for (;;) {
      try {
        const request = { sha256: chunk.sha256, offset: BigInt(sink.size) };
        for await (const { data } of this.#client.artifacts.readBlob(request, { signal, timeoutMs: BLOB_TIMEOUT_MS })) {
          await sink.write(data);
          attempts = undefined;
        }
        return;
      } catch (error) {
        if (!(error instanceof RunloreError)) {
          throw error;
        }
        attempts ??= new Attempts(true, this.#around.timeoutMs);
        const pauseMs = attempts.pauseAfter(error);
        if (pauseMs === undefined) {
          throw error;
        }
        await sleep(pauseMs, signal);
      }
    }
  }
}

/** A chunk's place in a file. What goes beyond the chunk is only counted. */
class Sink {
  size = 0;
  readonly #handle: FileHandle;
  readonly #chunk: Chunk;
  #hash = createHash("sha256");

  constructor(handle: FileHandle, chunk: Chunk) {
    this.#handle = handle;
    this.#chunk = chunk;
  }

  restart(): void {
    this.size = 0;
    this.#hash = createHash("sha256");
  }

  async write(data: Uint8Array): Promise<void> {
    const room = Math.max(0, Number(this.#chunk.size) - this.size);
    const taken = data.subarray(0, room);
    const at = Number(this.#chunk.offset) + this.size;
    this.size += data.length;
    this.#hash.update(data);
    for (let done = 0; done < taken.length; ) {
      done += (await this.#handle.write(taken, done, taken.length - done, at + done)).bytesWritten;
    }
  }

  /** Whether exactly the chunk's bytes came. */
  get isGood(): boolean {
    return this.size === Number(this.#chunk.size) && this.#hash.copy().digest("hex") === this.#chunk.sha256;
  }
}

