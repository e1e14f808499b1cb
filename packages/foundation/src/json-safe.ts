import type { JsonObject, JsonValue } from "@millrace/protocols";

/** How much of a value `toJsonSafe` keeps. */
export interface JsonSafeOptions {
  /** Longest text; the rest becomes `…`. @defaultValue 2,000 */
  readonly textLength?: number;
  /** Most entries of an array or object. @defaultValue 50 */
  readonly entries?: number;
  /** Deepest nesting. @defaultValue 6 */
  readonly depth?: number;
}

/**
 * A small JSON value that stands for any value: never throws, never grows without bound.
 *
 * Bigint, NaN and infinities become text, dates ISO 8601, bytes their length, cycles `[circular]`.
 */
export function toJsonSafe(value: unknown, options: JsonSafeOptions = {}): JsonValue {
  const { textLength = 2000, entries = 50, depth = 6 } = options;
  const parents = new Set<object>();
  const cut = (text: string): string => (text.length > textLength ? `${text.slice(0, textLength)}…` : text);
  const visit = (item: unknown, level: number): JsonValue => {
    switch (typeof item) {
      case "string":
        return cut(item);
      case "boolean":
        return item;
      case "number":
        return Number.isFinite(item) ? item : String(item);
      case "bigint":
        return String(item);
      case "symbol":
        return item.toString();
      case "function":
        return `[function ${item.name}]`;
      case "object":
        return item === null ? null : visitObject(item, level);
      case "undefined":
      default:
        return null;
    }
  };
  const visitObject = (item: object, level: number): JsonValue => {
    if (item instanceof Date) return Number.isNaN(item.getTime()) ? "Invalid Date" : item.toISOString();
    if (item instanceof Error) return cut(`${item.name}: ${item.message}`);
    if (ArrayBuffer.isView(item)) return `[${item.byteLength} bytes]`;
    if (parents.has(item)) return "[circular]";
    if (level >= depth) return "[deeper]";
    parents.add(item);
    const result = visitEntries(item, level);
    parents.delete(item);
    return result;
  };
  const visitEntries = (item: object, level: number): JsonValue => {
    if (Array.isArray(item) || item instanceof Set) {
      const all: readonly unknown[] = [...item];
      const kept = all.slice(0, entries).map((part) => visit(part, level + 1));
      return all.length > entries ? [...kept, `… ${all.length - entries} more`] : kept;
    }
    const pairs: readonly (readonly [unknown, unknown])[] = item instanceof Map ? [...item] : Object.entries(item);
    const kept = pairs
      .filter(([, part]) => part !== undefined)
      .slice(0, entries)
      .map(([key, part]) => [cut(String(key)), visit(part, level + 1)] as const);
    const more = pairs.length > entries ? ([["…", `${pairs.length - entries} more`]] as const) : [];
    return Object.fromEntries([...kept, ...more]);
  };
  return visit(value, 0);
}

/** `toJsonSafe` of an object's fields. */
export function toJsonSafeObject(value: Readonly<Record<string, unknown>>, options?: JsonSafeOptions): JsonObject {
  return toJsonSafe(value, options) as JsonObject;
}
