import type { Finding, Locate, Path, Place } from "../finding.ts";
import { brokenDocument } from "../forms/definition-document.ts";
import type { DefinitionDocument } from "../forms/definition-document.ts";
import { LineMap } from "../forms/line-map.ts";

/** A TOML 1.0 file. */
export async function readTomlDocument(file: string, text: string): Promise<DefinitionDocument> {
  const { parse, TomlError } = await import("smol-toml");
  const texts = (name: string): string | undefined => (name === file ? text : undefined);
  try {
    return { value: parse(text), findings: [], locate: createLocate(file, text), text: texts };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    const finding: Finding = {
      code: /redefin|duplicate/i.test(message) ? "DEFINITION_DUPLICATE_KEY" : "DEFINITION_SYNTAX",
      message: `${file}: it is not valid TOML: ${message}.`,
      path: [],
      place: { position: { file, line: error.line, column: error.column } },
    };
    return brokenDocument([finding], texts);
  }
}

/** The parser keeps no positions: tables and keys are found again by their lines. */
function createLocate(file: string, text: string): Locate {
  const lines = new LineMap(text);
  let entries: readonly Entry[] | undefined;
  return (path) => {
    entries ??= readEntries(text);
    for (let length = path.length; length > 0; length--) {
      const found = entries.find((entry) => isPath(entry.path, path.slice(0, length)));
      if (found !== undefined) return placeOf(file, lines.at(found.start), found.length);
    }
    return placeOf(file, { line: 1, column: 1 }, 0);
  };
}

function placeOf(file: string, at: { readonly line: number; readonly column: number }, length: number): Place {
  return { position: { file, ...at }, length };
}

function isPath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** A table header or key, and where its name stands. */
interface Entry {
  readonly path: Path;
  readonly start: number;
  readonly length: number;
}

const name = String.raw`(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')`;
const dotted = String.raw`${name}(?:[ \t]*\.[ \t]*${name})*`;
const line = new RegExp(
  String.raw`^[ \t]*(?:\[{1,2}[ \t]*(?<table>${dotted})[ \t]*\]{1,2}|(?<key>${dotted})[ \t]*=)`,
  "gm",
);

function readEntries(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let table: Path = [];
  for (const match of text.matchAll(line)) {
    const { table: header, key } = match.groups ?? {};
    const own = header ?? key ?? "";
    const parts = (own.match(new RegExp(name, "g")) ?? []).map((part) => part.replace(/^["'](.*)["']$/, "$1"));
    if (header !== undefined) table = parts;
    const path = header === undefined ? [...table, ...parts] : parts;
    entries.push({ path, start: match.index + match[0].indexOf(own), length: own.length });
  }
  return entries;
}
