import { TerminalError } from "@millrace/foundation";

/** Patterns that one text with braces may stand for; more come from a generated or hostile text. */
const maxPatterns = 1000;

/** Whether a text has anything that a glob would expand. */
export function hasGlob(text: string): boolean {
  return /[*?]|\[.+\]/.test(text) || findBraces(text) !== undefined;
}

/**
 * Texts without braces: `{a,b}.csv` is `a.csv` and `b.csv`, nested ones too.
 *
 * As in a shell, braces without a comma or without an end are characters.
 *
 * @throws MillraceError `SOURCE_UNREADABLE` for more than 1,000 texts
 */
export function expandBraces(text: string): readonly string[] {
  const found = new Set<string>();
  const waiting = [text];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const braces = findBraces(next);
    if (braces === undefined) found.add(next);
    else {
      const [before, after] = [next.slice(0, braces.start), next.slice(braces.end + 1)];
      // The last one comes off first.
      for (const part of braces.parts.toReversed()) waiting.push(`${before}${part}${after}`);
    }
    if (found.size + waiting.length > maxPatterns) {
      throw new TerminalError({
        code: "SOURCE_UNREADABLE",
        fault: "config",
        message: `Location ${JSON.stringify(text.slice(0, 200))}: its braces stand for more than ${maxPatterns} patterns. Use * instead.`,
      });
    }
  }
  return [...found];
}

function findBraces(
  text: string,
): { readonly start: number; readonly end: number; readonly parts: readonly string[] } | undefined {
  for (let start = text.indexOf("{"); start >= 0; start = text.indexOf("{", start + 1)) {
    let depth = 0;
    let from = start + 1;
    const parts: string[] = [];
    for (let at = start; at < text.length; at++) {
      const character = text[at];
      if (character === "{") depth += 1;
      if (character === "," && depth === 1) {
        parts.push(text.slice(from, at));
        from = at + 1;
      }
      if (character === "}") depth -= 1;
      if (depth > 0) continue;
      if (parts.length === 0) break;
      return { start, end: at, parts: [...parts, text.slice(from, at)] };
    }
  }
  return undefined;
}

type Token = { readonly kind: "star" } | { readonly kind: "one"; readonly matches: (character: string) => boolean };

/** Ending of files that are still being written. */
const unfinished = ".tmp";

/**
 * A matcher for one name: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`.
 *
 * A leading dot and an ending `.tmp` are matched only where they are written. Takes at most pattern × name steps,
 * whatever the pattern.
 */
export function createNameMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokenise(Array.from(pattern));
  const dot = pattern.startsWith(".");
  const tmp = pattern.endsWith(unfinished);
  return (name) =>
    (dot || !name.startsWith(".")) && (tmp || !name.endsWith(unfinished)) && matches(tokens, Array.from(name));
}

function tokenise(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const set = character === "[" ? readSet(characters, at) : undefined;
    if (set !== undefined) {
      tokens.push({ kind: "one", matches: set.matches });
      at = set.end;
    } else if (character === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (character === "?") tokens.push({ kind: "one", matches: () => true });
    else tokens.push({ kind: "one", matches: (other) => other === character });
  }
  return tokens;
}

/** A set in brackets; undefined where the bracket has no end and is a character. `]` first is a member. */
function readSet(
  characters: readonly string[],
  start: number,
): { readonly end: number; readonly matches: (c: string) => boolean } | undefined {
  const negated = characters[start + 1] === "!" || characters[start + 1] === "^";
  const from = start + (negated ? 2 : 1);
  const end = characters.indexOf("]", from + 1);
  if (end < 0) return undefined;
  const members = characters.slice(from, end);
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const [low = "", dash, high] = members.slice(at, at + 3);
    const isRange = dash === "-" && high !== undefined;
    ranges.push([low, isRange ? high : low]);
    if (isRange) at += 2;
  }
  const isMember = (character: string): boolean => ranges.some(([low, high]) => low <= character && character <= high);
  return { end, matches: (character) => isMember(character) !== negated };
}

/** Greedy with one step back: only the last star can take more. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current?.kind === "star") {
      star = token;
      starAt = at;
      token += 1;
    } else if (current?.matches(name[at] ?? "") === true) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      starAt += 1;
      at = starAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest.kind === "star");
}
