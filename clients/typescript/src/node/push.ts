/** A push, from a local folder to a model's next version. What is stored is not sent again, so one that was cut goes on. */

import { create } from "@bufbuild/protobuf";

import type { Client } from "../client.js";
import { fromCall, RunloreError } from "../errors.js";
import { Attempts, sleep } from "../retry.js";
import { type FileEntry, type ModelVersion, type UploadTarget, WriteBlobRequestSchema } from "../v1.js";
import { bytesOf, checkUnchanged, hash, type LocalBlob, scan } from "./files.js";
import { forEach } from "./parallel.js";
import type { Around } from "./resolve.js";
import { ObjectStore, StoreError } from "./store.js";

/** What `push` takes beside the folder and the model. */
export interface PushOptions {
  signal?: AbortSignal;
  description?: string;
  tags?: Record<string, string>;
}

/** What came of a push. */
export interface Pushed {
  readonly version: ModelVersion;
  readonly manifestDigest: string;
  /** How many bytes were sent, and how many were stored already or were in the folder twice. */
  readonly sentBytes: number;
  readonly savedBytes: number;
}

const AT_ONCE = 8;
/** Blobs asked about at once: few enough that their URLs are used before they expire. */
const BLOBS_A_CALL = 250;
/** Files registered at once, as the contract caps them. */
const FILES_A_CALL = 10_000;
/** Chunks registered at once: with their digests well under a message's 32 MiB. */
const CHUNKS_A_CALL = 100_000;
/** How often a blob is sent to the store before the server is asked to pass it on. */
const STORE_TRIES = 3;
/** For one try at the up to 16 MiB of a blob through the server: a slow line is not an error. */
export const BLOB_TIMEOUT_MS = 600_000;
/** To ask how much of a blob arrived; it may as well be sent again. */
const STATUS_TIMEOUT_MS = 5_000;

export async function push(
  client: Client,
  around: Around,
  folder: string,
  modelName: string,
  { signal, description = "", tags = {} }: PushOptions,
): Promise<Pushed> {
  const upload = new Upload(client, around, signal);
  try {
    const entries = await upload.send(folder);
    const manifestDigest = await upload.manifest(entries);
    const version = await upload.register({ modelName, manifestDigest, description, tags });
    const total = entries.reduce((sum, entry) => sum + Number(entry.size), 0);
    return { version, manifestDigest, sentBytes: upload.sentBytes, savedBytes: total - upload.sentBytes };
  } catch (error) {
    throw signal?.aborted ? fromCall(error, { address: client.address, timeoutMs: undefined, signal }) : error;
  } finally {
    upload.close();
  }
}

class Upload {
  sentBytes = 0;
  readonly #client: Client;
  readonly #around: Around;
  readonly #signal: AbortSignal;
  readonly #store: ObjectStore;
  /** Whether this client has a way to the object store. */
  #direct = true;

  constructor(client: Client, around: Around, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#around = around;
    this.#signal = signal ?? new AbortController().signal;
    this.#store = new ObjectStore(around.ca);
  }

  close(): void {
    this.#store.close();
  }

  /** Hashes the files, sends the blobs that are not stored, and returns the files as a manifest has them. */
  async send(folder: string): Promise<FileEntry[]> {
    const files = await scan(folder);
    const entries: FileEntry[] = [];
    const seen = new Set<string>();
    let waiting: LocalBlob[] = [];
    for (const file of files) {
      this.#signal.throwIfAborted();
      const { entry, blobs } = await hash(file);
      entries.push(entry);
      for (const blob of blobs) {
        if (!seen.has(blob.sha256)) {
          seen.add(blob.sha256);
          waiting.push(blob);
        }
      }
      while (waiting.length >= BLOBS_A_CALL) {
        await this.#sendMissing(waiting.slice(0, BLOBS_A_CALL));
        waiting = waiting.slice(BLOBS_A_CALL);
      }
    }
    await this.#sendMissing(waiting);
    for (const file of files) {
      await checkUnchanged(file);
    }
    return entries;
  }

