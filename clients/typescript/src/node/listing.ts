/** Which files a manifest has, and whether a folder holds them. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import type { Client } from "../client.js";
import { integrityError, RunloreError } from "../errors.js";
import { type FileEntry, GetManifestResponseSchema } from "../v1.js";
import { PIECE_BYTES } from "./files.js";
import { checkChunks, manifestOf } from "./manifest.js";
import { keepNote, loadNote } from "./notes.js";

/** Returns the files of a manifest or, of a part of it, those below a path; with URLs. */
export async function listFiles(
  client: Client,
  digest: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileEntry[]> {
  const source = { case: "manifestDigest", value: digest } as const;
  const files: FileEntry[] = [];
  for (let pageToken = ""; ; ) {
    const request = { source, path, includeUrls: true, pageToken };
    const page = await client.artifacts.getManifest(request, signal && { signal });
    files.push(...page.files);
    pageToken = page.nextPageToken;
    if (pageToken === "") {
      return files;
    }
  }
}

/** Returns the files of a manifest as an earlier pull kept them; undefined when none did. What a digest names stays. */
export async function keptFiles(cache: string, digest: string): Promise<FileEntry[] | undefined> {
  try {
    const note = (await loadNote(join(cache, "manifests"), [digest])) as JsonValue;
    const { files } = fromJson(GetManifestResponseSchema, note, { ignoreUnknownFields: true });
    checkFiles(digest, files);
    return files;
  } catch {
    return undefined;
  }
}

/** Keeps the files of a manifest, without URLs: they are secrets for a while, and of no use after it. */
export async function keepFiles(cache: string, digest: string, files: FileEntry[]): Promise<void> {
  const unsigned = files.map((file) => ({ ...file, chunks: file.chunks.map((chunk) => ({ ...chunk, url: "" })) }));
  const note = toJson(GetManifestResponseSchema, create(GetManifestResponseSchema, { files: unsigned }));
  await keepNote(join(cache, "manifests"), [digest], note);
}

/** Throws DataLoss unless files have safe paths, whole chunks and, as a tree, the digest. */
export function checkFiles(digest: string, files: FileEntry[]): void {
  let found = "";
  try {
    files.forEach(checkChunks);
    found = manifestOf(files).digest;
  } catch (error) {
    const problem = `the list of files of manifest ${digest} is not valid: ${(error as Error).message}`;
    throw integrityError(problem, "MANIFEST_MISMATCH", { manifest_digest: digest });
  }
  if (found !== digest) {
    const problem = `the list of files has the digest ${found}, not ${digest} as registered: nothing was downloaded`;
    throw integrityError(problem, "MANIFEST_MISMATCH", { manifest_digest: digest });
  }
}

/** Whether a folder holds exactly these files; false when it is empty or not there, an error when it holds others. */
export async function holds(folder: string, files: FileEntry[]): Promise<boolean> {
  let items;
  try {
    items = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return false;
    }
    throw error;
  }
  if (items.length === 0) {
    return false;
  }
  const wanted = new Set(files.map((file) => join(folder, file.path)));
  const others = items.filter((item) => !item.isDirectory() && !wanted.has(join(item.parentPath, item.name)));
  const intact = others.length === 0 && (await Promise.all(files.map((file) => isIntact(folder, file)))).every(Boolean);
  if (!intact) {
    throw new RunloreError(`'${folder}' is there and holds other than these files: give a new or empty folder`, {
      code: Code.AlreadyExists,
      reason: "DESTINATION_NOT_EMPTY",
      metadata: { path: folder },
    });
  }
  return true;
}

async function isIntact(folder: string, file: FileEntry): Promise<boolean> {
  const path = join(folder, file.path);
  const size = await stat(path).then(
    (found) => BigInt(found.size),
    () => undefined,
  );
  return size === file.size && (await sha256Of(path)) === file.sha256;
}

/** Returns the sha256 of a file. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    hash.update(piece as Buffer);
  }
  return hash.digest("hex");
}

