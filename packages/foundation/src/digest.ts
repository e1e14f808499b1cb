import { createHash } from "node:crypto";

/**
 * SHA-256, hexadecimal, of a value's canonical text: object keys sorted, undefined fields left out.
 *
 * Different values have different texts: what JSON cannot hold (bigint, dates, bytes, maps, sets, NaN) has a form
 * of its own, so no key ever loses a part in silence.
 *
 * @throws TypeError for functions, symbols and cycles: a key that cannot be computed must not exist.
 */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(toCanonicalText(value)).digest("hex");
}

/** SHA-256 of bytes, hexadecimal. */
export function digestBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The text that `digestOf` hashes. For JSON values it is JSON with sorted keys. */
export function toCanonicalText(value: unknown): string {
  return render(value, new Set());
}

function render(value: unknown, parents: Set<object>): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "boolean":
      return String(value);
    case "bigint":
      return `${value}n`;
    case "undefined":
      return "undefined";
    case "object":
      return value === null ? "null" : renderObject(value, parents);
    case "function":
    case "symbol":
    default:
      throw new TypeError(`A ${typeof value} has no digest.`);
  }
}

function renderObject(value: object, parents: Set<object>): string {
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (ArrayBuffer.isView(value))
    return `Bytes(${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")})`;
  if (parents.has(value)) throw new TypeError("A value that contains itself has no digest.");
  parents.add(value);
  const text = renderParts(value, parents);
  parents.delete(value);
  return text;
}

function renderParts(value: object, parents: Set<object>): string {
  if (Array.isArray(value)) return `[${value.map((item) => render(item, parents)).join(",")}]`;
  if (value instanceof Set)
    return `Set(${[...value]
      .map((item) => render(item, parents))
      .toSorted(byText)
      .join(",")})`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${render(key, parents)}=>${render(item, parents)}`);
    return `Map(${entries.toSorted(byText).join(",")})`;
  }
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => byText(a, b));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${render(item, parents)}`).join(",")}}`;
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
