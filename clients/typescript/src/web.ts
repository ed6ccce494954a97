/** Runlore for browsers, and whatever else has fetch: over the server's web port. */

import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { Caller } from "./calls.js";
import { Client } from "./client.js";
import { type ConnectOptions, parseAddress } from "./settings.js";

export { Code } from "@connectrpc/connect";
export { Client } from "./client.js";
export { type ErrorParts, type FailedCondition, type FieldViolation, RunloreError } from "./errors.js";
export type { ConnectOptions } from "./settings.js";
export type { WatchOptions } from "./watch.js";

/** What `connect` takes in browsers. */
export interface WebConnectOptions extends ConnectOptions {
  /** Which of the web port's protocols to speak. Default `connect`, as JSON that the browser's tools show. */
  protocol?: "connect" | "grpc-web";
}

/**
 * Returns a client of the server whose web port is at a URL; without one, at the page's own origin.
 *
 * Nothing is sent before the first call. Throws RunloreError for an address or option that cannot be right.
 */
export function connect(address?: string, options: WebConnectOptions = {}): Client {
  const place = parseAddress("address", address ?? globalThis.location?.origin ?? "", options.tls, "443");
  const interceptors = options.interceptors ?? [];
  const transport =
    options.protocol === "grpc-web"
      ? createGrpcWebTransport({ baseUrl: place.url, interceptors })
      : createConnectTransport({ baseUrl: place.url, interceptors, jsonOptions: { ignoreUnknownFields: true } });
  return new Client(new Caller(place, transport, options));
}
