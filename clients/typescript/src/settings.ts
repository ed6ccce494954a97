/** Where a client connects, and what it says of itself. */

import type { Interceptor } from "@connectrpc/connect";

import { invalidField } from "./errors.js";

/** What `connect` takes everywhere. */
export interface ConnectOptions {
  /** The workspace of every call; without one, the server's default. */
  workspace?: string;
  /** Who acts, as `<kind>:<id>`, such as `service:dashboard`. */
  actor?: string;
  /** Milliseconds that a call may take, its retries included, unless the call says otherwise. Default 30,000. */
  timeoutMs?: number;
  /** Whether to use TLS where the address is no URL that says it. Default: not to loopback, else yes. */
  tls?: boolean;
  /** Asked before every try for more headers, such as an `authorization` that gets renewed. */
  metadata?: () => HeadersInit | Promise<HeadersInit>;
  /** Connect's interceptors, around every try. */
  interceptors?: Interceptor[];
}

/** A server's place. */
export interface Place {
  /** `host:port`. */
  readonly address: string;
  /** With its scheme. */
  readonly url: string;
}

export const DEFAULT_TIMEOUT_MS = 30_000;

/** Reads `host:port` or a URL; throws RunloreError naming `field`. */
export function parseAddress(field: string, text: string, tls: boolean | undefined, defaultPort: string): Place {
  const rule = `is '${text}': give host:port, such as 127.0.0.1:7410, or a URL, such as https://runlore.example.com`;
  const given = /^(https?):\/\//.exec(text)?.[1];
  // Several colons without brackets are an IPv6 address without a port.
  const bare = given === undefined && text.split(":").length > 2 && !text.startsWith("[") ? `[${text}]` : text;
  let url: URL;
  try {
    url = new URL(given === undefined ? `http://${bare}` : text);
  } catch {
    throw invalidField(field, rule);
  }
  const more = url.username + url.password + url.search + url.hash;
  if (!text || /\s/.test(text) || more !== "" || (given === undefined && (text.includes("/") || !url.hostname))) {
    throw invalidField(field, rule);
  }
  const scheme = given ?? ((tls ?? !isLoopback(url.hostname)) ? "https" : "http");
  // A URL drops the port that its scheme has anyway; what was written as host:80 still means port 80.
  const port = url.port || (given === undefined ? (/:80$/.test(bare) ? "80" : defaultPort) : scheme === "https" ? "443" : "80");
  const path = url.pathname.replace(/\/+$/, "");
  return { address: `${url.hostname}:${port}`, url: `${scheme}://${url.hostname}:${port}${path}` };
}

/** Returns the headers that go with every call; they hold printable ASCII only. */
export function ownHeaders(options: ConnectOptions): [string, string][] {
  const found: [string, string][] = [];
  for (const name of ["workspace", "actor"] as const) {
    const value = options[name] ?? "";
    if (!/^[ -~]*$/.test(value)) {
      throw invalidField(name, "has characters other than printable ASCII");
    }
    if (value) {
      found.push([`runlore-${name}`, value]);
    }
  }
  return found;
}

/** Returns the milliseconds that a call may take by default. */
export function timeoutOf(options: ConnectOptions): number {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (!(timeoutMs > 0)) {
    throw invalidField("timeoutMs", `is ${timeoutMs}: give the milliseconds that a call may take, more than 0`);
  }
  return timeoutMs;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
