/** How names of fields change case. */
export interface WireCaseOptions {
  /** Fields, by their name before the change, whose value stays as it is: it holds the author's own names. */
  readonly opaque?: readonly string[];
}

/**
 * A copy with every field name in snake_case, as on the wire: `sizeBytes` becomes `size_bytes`.
 *
 * `toCamelCase` is its inverse for names that are identifiers; others (`a b`, `x.y`, `Region`) stay as they are.
 */
export function toSnakeCase(value: unknown, options: WireCaseOptions = {}): unknown {
  return rename(value, options.opaque ?? [], (name) =>
    /^[a-z][a-zA-Z0-9]*$/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name,
  );
}

/** A copy with every field name in camelCase, as in TypeScript: `size_bytes` becomes `sizeBytes`. */
export function toCamelCase(value: unknown, options: WireCaseOptions = {}): unknown {
  return rename(value, options.opaque ?? [], (name) =>
    /^[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)+$/.test(name)
      ? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      : name,
  );
}

function rename(value: unknown, opaque: readonly string[], change: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, opaque, change));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      change(name),
      opaque.includes(name) ? item : rename(item, opaque, change),
    ]),
  );
}

/** Dates, maps and class instances are values, not records of fields. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
