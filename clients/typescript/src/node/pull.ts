/** A pull, from a reference to a local folder, which appears at once, every byte verified. */

import { chmod, type FileHandle, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve as absolute } from "node:path";

import { Code } from "@connectrpc/connect";

import type { Client } from "../client.js";
import { fromCall, integrityError, RunloreError } from "../errors.js";
import type { FileEntry, GetManifestRequest } from "../v1.js";
import { checkFiles, holds, keepFiles, keptFiles, listFiles, sha256Of } from "./listing.js";
import { forEach } from "./parallel.js";
import { BlobReader } from "./reading.js";
import { parseReference } from "./references.js";
import { type Around, resolve } from "./resolve.js";

/** What `pull` takes beside the reference and the folder. */
export interface PullOptions {
  signal?: AbortSignal;
  /** Whether a folder that is there, with what the reference stood for, may do when no server answers. Default true. */
  fallback?: boolean;
  /** As for `resolve`. */
  acceptHead?: boolean;
}

/** What came of a pull. */
export interface Pulled {
  /** The folder. */
  readonly path: string;
  readonly manifestDigest: string;
  /** Of a model: its version; else 0. */
  readonly version: bigint;
  /** Whether no server answered, and these are the files of an earlier answer. */
  readonly fromCache: boolean;
}

const AT_ONCE = 8;

export async function pull(
  client: Client,
  around: Around,
  reference: string,
  destination: string,
  options: PullOptions,
): Promise<Pulled> {
  const { signal } = options;
  try {
    const { digest, version, fromCache } = await locate(client, around, reference, options);
    const path = absolute(destination);
    const kept = await keptFiles(around.cache, digest);
    if (kept === undefined || !(await holds(path, kept))) {
      const files = await listFiles(client, digest, "", signal);
      checkFiles(digest, files);
      if (kept !== undefined || !(await holds(path, files))) {
        await download(new BlobReader(client, around, digest), files, path, signal);
      }
      await keepFiles(around.cache, digest, files);
    }
    return { path, manifestDigest: digest, version, fromCache };
  } catch (error) {
    throw signal?.aborted ? fromCall(error, { address: client.address, timeoutMs: undefined, signal }) : error;
  }
}

async function locate(client: Client, around: Around, reference: string, options: PullOptions) {
  const { kind, name, path } = parseReference(reference);
  const calls = options.signal && { signal: options.signal };
  let located = { digest: kind === "manifest" ? name : "", version: 0n, fromCache: false };
  if (kind === "model") {
    const { response, fromCache } = await resolve(client, around, name, options);
    const { manifestDigest = "", version = 0n } = response.modelVersion ?? {};
    located = { digest: manifestDigest, version, fromCache };
  }
  if (located.digest !== "" && path === "") {
    return located;
  }
  const source: GetManifestRequest["source"] =
    kind === "run" ? { case: "runId", value: name } : { case: "manifestDigest", value: located.digest };
  const { manifest } = await client.artifacts.getManifest({ source, path, pageSize: 1 }, calls);
  return { ...located, digest: manifest?.digest ?? "" };
}

async function download(
  reader: BlobReader,
  files: FileEntry[],
  destination: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(dirname(destination), { recursive: true });
  // Beside it, so that a rename moves it into place.
  const scratch = await mkdtemp(join(dirname(destination), `.${basename(destination)}-`));
  const incoming = files.map((file) => new Incoming(join(scratch, file.path), file));
  try {
    for (const folder of new Set(files.map((file) => dirname(file.path)))) {
      await mkdir(join(scratch, folder), { recursive: true });
    }
    await forEach(parts(incoming), AT_ONCE, signal, ([file, number], stop) => file.bring(number, reader, stop));
    await chmod(scratch, 0o777 & ~process.umask());
    await rename(scratch, destination);
  } finally {
    reader.close();
    await Promise.all(incoming.map((file) => file.close()));
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Yields what there is to do: each chunk of each file, by its number; an empty file has its number 0 too. */
function* parts(files: Incoming[]): Generator<[Incoming, number], void> {
  for (const file of files) {
    for (let number = 0; number < Math.max(1, file.entry.chunks.length); number++) {
      yield [file, number];
    }
  }
}

/** A file that is being downloaded, whose chunks may come in any order. */
class Incoming {
  readonly entry: FileEntry;
  readonly #path: string;
  #handle: Promise<FileHandle> | undefined;
  #left: number;

  constructor(path: string, entry: FileEntry) {
    this.entry = entry;
    this.#path = path;
    this.#left = Math.max(1, entry.chunks.length);
  }

  /** Downloads a chunk; the last one to come completes the file. */
  async bring(number: number, reader: BlobReader, signal: AbortSignal): Promise<void> {
    this.#handle ??= open(this.#path, "wx").catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? samePlace(this.entry.path) : error;
    });
    const handle = await this.#handle;
    if (number < this.entry.chunks.length) {
      await reader.read(this.entry, number, handle, signal);
    }
    if (--this.#left === 0) {
      await handle.chmod(this.entry.mode === 0o755 ? 0o755 : 0o644);
      await this.close();
      await checkWhole(this.#path, this.entry);
    }
  }

  async close(): Promise<void> {
    const handle = await this.#handle?.catch(() => undefined);
    this.#handle = undefined;
    await handle?.close();
  }
}

async function checkWhole(path: string, file: FileEntry): Promise<void> {
  // A single chunk is the whole, and was verified.
  if (file.chunks.length > 1 && (await sha256Of(path)) !== file.sha256) {
    throw integrityError(
      `'${file.path}' does not have the sha256 ${file.sha256} that its uploader claimed: nothing was kept. Whoever made ` +
        "it has to upload it again",
      "DIGEST_MISMATCH",
      { path: file.path, sha256: file.sha256 },
    );
  }
}

function samePlace(path: string): RunloreError {
  return new RunloreError(`'${path}' cannot be stored here: on this disk another file of the tree has the same name`, {
    code: Code.FailedPrecondition,
    reason: "PATH_UNSUPPORTED",
    metadata: { path },
  });
}
