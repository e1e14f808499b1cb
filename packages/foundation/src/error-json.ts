import { createHash } from "node:crypto";
import type { ErrorJson } from "@millrace/protocols";
import { isMillraceError, toMillraceError } from "./error.ts";
import type { MillraceError } from "./error.ts";
import { toJsonSafeObject } from "./json-safe.ts";

/** Causes beyond this depth are dropped: a record stays small. */
const maxCauses = 5;
const maxMessageLength = 8000;
const maxIssues = 200;

/** How an error becomes JSON. */
export interface ErrorJsonOptions {
  /** Step that it belongs to, part of the fingerprint. */
  readonly step?: string;
  /** Removes secrets from every text. */
  readonly redact?: (text: string) => string;
}

/** JSON form of anything that was thrown: small, JSON-safe, with causes and a fingerprint. */
export function toErrorJson(error: unknown, options: ErrorJsonOptions = {}): ErrorJson {
  const own = toMillraceError(error, { code: "INTERNAL", fault: "internal" });
  const seen = new Set<unknown>([error]);
  const json = convert(own, seen);
  const full = { ...json, fingerprint: fingerprintOf(own.code, options.step ?? stepOf(own), own.message) };
  return options.redact === undefined ? full : redactTexts(full, options.redact);
}

function convert(error: MillraceError, seen: Set<unknown>): ErrorJson {
  const { cause } = error;
  // A foreign error without a message of its own is wrapped by one that repeats it: that says nothing new.
  const further = cause !== undefined && cause !== null && !seen.has(cause) && seen.size <= maxCauses;
  if (further) seen.add(cause);
  return {
    code: error.code,
    failure_class: error.failureClass,
    fault: error.fault,
    message: cut(error.message),
    context: error.context,
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
    ...(further ? { cause: convertCause(cause, seen) } : {}),
    ...(error.issues === undefined ? {} : { issues: error.issues.slice(0, maxIssues) }),
  };
}

function convertCause(cause: unknown, seen: Set<unknown>): ErrorJson {
  if (isMillraceError(cause)) return convert(cause, seen);
  const next = cause instanceof Error ? cause.cause : undefined;
  const further = next !== undefined && !seen.has(next) && seen.size <= maxCauses;
  if (further) seen.add(next);
  const { message } = toMillraceError(cause, { code: "INTERNAL", fault: "internal" });
  const native = cause instanceof Error ? { name: cause.name, code: (cause as { readonly code?: unknown }).code } : {};
  return {
    code: "INTERNAL",
    failure_class: "terminal",
    fault: "internal",
    message: cut(message),
    context: toJsonSafeObject(native),
    ...(further ? { cause: convertCause(next, seen) } : {}),
  };
}

function cut(text: string): string {
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength)}…` : text;
}

function stepOf(error: MillraceError): string {
  const { step } = error.context;
  return typeof step === "string" ? step : "";
}

function redactTexts<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactTexts(item, redact)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactTexts<unknown>(item, redact)]),
  ) as T;
}

/**
 * Groups the same failure over runs: 16 hexadecimal digits of code, step and message.
 *
 * Identifiers, hexadecimal numbers, numbers and times in the message do not count; quoted names do.
 */
export function fingerprintOf(code: string, step: string, message: string): string {
  const normal = message
    .replaceAll(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, "#")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "#")
    .replaceAll(/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?/g, "#")
    .replaceAll(/(?<![A-Za-z_])[-+]?\d[\d.,:]*(?:[eE][-+]?\d+)?/g, "#")
    .replaceAll(/\s+/g, " ")
    .trim();
  return createHash("sha256")
    .update(JSON.stringify([code, step, normal]))
    .digest("hex")
    .slice(0, 16);
}
