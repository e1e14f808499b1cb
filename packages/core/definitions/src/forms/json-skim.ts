/**
 * Finding one's way through JSON text without building anything: where a value begins and ends, by its path.
 *
 * The text is known to be valid JSON: `JSON.parse` has accepted it. Nothing recurses.
 */

/** A value of a JSON text: its stretch, and that of the key that leads to it. */
export interface JsonStretch {
  readonly start: number;
  readonly end: number;
  readonly key?: { readonly start: number; readonly end: number };
}

/** Counts what the fast parser does not tell. Valid for invalid text too. */
export interface JsonSurvey {
  /** Colons outside texts: keys as written, duplicates included. */
  readonly keys: number;
  readonly depth: number;
  /** Where the deepest level begins that is beyond the limit. */
  readonly tooDeepAt: number;
}

const quote = 34;
const backslash = 92;

/** One pass over a text. Stops at the first level beyond `maxDepth`. */
export function surveyJson(text: string, maxDepth: number): JsonSurvey {
  let keys = 0;
  let level = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = skipString(text, at) - 1;
        break;
      case 58: // :
        keys += 1;
        break;
      case 91: // [
      case 123: // {
        level += 1;
        if (level > depth) depth = level;
        if (level > maxDepth) return { keys, depth, tooDeepAt: at };
        break;
      case 93: // ]
      case 125: // }
        level -= 1;
        break;
      default:
    }
  }
  return { keys, depth, tooDeepAt: -1 };
}

/** Keys of a parsed value, nested ones included. Less than `surveyJson` counts where one stands twice. */
export function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) count += countKeys(item);
    return count;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields)) count += 1 + countKeys(fields[key]);
  return count;
}

/** Offset after a text that begins at `at`. */
function skipString(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === backslash) next += 1;
    else if (code === quote) return next + 1;
  }
  return text.length;
}

/** Offset of the next character that is not white space. */
export function skipSpace(text: string, at: number): number {
  let next = at;
  for (; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
  }
  return next;
}

/** Offset after a value that begins at `at`. */
function skipValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return skipString(text, at);
  if (first !== "{" && first !== "[") {
    let next = at;
    while (next < text.length && !",]} \n\r\t".includes(text[next] ?? ",")) next += 1;
    return next;
  }
  let level = 0;
  for (let next = at; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === quote) next = skipString(text, next) - 1;
    else if (code === 91 || code === 123) level += 1;
    else if (code === 93 || code === 125) {
      level -= 1;
      if (level === 0) return next + 1;
    }
  }
  return text.length;
}

/** Stretches of the items of an array that begins at `at`. */
export function arrayItems(text: string, at: number): readonly JsonStretch[] {
  const items: JsonStretch[] = [];
  for (let next = skipSpace(text, at + 1); next < text.length && text[next] !== "]";) {
    const end = skipValue(text, next);
    items.push({ start: next, end });
    next = skipSpace(text, end);
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
  return items;
}

/** Stretch of a field of an object that begins at `at`: of the last one where a key stands twice, as `JSON.parse` takes it. */
function objectField(text: string, at: number, name: string): JsonStretch | undefined {
  let found: JsonStretch | undefined;
  for (let next = skipSpace(text, at + 1); next < text.length && text[next] !== "}";) {
    const key = { start: next, end: skipString(text, next) };
    const start = skipSpace(text, skipSpace(text, key.end) + 1);
    const end = skipValue(text, start);
    if (isKey(text, key, name)) found = { start, end, key };
    next = skipSpace(text, end);
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
  return found;
}

/** Escapes make a key longer than it is: without one, texts are equal as they are written. */
function isKey(text: string, { start, end }: JsonStretch, name: string): boolean {
  const length = end - start - 2;
  if (length < name.length) return false;
  const written = text.slice(start + 1, end - 1);
  return written.includes("\\") ? JSON.parse(text.slice(start, end)) === name : written === name;
}

/** Follows a path as far as the text goes. `depth` is how many of its parts were found. */
export function followPath(
  text: string,
  path: readonly (string | number)[],
  from: JsonStretch = { start: skipSpace(text, 0), end: text.trimEnd().length },
): { readonly stretch: JsonStretch; readonly depth: number } {
  let stretch = from;
  for (const [depth, part] of path.entries()) {
    const opening = text[stretch.start];
    const next =
      opening === "[" && typeof part === "number"
        ? arrayItems(text, stretch.start)[part]
        : opening === "{"
          ? objectField(text, stretch.start, String(part))
          : undefined;
    if (next === undefined) return { stretch, depth };
    stretch = next;
  }
  return { stretch, depth: path.length };
}
