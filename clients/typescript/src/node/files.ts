/** Local files on their way up: which belong to an upload, and whether they are as they were. */

import { createHash } from "node:crypto";
import { type BigIntStats, createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { invalidField, RunloreError } from "../errors.js";
import { type FileEntry, FileEntrySchema } from "../v1.js";
import { byBytes, checkPath, CHUNK_BYTES } from "./manifest.js";

/** Bytes read at once. */
export const PIECE_BYTES = 1024 * 1024;

/** A file that an upload has: where it is, and the path that it gets. */
export interface LocalFile {
  readonly file: string;
  readonly path: string;
  readonly found: BigIntStats;
}

/** A chunk of a local file. */
export interface LocalBlob {
  readonly local: LocalFile;
  readonly offset: number;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Returns every file of a folder, by the bytes of their paths. Reads no file; refuses what has no place.
 *
 * Links within the folder are followed.
 */
export async function scan(folder: string): Promise<LocalFile[]> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory()) {
    throw invalidField("folder", `'${folder}' is not a folder`);
  }
  const files: LocalFile[] = [];
  for await (const local of walk(folder, root, "", [])) {
    files.push(local);
  }
  if (files.length === 0) {
    throw invalidField("folder", `'${folder}' has no files: a version is made of files`);
  }
  return files.sort((a, b) => byBytes(a.path, b.path));
}

/** Hashes a file; rejects with Aborted when it changes meanwhile. */
export async function hash(local: LocalFile): Promise<{ entry: FileEntry; blobs: LocalBlob[] }> {
  const size = Number(local.found.size);
  const whole = createHash("sha256");
  const blobs: LocalBlob[] = [];
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    const chunk = createHash("sha256");
    const expected = Math.min(CHUNK_BYTES, size - offset);
    for await (const piece of pieces(local.file, offset, expected)) {
      chunk.update(piece);
      if (size > CHUNK_BYTES) {
        whole.update(piece);
      }
    }
    blobs.push({ local, offset, size: expected, sha256: chunk.digest("hex") });
  }
  await checkUnchanged(local);
  const entry = create(FileEntrySchema, {
    path: local.path,
    size: local.found.size,
    sha256: blobs.length === 1 ? (blobs[0]?.sha256 ?? "") : whole.digest("hex"),
    mode: local.found.mode & 0o100n ? 0o755 : 0o644,
    chunks: blobs.map((blob) => ({ offset: BigInt(blob.offset), size: BigInt(blob.size), sha256: blob.sha256 })),
  });
  return { entry, blobs };
}

/** Yields the bytes of a blob from `start` on; throws Aborted when there are fewer. */
export async function* bytesOf(blob: LocalBlob, start = 0): AsyncGenerator<Buffer, void> {
  let left = blob.size - start;
  for await (const piece of pieces(blob.local.file, blob.offset + start, left)) {
    left -= piece.length;
    yield piece;
  }
  if (left > 0) {
    throw changed(blob.local.file);
  }
}

/** Rejects with Aborted unless the file is as it was when the upload began. */
export async function checkUnchanged(local: LocalFile): Promise<void> {
  const now = await stat(local.file, { bigint: true }).catch(() => undefined);
  const same = (["size", "mtimeNs", "ino", "dev"] as const).every((part) => now?.[part] === local.found[part]);
  if (!same) {
    throw changed(local.file);
  }
}

async function* pieces(file: string, offset: number, size: number): AsyncGenerator<Buffer, void> {
  if (size > 0) {
    yield* createReadStream(file, { start: offset, end: offset + size - 1, highWaterMark: PIECE_BYTES });
  }
}

/** No link may leave `root`, a real path; `above` are the folders on the way, as real paths. */
async function* walk(folder: string, root: string, prefix: string, above: string[]): AsyncGenerator<LocalFile, void> {
  const here = await realpath(folder);
  if (above.includes(here)) {
    throw invalidField("folder", `the link '${folder}' leads back into a folder that holds it`);
  }
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const file = join(folder, item.name);
    if (item.isSymbolicLink()) {
      const target = await realpath(file).catch(() => {
        throw invalidField("folder", `the link '${file}' leads to nothing: remove it`);
      });
      if (!`${target}${sep}`.startsWith(`${root}${sep}`)) {
        throw invalidField("folder", `the link '${file}' leads out of the folder: copy what it points at`);
      }
    }
    const found = await stat(file, { bigint: true });
    const path = `${prefix}${item.name}`;
    if (found.isDirectory()) {
      yield* walk(file, root, `${path}/`, [...above, here]);
    } else if (found.isFile()) {
      check(path);
      yield { file, path, found };
    } else {
      // Opening a pipe would wait for its writer.
      throw invalidField("folder", `'${file}' is neither a file nor a folder`);
    }
  }
}

function check(path: string): void {
  try {
    checkPath(path);
  } catch (error) {
    throw invalidField("folder", (error as Error).message);
  }
  if (path.includes("\ufffd")) {
    throw invalidField("folder", `'${path}' is not UTF-8`);
  }
}

function changed(file: string): RunloreError {
  return new RunloreError(
    `'${file}' changed while it was being uploaded: nothing was registered; try again once nothing writes to it`,
    { code: Code.Aborted, reason: "FILE_CHANGED", metadata: { path: file } },
  );
}
