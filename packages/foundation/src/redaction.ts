import { TerminalError } from "./error.ts";
import { createSecretPattern } from "./secret-pattern.ts";

/** What stands where a secret was. */
export const mask = "***";

/** Shorter secrets are part of ordinary words and numbers: masking them would hide the log, or leave it readable. */
const leastLength = 8;

/** Lines of a secret of several lines, such as a PEM key, are secrets too from this length. */
const leastLineLength = 16;

/** Removes the values of secrets from whatever leaves the process. */
export interface Redactor {
  /**
   * Adds a secret. An empty one is no secret: it would mask everything.
   *
   * @throws MillraceError `CONFIG_SECRET_TOO_SHORT` below 8 characters, unless `allowShort`.
   */
  add(value: string, options?: { readonly name?: string; readonly allowShort?: boolean }): void;
  /** The text without secrets and without passwords in URLs. */
  redact(text: string): string;
  /** A copy without secrets: texts, keys, arrays, objects, maps, sets, and errors with message, stack and cause. */
  redactValue<T>(value: T): T;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Removes secrets by value, in every form that they take on the way out.
 *
 * @param secrets - Values that are known already; `add` takes those that are resolved later.
 */
export function createRedactor(
  secrets: Iterable<string> = [],
  options: { readonly allowShort?: boolean } = {},
): Redactor {
  const patterns = new Map<string, RegExp>();
  const redactor: Redactor = {
    add(value, { name, allowShort = options.allowShort ?? false } = {}) {
      if (value === "" || patterns.has(value)) return;
      if (value.length < leastLength && !allowShort) throw tooShort(name);
      patterns.set(value, createSecretPattern(value));
      for (const line of value.split(/\r?\n/)) {
        if (line !== value && line.length >= leastLineLength && !line.startsWith("-----"))
          patterns.set(line, createSecretPattern(line));
      }
    },
    redact(text) {
      const ranges = [...patterns].flatMap(([secret, pattern]) => [
        ...findAll(text, pattern),
        ...findCutSecret(text, secret),
      ]);
      return redactUserInfo(replaceRanges(text, ranges));
    },
    redactValue: (value) => redactPart(value, redactor, new Map()) as typeof value,
  };
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

function tooShort(name: string | undefined): TerminalError {
  const which = name === undefined ? "A secret" : `Secret "${name}"`;
  return new TerminalError({
    code: "CONFIG_SECRET_TOO_SHORT",
    fault: "config",
    message: `${which} has fewer than ${leastLength} characters, so it cannot be found in logs without hiding other text. Use a longer one, or set allowShort for it.`,
    context: name === undefined ? {} : { secret: name },
  });
}

/** Matches may overlap, also with themselves: each place is looked at. */
function findAll(text: string, pattern: RegExp): readonly Range[] {
  const ranges: Range[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    ranges.push({ start: match.index, end: match.index + match[0].length });
    // With the u flag a position inside a surrogate pair means its beginning: one more would find the same match for ever.
    pattern.lastIndex = match.index + ((text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1);
  }
  return ranges;
}

/** The beginning of a secret at the end of a text that was cut (`…`) in its middle. */
function findCutSecret(text: string, secret: string): readonly Range[] {
  if (!text.endsWith("…")) return [];
  const end = text.length - 1;
  for (let length = Math.min(secret.length, end); length >= 4; length--)
    if (text.startsWith(secret.slice(0, length), end - length)) return [{ start: end - length, end }];
  return [];
}

function replaceRanges(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let result = "";
  let at = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (start >= at) result += text.slice(at, start) + mask;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}

/** Passwords in URLs need not be known to be removed, nor do tokens that stand where a user's name would. */
function redactUserInfo(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@"'`<>]*):(?!\*\*\*@)[^\s/?#"'`<>]+@/gi, `$1:${mask}@`)
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#:@"'`<>]{20,}@/gi, `$1${mask}@`);
}

function redactPart(value: unknown, redactor: Redactor, done: Map<object, unknown>): unknown {
  if (typeof value === "string") return redactor.redact(value);
  if (typeof value !== "object" || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  if (value instanceof Error) return redactError(value, redactor, done);
  if (value instanceof URL) return redactor.redact(value.href);
  if (value instanceof Date || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    done.set(value, copy);
    for (const item of value as readonly unknown[]) copy.push(redactPart(item, redactor, done));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    done.set(value, copy);
    for (const item of value as Set<unknown>) copy.add(redactPart(item, redactor, done));
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    done.set(value, copy);
    for (const [key, item] of value as Map<unknown, unknown>)
      copy.set(redactPart(key, redactor, done), redactPart(item, redactor, done));
    return copy;
  }
  const copy: Record<string, unknown> = {};
  done.set(value, copy);
  for (const [key, item] of Object.entries(value)) {
    // Defined, not assigned: a key named __proto__ stays a key.
    Object.defineProperty(copy, redactor.redact(key), {
      value: redactPart(item, redactor, done),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

/** Keeps the prototype, so that a copy is still an error of its class, and hidden fields such as `stack` and `cause`. */
function redactError(error: Error, redactor: Redactor, done: Map<object, unknown>): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error;
  done.set(error, copy);
  for (const key of Reflect.ownKeys(error)) {
    const { enumerable = false } = Object.getOwnPropertyDescriptor(error, key) ?? {};
    const value = redactPart(Reflect.get(error, key), redactor, done);
    Object.defineProperty(copy, key, { value, enumerable, configurable: true, writable: true });
  }
  return copy;
}
