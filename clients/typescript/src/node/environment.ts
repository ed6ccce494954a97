/** The only reader of the environment: `RUNLORE_*` variables, as the Python client has them. */

import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";

import { invalidField } from "../errors.js";
import type { ConnectOptions } from "../settings.js";

export const DEFAULT_ADDRESS = "127.0.0.1:7410";

/** Returns the server's address: the given one, else `RUNLORE_ADDRESS`, else the default; and who named it. */
export function addressOf(given: string | undefined): { field: string; address: string } {
  if (given !== undefined) {
    return { field: "address", address: given };
  }
  return { field: "RUNLORE_ADDRESS", address: variable("RUNLORE_ADDRESS") || DEFAULT_ADDRESS };
}

/** Fills in from the environment what the options leave open. */
export function withEnvironment<O extends ConnectOptions>(options: O): O {
  const tls = options.tls ?? switchOf("RUNLORE_TLS");
  return {
    ...options,
    workspace: options.workspace ?? variable("RUNLORE_WORKSPACE"),
    actor: options.actor ?? (variable("RUNLORE_ACTOR") || login()),
    ...(tls !== undefined && { tls }),
  };
}

/** Returns the folder of what outlives a process: the given one, else `RUNLORE_CACHE`, else `~/.cache/runlore`. */
export function cacheFolder(given: string | undefined): string {
  const named = given ?? variable("RUNLORE_CACHE");
  if (named !== "") {
    return resolve(named.replace(/^~(?=\/|$)/, homedir()));
  }
  return resolve(variable("XDG_CACHE_HOME") || join(homedir(), ".cache"), "runlore");
}

/** Returns the PEM certificates to trust, from the given file, else from that of `RUNLORE_CA`; undefined: the system's. */
export function authorities(given: string | undefined): Buffer | undefined {
  const file = given ?? variable("RUNLORE_CA");
  if (file === "") {
    return undefined;
  }
  try {
    return readFileSync(file);
  } catch (error) {
    throw invalidField(given === undefined ? "RUNLORE_CA" : "ca", `cannot read '${file}': ${(error as Error).message}`);
  }
}

function variable(name: string): string {
  return process.env[name]?.trim() ?? "";
}

function switchOf(name: string): boolean | undefined {
  const value = variable(name).toLowerCase();
  if (value !== "" && !/^(1|true|yes|on|0|false|no|off)$/.test(value)) {
    throw invalidField(name, `is '${value}': give 1 or 0`);
  }
  return value === "" ? undefined : /^(1|true|yes|on)$/.test(value);
}

function login(): string {
  try {
    const name = userInfo().username;
    return /^[!-~]+$/.test(name) ? `user:${name}` : "user:unknown";
  } catch {
    // A container may run under a number that no account has.
    return "user:unknown";
  }
}