  /** Stores a manifest of files whose blobs are stored, and returns its digest. */
  async manifest(entries: FileEntry[]): Promise<string> {
    let digest = "";
    for (const files of calls(entries)) {
      const request = { baseDigest: digest, files };
      digest = (await this.#client.artifacts.createManifest(request, { signal: this.#signal })).manifest?.digest ?? "";
    }
    return digest;
  }

  /** Registers a version, and the model with it when it is not there. */
  async register(wanted: {
    modelName: string;
    manifestDigest: string;
    description: string;
    tags: Record<string, string>;
  }): Promise<ModelVersion> {
    const { modelName, manifestDigest, description, tags } = wanted;
    const signal = this.#signal;
    const create = async () => {
      const source = { case: "manifestDigest", value: manifestDigest } as const;
      const made = await this.#client.registry.createModelVersion({ modelName, source, description, tags }, { signal });
      return made.modelVersion as ModelVersion;
    };
    try {
      return await create();
    } catch (error) {
      if (!hasReason(error, "MODEL_NOT_FOUND")) {
        throw error;
      }
    }
    try {
      await this.#client.registry.createRegisteredModel({ name: modelName }, { signal });
    } catch (error) {
      if (!hasReason(error, "MODEL_EXISTS")) {
        throw error;
      }
    }
    return create();
  }

  async #sendMissing(blobs: LocalBlob[]): Promise<void> {
    if (blobs.length > 0) {
      const targets = await this.#prepare(blobs);
      const missing = blobs.map((blob, i) => [blob, targets[i] as UploadTarget] as const).filter(([, to]) => !to.stored);
      await forEach(missing, AT_ONCE, this.#signal, ([blob, target], signal) => this.#send(blob, target, signal));
    }
  }

  async #prepare(blobs: LocalBlob[]): Promise<UploadTarget[]> {
    const specs = blobs.map(({ sha256, size }) => ({ sha256, size: BigInt(size) }));
    return (await this.#client.artifacts.prepareUpload({ blobs: specs }, { signal: this.#signal })).targets;
  }

  async #send(blob: LocalBlob, target: UploadTarget, signal: AbortSignal): Promise<void> {
    if (!(await this.#sendToStore(blob, target, signal))) {
      await this.#sendThroughServer(blob, signal);
    }
    this.sentBytes += blob.size;
  }

  /** Returns whether the blob is stored; false where the server had better do it. */
  async #sendToStore(blob: LocalBlob, first: UploadTarget, signal: AbortSignal): Promise<boolean> {
    let target = first;
    for (let attempt = 0; attempt < STORE_TRIES && target.url !== "" && this.#direct; attempt++) {
      try {
        await this.#store.put(target.url, target.headers, blob.size, bytesOf(blob), signal);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof StoreError)) {
          throw error;
        }
        if (error.unreachable) {
          // This client may have no way to the store; the server has.
          this.#direct = false;
        } else if (error.expired) {
          target = (await this.#prepare([blob]))[0] ?? target;
          if (target.stored) {
            return true;
          }
        } else if (error.refused) {
          await checkUnchanged(blob.local);
          return false;
        } else {
          await sleep(200 * 2 ** attempt, signal);
        }
      }
    }
    return false;
  }

  async #sendThroughServer(blob: LocalBlob, signal: AbortSignal): Promise<void> {
    // Storing a blob twice changes nothing, so the stream may be begun again. The time for tries begins with the first
    // failure, and anew whenever something arrived.
    let attempts: Attempts | undefined;
    for (let start = 0; ; ) {
      try {
        const options = { signal, timeoutMs: BLOB_TIMEOUT_MS };
        await this.#client.artifacts.writeBlob(messages(blob, start), options);
        return;
      } catch (error) {
        await checkUnchanged(blob.local);
        if (!(error instanceof RunloreError)) {
          throw error;
        }
        if (start > 0 && (hasReason(error, "UPLOAD_OFFSET_MISMATCH") || hasReason(error, "DIGEST_MISMATCH"))) {
          // What was kept of an earlier try is gone, or was wrong.
          start = 0;
          continue;
        }
        attempts ??= new Attempts(true, this.#around.timeoutMs);
        const pauseMs = attempts.pauseAfter(error);
        if (pauseMs === undefined) {
          throw error;
        }
        await sleep(pauseMs, signal);
        const kept = await this.#kept(blob, signal);
        if (kept === undefined) {
          return;
        }
        if (kept > start) {
          attempts = undefined;
        }
        start = kept;
      }
    }
  }

  /** Returns how many bytes of a blob the server keeps; undefined when it is stored, not just all there. */
  async #kept(blob: LocalBlob, signal: AbortSignal): Promise<number | undefined> {
    try {
      const options = { signal, timeoutMs: STATUS_TIMEOUT_MS };
      const status = await this.#client.artifacts.getUploadStatus({ sha256: blob.sha256 }, options);
      return status.stored ? undefined : Number(status.keptBytes);
    } catch {
      // What is wrong is told by the next try at the blob itself.
      return 0;
    }
  }
}

async function* messages(blob: LocalBlob, start: number) {
  const spec = { sha256: blob.sha256, size: BigInt(blob.size) };
  yield create(WriteBlobRequestSchema, { content: { case: "blob", value: spec }, offset: BigInt(start) });
  for await (const data of bytesOf(blob, start)) {
    yield create(WriteBlobRequestSchema, { content: { case: "data", value: data } });
  }
}

/** Divides files over as few calls as the caps allow. */
function* calls(entries: FileEntry[]): Generator<FileEntry[], void> {
  let part: FileEntry[] = [];
  let chunks = 0;
  for (const entry of entries) {
    if (part.length === FILES_A_CALL || (part.length > 0 && chunks + entry.chunks.length > CHUNKS_A_CALL)) {
      yield part;
      [part, chunks] = [[], 0];
    }
    part.push(entry);
    chunks += entry.chunks.length;
  }
  yield part;
}

function hasReason(error: unknown, reason: string): boolean {
  return error instanceof RunloreError && error.reason === reason;
}
