/** From a reference to a version, and the last answer that was had for when no server answers. */

import { join } from "node:path";

import { clone, create, fromJson, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";

import type { Client } from "../client.js";
import { isOutage } from "../errors.js";
import { type ResolveRequest, ResolveRequestSchema, type ResolveResponse, ResolveResponseSchema } from "../v1.js";
import { checkHead, type HeadContext, knownHead } from "./heads.js";
import { keepNote, loadNote } from "./notes.js";

/** What resolving, pulling and pushing know of the client around them. */
export interface Around {
  readonly workspace: string;
  readonly timeoutMs: number;
  /** The folder of what outlives a process. */
  readonly cache: string;
  /** PEM certificates to trust in place of the system's. */
  readonly ca: Buffer | undefined;
}

/** What `resolve` takes beside its request. */
export interface ResolveOptions {
  signal?: AbortSignal;
  /** Milliseconds for the server to answer. Default: the client's, and at most 10 s when there is an answer to fall back on. */
  timeoutMs?: number;
  /** Whether the last answer may stand in when no server answers. Default true. */
  fallback?: boolean;
  /** Takes the server's history for the true one, although it does not go on from the one that this machine knows. */
  acceptHead?: boolean;
}

/** An answer. */
export interface Resolved {
  readonly response: ResolveResponse;
  /** Whether no server answered, and this is what one said at `time`. */
  readonly fromCache: boolean;
  /** When a server said it. */
  readonly time: Date;
}

/** A restart takes less. */
const PATIENCE_MS = 10_000;

export async function resolve(
  client: Client,
  around: Around,
  reference: string | MessageInitShape<typeof ResolveRequestSchema>,
  options: ResolveOptions,
): Promise<Resolved> {
  const init = typeof reference === "string" ? { reference } : reference;
  const request = clone(ResolveRequestSchema, create(ResolveRequestSchema, init));
  const workspace = request.workspace || around.workspace;
  const about = [client.address, workspace, JSON.stringify(toJson(ResolveRequestSchema, request))];
  const folder = join(around.cache, "resolved");
  const last = (options.fallback ?? true) ? lastGood(await loadNote(folder, about)) : undefined;
  const timeoutMs = options.timeoutMs ?? (last && Math.min(PATIENCE_MS, around.timeoutMs));
  const { signal } = options;
  const context: HeadContext = { client, cache: around.cache, workspace, signal, timeoutMs };
  try {
    const response = await ask(context, request, options.acceptHead ?? false);
    const time = new Date();
    await keepNote(folder, about, { time: time.toISOString(), response: toJson(ResolveResponseSchema, unsigned(response)) });
    return { response, fromCache: false, time };
  } catch (error) {
    if (last === undefined || !isOutage(error)) {
      throw error;
    }
    const { modelVersion } = last.response;
    process.emitWarning(
      `THE REGISTRY IS DOWN: going on with version ${modelVersion?.version} of ${request.reference}, as it was at ` +
        `${last.time.toISOString()}, which may be out of date: ${error.message}`,
      "RunloreWarning",
    );
    return { ...last, fromCache: true };
  }
}

async function ask(context: HeadContext, request: ResolveRequest, accept: boolean): Promise<ResolveResponse> {
  const { client, signal, timeoutMs } = context;
  // Before the call: a head that another process sees meanwhile may be later than that of this answer.
  const known = await knownHead(context, request.reference);
  const calls = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
  const response = await client.registry.resolve(request, calls);
  await checkHead(context, request, response, known, accept);
  return response;
}

function lastGood(note: unknown): { response: ResolveResponse; time: Date } | undefined {
  try {
    const { time, response } = note as { time: string; response: JsonValue };
    return { time: new Date(time), response: fromJson(ResolveResponseSchema, response, { ignoreUnknownFields: true }) };
  } catch {
    return undefined;
  }
}

/** Returns an answer without URLs: they are secrets for a while, and of no use after it. */
function unsigned(response: ResolveResponse): ResolveResponse {
  const copy = clone(ResolveResponseSchema, response);
  for (const chunk of copy.files.flatMap((file) => file.chunks)) {
    chunk.url = "";
  }
  return copy;
}
