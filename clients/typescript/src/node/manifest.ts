/** Manifests: which paths are allowed, and the digest of a tree of files (protos/README.md, "Manifest canonical form"). */

import { createHash } from "node:crypto";

import type { FileEntry } from "../v1.js";

/** Bytes of every chunk but a file's last (manifest format 1). */
export const CHUNK_BYTES = 16 * 1024 * 1024;

const HEADER = "runlore.tree.v1\n";
const EMPTY_SHA256 = createHash("sha256").digest("hex");
const MODES: Readonly<Record<number, string>> = { 0: "644", 0o644: "644", 0o755: "755" };

/** A tree of files by its digest. */
export interface ManifestSummary {
  readonly digest: string;
  readonly size: bigint;
  readonly fileCount: bigint;
}

/**
 * Returns the digest, size and number of files of a tree.
 *
 * Throws Error for a path that is not allowed, or is a file and a folder at once.
 */
export function manifestOf(files: Iterable<FileEntry>): ManifestSummary {
  const root = new Folder();
  for (const file of files) {
    root.add(file);
  }
  return root.summary();
}

/** Throws Error, saying which rule is broken, unless `path` may stand in a manifest. */
export function checkPath(path: string): void {
  const rule = brokenRule(path);
  if (rule !== "") {
    throw new Error(`'${path}' ${rule}`);
  }
}

/** Throws Error unless the chunks cover the file as manifest format 1 has it. */
export function checkChunks(file: FileEntry): void {
  let offset = 0n;
  for (const chunk of file.chunks) {
    const left = file.size - offset;
    const expected = left < BigInt(CHUNK_BYTES) ? left : BigInt(CHUNK_BYTES);
    if (chunk.offset !== offset || chunk.size !== expected) {
      throw new Error(
        `'${file.path}': chunk at offset ${chunk.offset} has ${chunk.size} bytes where ${expected} bytes at offset ` +
          `${offset} are expected: a file of ${file.size} bytes is cut every ${CHUNK_BYTES} bytes`,
      );
    }
    offset += chunk.size;
  }
  if (offset !== file.size) {
    throw new Error(`'${file.path}': chunks cover ${offset} of the file's ${file.size} bytes`);
  }
  const only = file.chunks.length === 0 ? EMPTY_SHA256 : file.chunks.length === 1 ? file.chunks[0]?.sha256 : undefined;
  if (only !== undefined && only !== file.sha256) {
    throw new Error(`'${file.path}': sha256 differs from that of the file's ${file.chunks.length} chunks`);
  }
}

/** Orders texts by their UTF-8 bytes, which is not the order of their UTF-16 code units. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

class Folder {
  readonly #files = new Map<string, FileEntry>();
  readonly #folders = new Map<string, Folder>();

  add(file: FileEntry): void {
    checkPath(file.path);
    const parts = file.path.split("/");
    const name = parts.pop() ?? "";
    let folder: Folder = this;
    for (const part of parts) {
      if (folder.#files.has(part)) {
        throw new Error(`'${file.path}' needs the folder '${part}', which is a file`);
      }
      const next = folder.#folders.get(part) ?? new Folder();
      folder.#folders.set(part, next);
      folder = next;
    }
    if (folder.#folders.has(name)) {
      throw new Error(`'${file.path}' is a folder and cannot be a file too`);
    }
    folder.#files.set(name, file);
  }

  summary(): ManifestSummary {
    const lines = new Map<string, string>();
    let size = 0n;
    let fileCount = BigInt(this.#files.size);
    for (const [name, file] of this.#files) {
      lines.set(name, fileLine(name, file));
      size += file.size;
    }
    for (const [name, folder] of this.#folders) {
      const below = folder.summary();
      lines.set(name, `dir ${below.digest} ${name}\n`);
      size += below.size;
      fileCount += below.fileCount;
    }
    const text = createHash("sha256").update(HEADER);
    for (const name of [...lines.keys()].sort(byBytes)) {
      text.update(lines.get(name) ?? "");
    }
    return { digest: text.digest("hex"), size, fileCount };
  }
}

function fileLine(name: string, file: FileEntry): string {
  const mode = MODES[file.mode];
  if (mode === undefined) {
    throw new Error(`'${file.path}' has the mode ${file.mode}: 0, 420 (octal 644) and 493 (octal 755) are allowed`);
  }
  const chunks = file.chunks.map((chunk) => chunk.sha256).join(",") || "-";
  return `file ${mode} ${file.size} ${file.sha256} ${file.mediaType || "-"} ${chunks} ${name}\n`;
}

function brokenRule(path: string): string {
  if (path === "") {
    return "is empty: name a file";
  }
  const length = [...path].length;
  if (length > 1024) {
    return `has ${length} characters: at most 1,024 are allowed`;
  }
  if (path.includes("\\")) {
    return "has a backslash: separate folders by /";
  }
  if (/[\u0000-\u001f\u007f]/.test(path)) {
    return "has a control character";
  }
  if (/\p{Surrogate}/u.test(path)) {
    return "is not UTF-8";
  }
  if (/^(\/|[A-Za-z]:)/.test(path)) {
    return "is absolute: give a path relative to the root of the artifacts";
  }
  for (const part of path.split("/")) {
    if (part === "..") {
      return "has the part '..': a path stays inside the artifacts";
    }
    if (part === "" || part === ".") {
      return `has the part '${part}': every part between slashes is a name`;
    }
  }
  return "";
}
