/** Small records on disk, each in a file of its own, named by what it is about. */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Returns what is kept about something; undefined when nothing is, or it cannot be read. */
export async function loadNote(folder: string, about: readonly string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(fileOf(folder, about), "utf8"));
  } catch {
    return undefined;
  }
}

/** Keeps a record in place of the one before; a folder that cannot be written to stays as it is. */
export async function keepNote(folder: string, about: readonly string[], note: unknown): Promise<void> {
  const file = fileOf(folder, about);
  const scratch = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(scratch, JSON.stringify(note));
    await rename(scratch, file);
  } catch {
    await rm(scratch, { force: true }).catch(() => undefined);
  }
}

function fileOf(folder: string, about: readonly string[]): string {
  return join(folder, `${createHash("sha256").update(about.join("\0")).digest("hex")}.json`);
}
