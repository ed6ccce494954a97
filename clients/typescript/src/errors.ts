/** The one error that calls reject with. */

import { Code, ConnectError } from "@connectrpc/connect";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "../gen/google/rpc/error_details_pb.js";

const DOMAIN = "runlore";

/** A field of the request that broke a rule, and the rule. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A condition that does not hold: of an alias move, a metric or tag with both sides' values in words. */
export interface FailedCondition {
  readonly subject: string;
  readonly description: string;
}

/** What a RunloreError has beside its message. */
export interface ErrorParts {
  readonly code: Code;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  readonly conditions?: readonly FailedCondition[];
  readonly traceId?: string;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A call was refused or failed.
 *
 * `message` is for people; `code`, `reason` and `metadata` are for programs.
 */
export class RunloreError extends Error {
  override readonly name = "RunloreError";
  /** The gRPC status code; DataLoss where this client found bytes or a history that are not what they should be. */
  readonly code: Code;
  /** Such as `ALIAS_MOVED` (runlore.v1.ErrorReason, without its prefix); empty when no server said why. */
  readonly reason: string;
  /** What the contract documents for the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Each field of the request that broke a rule. */
  readonly violations: readonly FieldViolation[];
  /** Each condition of an alias move that does not hold. */
  readonly conditions: readonly FailedCondition[];
  /** Names this call in the server's log; empty when it did not answer. */
  readonly traceId: string;
  /** Milliseconds after which another try may succeed; undefined when the server did not say so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, parts: ErrorParts) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.reason = parts.reason ?? "";
    this.metadata = parts.metadata ?? {};
    this.violations = parts.violations ?? [];
    this.conditions = parts.conditions ?? [];
    this.traceId = parts.traceId ?? "";
    this.retryAfterMs = parts.retryAfterMs;
  }
}

/** Returns the error for an argument that this client refuses by itself. */
export function invalidField(field: string, rule: string): RunloreError {
  return new RunloreError(`${field}: ${rule}`, {
    code: Code.InvalidArgument,
    reason: "INVALID_FIELD",
    violations: [{ field, description: rule }],
  });
}

/** Returns the error for bytes, or a history, that are not what they should be. */
export function integrityError(message: string, reason: string, metadata: Record<string, string>): RunloreError {
  return new RunloreError(message, { code: Code.DataLoss, reason, metadata });
}

/** Whether no server was reached, or none answered in time: what a copy kept from before can stand in for. */
export function isOutage(error: unknown): error is RunloreError {
  return error instanceof RunloreError && (error.code === Code.Unavailable || error.code === Code.DeadlineExceeded);
}

/** What a call knows that its error does not. */
export interface CallContext {
  readonly address: string;
  /** Undefined: the call has no deadline. */
  readonly timeoutMs: number | undefined;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** Translates whatever a transport rejects with. */
export function fromCall(error: unknown, call: CallContext): RunloreError {
  if (error instanceof RunloreError) {
    return error;
  }
  if (call.signal?.aborted) {
    return new RunloreError("the call was cancelled", { code: Code.Canceled, cause: call.signal.reason });
  }
  const found = ConnectError.from(error);
  const info = found.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
  if (info === undefined) {
    const code = transportCode(found);
    return new RunloreError(transportMessage(code, found, call), { code, cause: found });
  }
  const { trace_id: traceId = "", ...metadata } = info.metadata;
  const delay = found.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return new RunloreError(found.rawMessage || info.reason, {
    code: found.code,
    reason: info.reason,
    metadata,
    violations: found
      .findDetails(BadRequestSchema)
      .flatMap((detail) => detail.fieldViolations.map(({ field, description }) => ({ field, description }))),
    conditions: found
      .findDetails(PreconditionFailureSchema)
      .flatMap((detail) => detail.violations.map(({ subject, description }) => ({ subject, description }))),
    traceId,
    retryAfterMs: delay && Number(delay.seconds) * 1e3 + delay.nanos / 1e6,
  });
}

/** Whether an error is of TLS: another try with the same certificates ends the same. */
export function isTlsFailure(error: unknown): boolean {
  return chain(error).some(({ code, message }) => TLS_CODE.test(code) || TLS_MESSAGE.test(message));
}

const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH)/;
const TLS_MESSAGE = /before secure TLS connection was established|SSL routines/;
// How browsers, and Node's fetch, say that a connection failed or was cut.
const FETCH_MESSAGE = /failed to fetch|fetch failed|network ?error|load failed|input stream|terminated/i;
// How a connection that was cut looks where the protocol notices it first.
const CUT_MESSAGE = /^missing EndStreamResponse|^(protocol error: )?(missing (status|trailer)|incomplete envelope|premature)/i;

/** Returns the code of an error that did not come from Runlore itself. */
function transportCode(error: ConnectError): Code {
  const causes = chain(error.cause);
  const lost =
    CUT_MESSAGE.test(error.rawMessage) ||
    causes.some(({ code, name, message }) => code !== "" || (name === "TypeError" && FETCH_MESSAGE.test(message)));
  // A connection that ends takes its streams along as cancelled; the caller's own cancelling was seen before.
  return lost || error.code === Code.Canceled ? Code.Unavailable : error.code;
}

function transportMessage(code: Code, error: ConnectError, { address, timeoutMs }: CallContext): string {
  switch (code) {
    case Code.Unavailable:
      return isTlsFailure(error)
        ? `cannot reach Runlore at ${address}: TLS failed (a server without TLS needs tls: false, a private authority ` +
            `ca, or RUNLORE_CA): ${error.rawMessage}`
        : `cannot reach Runlore at ${address}: is a server running there? (${error.rawMessage})`;
    case Code.DeadlineExceeded:
      return `Runlore at ${address} did not answer within ${(timeoutMs ?? 0) / 1e3} s`;
    case Code.Unimplemented:
      return (
        `the server at ${address} does not have this call: is it Runlore, and as new as this client? ` +
        `(${error.rawMessage})`
      );
    default:
      return `${error.rawMessage || "the call failed"} (${Code[code]}, from ${address})`;
  }
}

function chain(error: unknown): { code: string; name: string; message: string }[] {
  const found = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const code = "code" in at && typeof at.code === "string" ? at.code : "";
    found.push({ code, name: at.name, message: at.message });
  }
  return found;
}
