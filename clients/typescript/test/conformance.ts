/** The driver of the conformance suite (tests/conformance/README.md, "Drivers"): `node conformance.js grpc|connect|grpc-web`. */

import { createInterface } from "node:readline";

import { type DescMethod, fromJson, type JsonObject, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { Code, connect, manifestOf, type NodeClient, RunloreError } from "runlore";
import {
  ArtifactService,
  EventSchema,
  EventService,
  FileEntrySchema,
  LoggedModelService,
  RegistryService,
  ResolveRequestSchema,
  ResolveResponseSchema,
  ServerService,
  TrackingService,
  WatchRequestSchema,
} from "runlore/v1";

interface Operation {
  op: string;
  address: string;
  web_address?: string;
  workspace?: string;
  method: string;
  requests: JsonValue[];
  request: JsonValue;
  metadata?: Record<string, string>;
  deadline_seconds?: number;
  cancel_after?: number;
  take?: number;
  files: JsonValue[];
  folder: string;
  model: string;
  reference: string;
  destination: string;
  cache?: string;
}

const PROTOCOLS = ["grpc", "connect", "grpc-web"] as const;
const NAMES = { useProtoFieldName: true };
const SERVICES = {
  tracking: TrackingService,
  loggedModels: LoggedModelService,
  registry: RegistryService,
  artifacts: ArtifactService,
  events: EventService,
  server: ServerService,
} as const;

const protocol = PROTOCOLS.find((name) => name === process.argv[2]) ?? "grpc";
const clients = new Map<string, NodeClient>();

function clientOf(operation: Operation): NodeClient {
  const { workspace = "", cache } = operation;
  const address = protocol === "grpc" ? operation.address : (operation.web_address ?? "");
  const key = JSON.stringify([address, workspace, cache]);
  // No actor: who calls is said by the case.
  const options = { protocol, workspace, actor: "", ...(cache !== undefined && { cache }) };
  const client = clients.get(key) ?? connect(address, options);
  clients.set(key, client);
  return client;
}

async function perform(operation: Operation): Promise<JsonObject> {
  switch (operation.op) {
    case "call":
      return call(operation);
    case "manifest_digest":
      return { response: { digest: manifestOf(operation.files.map((file) => fromJson(FileEntrySchema, file))).digest } };
    case "push": {
      if (protocol !== "grpc") {
        return { unsupported: "the web port has no streams of requests, which an upload through the server is" };
      }
      const pushed = await clientOf(operation).push(operation.folder, operation.model);
      return { response: { version: String(pushed.version.version), manifest_digest: pushed.manifestDigest } };
    }
    case "pull": {
      const pulled = await clientOf(operation).pull(operation.reference, operation.destination);
      return { response: { manifest_digest: pulled.manifestDigest } };
    }
    case "resolve": {
      const request = fromJson(ResolveRequestSchema, operation.request);
      const resolved = await clientOf(operation).resolve(request);
      return { response: toJson(ResolveResponseSchema, resolved.response, NAMES), from_cache: resolved.fromCache };
    }
    case "watch": {
      const stream: JsonValue[] = [];
      for await (const event of clientOf(operation).watch(fromJson(WatchRequestSchema, operation.request))) {
        stream.push(toJson(EventSchema, event, NAMES));
        if (stream.length === operation.take) {
          break;
        }
      }
      return { stream };
    }
    default:
      return { unsupported: `this client has no '${operation.op}': points are logged by LogBatch` };
  }
}

async function call(operation: Operation): Promise<JsonObject> {
  const [serviceName, methodName] = operation.method.split("/");
  const found = Object.entries(SERVICES).find(([, service]) => service.typeName === serviceName);
  const method = found?.[1].methods.find((each) => each.name === methodName) as DescMethod;
  if (protocol !== "grpc" && (method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming")) {
    return { unsupported: "the web port has no streams of requests" };
  }
  const service = clientOf(operation)[found?.[0] as keyof typeof SERVICES] as unknown as Record<string, AnyMethod>;
  const make = service[method.localName] as AnyMethod;
  const requests = operation.requests.map((request) => fromJson(method.input, request));
  const input = method.methodKind === "unary" || method.methodKind === "server_streaming" ? requests[0] : each(requests);
  const controller = new AbortController();
  const { deadline_seconds: deadline, cancel_after: after } = operation;
  const timer = after === undefined ? undefined : setTimeout(() => controller.abort(), after * 1e3);
  try {
    const output = make(input, {
      signal: controller.signal,
      headers: operation.metadata ?? {},
      ...(deadline !== undefined && { timeoutMs: deadline * 1e3 }),
    });
    if (method.methodKind === "unary" || method.methodKind === "client_streaming") {
      return { response: toJson(method.output, (await output) as Message, NAMES) };
    }
    const stream: JsonValue[] = [];
    for await (const message of output as AsyncIterable<Message>) {
      stream.push(toJson(method.output, message, NAMES));
      if (stream.length === operation.take) {
        break;
      }
    }
    return { stream };
  } finally {
    clearTimeout(timer);
  }
}

type AnyMethod = (input: unknown, options: CallOptions) => Promise<Message> | AsyncIterable<Message>;

async function* each<T>(items: T[]): AsyncGenerator<T, void> {
  yield* items;
}

function errorOf(error: unknown): JsonObject {
  if (!(error instanceof RunloreError)) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  const code = error.code === Code.Canceled ? "CANCELLED" : Code[error.code].replace(/(?<=.)(?=[A-Z])/g, "_").toUpperCase();
  const { traceId, reason, violations, conditions, retryAfterMs } = error;
  return {
    code,
    message: error.message,
    ...(reason !== "" && { reason, domain: "runlore", metadata: { ...error.metadata, ...(traceId && { trace_id: traceId }) } }),
    ...(violations.length > 0 && { violations: violations.map((each) => ({ ...each })) }),
    ...(conditions.length > 0 && { preconditions: conditions.map((each) => ({ ...each })) }),
    ...(retryAfterMs !== undefined && { retry_seconds: retryAfterMs / 1e3 }),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const operation = JSON.parse(line) as Operation;
  const answer = await perform(operation).catch((error: unknown): JsonObject => ({ error: errorOf(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
for (const client of clients.values()) {
  client.close();
}
