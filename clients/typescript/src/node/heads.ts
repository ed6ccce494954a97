/**
 * Answers whose history does not go on from the one that this machine knows are refused.
 *
 * A model's history is a hash chain, and each answer names its head. A head of the known revision must have the known
 * hash; of a later one, the events between are fetched and their hashes computed here, back to the known head. So a
 * history that was cut, or written anew, is noticed by whoever has seen more of it, whatever the server says of itself.
 *
 * An answer about the past names the head of then, which the known head has to go on from: that is followed here as far
 * as a thousand events back.
 *
 * Heads are kept as the Python client keeps them, so that both know of what either saw.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";

import { Code } from "@connectrpc/connect";

import type { Client } from "../client.js";
import { integrityError, RunloreError } from "../errors.js";
import type { ResolveRequest, ResolveResponse } from "../v1.js";
import { keepNote, loadNote } from "./notes.js";

/** What one check needs of the client around it. */
export interface HeadContext {
  readonly client: Client;
  readonly cache: string;
  readonly workspace: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
}

/** The last event of a model's hash chain. */
export interface Head {
  readonly model_name: string;
  readonly model_id: string;
  readonly revision: number;
  readonly hash: string;
  /** When it was seen, in seconds since the epoch. */
  readonly time: number;
}

const PAGE = 1_000;
/** Most events to ask for at first: a pull follows a few moves. */
const FEW = 20;

/** Returns the head that is known of the model in a reference; to be asked for before the call that it judges. */
export async function knownHead(context: HeadContext, reference: string): Promise<Head | undefined> {
  const name = reference.replace(/^models:\//, "").split(/[/@]/, 1)[0] ?? "";
  const found = (await loadNote(join(context.cache, "heads"), aboutModel(context, name))) as Head | undefined;
  return typeof found?.revision === "number" ? found : undefined;
}

/** Checks an answer's head against the one that was known, and keeps it; rejects with DataLoss, unless `accept`. */
export async function checkHead(
  context: HeadContext,
  request: ResolveRequest,
  answer: ResolveResponse,
  known: Head | undefined,
  accept: boolean,
): Promise<void> {
  const version = answer.modelVersion;
  const head: Head = {
    model_name: version?.modelName ?? "",
    model_id: version?.modelId ?? "",
    revision: Number(answer.head?.revision ?? 0n),
    hash: answer.head?.hash ?? "",
    time: Date.now() / 1e3,
  };
  const before = known?.model_name === head.model_name ? known : undefined;
  const past = request.asOf.case !== undefined;
  if (past && before?.model_id !== head.model_id) {
    // Another model may have had the name then; and what was is not what this machine saw last.
    return;
  }
  if (before !== undefined) {
    const earlier = before.model_id === head.model_id && head.revision < before.revision;
    if (earlier && answer.age !== undefined) {
      // From the server's memory, as the caller allowed: older than what is known here.
      return;
    }
    if (before.model_id === head.model_id && before.revision === head.revision && before.hash === head.hash) {
      return;
    }
    if (!accept) {
      const problem = past && earlier ? await problemBefore(context, before, head) : await problemAfter(context, before, head);
      if (problem !== "") {
        throw refused(before, head, problem);
      }
    }
    if (past && earlier) {
      return;
    }
  }
  await keepNote(join(context.cache, "heads"), aboutModel(context, head.model_name), head);
}

/** Returns why a head does not go on from the one before; empty when it does. */
async function problemAfter(context: HeadContext, before: Head, head: Head): Promise<string> {
  if (head.model_id !== before.model_id) {
    // Another model has the name now: this one was deleted or renamed, which its own history must tell.
    const walked = await walkBack(context, before, undefined);
    return walked && `another model has the name now, and the history of this one ${walked}`;
  }
  if (head.revision < before.revision) {
    return `ends at event ${head.revision}`;
  }
  if (head.revision === before.revision) {
    return `has another event ${head.revision}`;
  }
  return walkBack(context, before, head);
}

/** Returns why the known head does not go on from an earlier one; empty when it does, or that is far. */
async function problemBefore(context: HeadContext, known: Head, earlier: Head): Promise<string> {
  return known.revision - earlier.revision > PAGE ? "" : walkBack(context, earlier, known);
}

/** Follows a model's events from a head (undefined: its last event) back to the one before. */
async function walkBack(context: HeadContext, before: Head, head: Head | undefined): Promise<string> {
  const pageSize = head === undefined ? FEW : Math.min(head.revision - before.revision + FEW, PAGE);
  let [revision, digest] = head === undefined ? [0, undefined] : [head.revision, head.hash];
  for (let pageToken = ""; ; ) {
    const page = await eventsOf(context, before.model_id, pageSize, pageToken);
    if (page === undefined) {
      return "is gone";
    }
    for (const event of page.events) {
      if (head !== undefined && Number(event.revision) > head.revision) {
        continue;
      }
      if (digest === undefined) {
        [revision, digest] = [Number(event.revision), event.hash];
      }
      if (createHash("sha256").update(event.canonical).digest("hex") !== digest) {
        return `has an event ${revision} that is not the one that its hash names`;
      }
      if (revision === before.revision) {
        return digest === before.hash ? "" : `has another event ${revision}`;
      }
      const { prev_hash: prevHash = "" } = JSON.parse(Buffer.from(event.canonical).toString()) as { prev_hash?: string };
      [revision, digest] = [revision - 1, prevHash];
      if (revision === before.revision && digest === before.hash) {
        return "";
      }
    }
    pageToken = page.nextPageToken;
    if (pageToken === "") {
      return revision > 0 ? `does not hold event ${before.revision}` : "is gone";
    }
  }
}

async function eventsOf({ client, signal, timeoutMs }: HeadContext, modelId: string, pageSize: number, pageToken: string) {
  try {
    return await client.events.listEvents(
      { resource: { case: "resourceId", value: modelId }, newestFirst: true, includeCanonical: true, pageSize, pageToken },
      { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) },
    );
  } catch (error) {
    if (error instanceof RunloreError && error.code === Code.NotFound) {
      return undefined;
    }
    throw error;
  }
}

function aboutModel({ client, workspace }: HeadContext, name: string): string[] {
  return [client.address, workspace, name];
}

function refused(before: Head, head: Head, problem: string): RunloreError {
  const when = new Date(before.time * 1e3).toISOString();
  return integrityError(
    `the registry's history of model '${before.model_name}' ${problem}; at ${when} it had event ${before.revision} with ` +
      `hash ${before.hash.slice(0, 12)}…: it was cut or rewritten, or the database was restored from a backup. Find out ` +
      "which; if the server's history is the true one, say so by acceptHead: true",
    "HISTORY_REWRITTEN",
    {
      model_name: before.model_name,
      known_revision: String(before.revision),
      known_hash: before.hash,
      revision: String(head.revision),
      hash: head.hash,
    },
  );
}
