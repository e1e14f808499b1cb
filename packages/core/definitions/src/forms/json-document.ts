import type { ParseError } from "jsonc-parser";
import type { Finding, Locate, Path, Place, PlaceRequest } from "../finding.ts";
import { shorten } from "../finding.ts";
import { maxDepth } from "../rules/plain-json.ts";
import { brokenDocument } from "./definition-document.ts";
import type { DefinitionDocument } from "./definition-document.ts";
import { arrayItems, countKeys, followPath, skipSpace, surveyJson } from "./json-skim.ts";
import type { JsonStretch } from "./json-skim.ts";
import { LineMap } from "./line-map.ts";
import { jsonStringOrigin } from "./text-origin.ts";

/** Largest JSON file: 100,000 steps are about 25 MB. */
export const maxJsonBytes: number = 32 * 2 ** 20;

/** What is wrong with a JSON text, by offset. */
interface JsonTextFinding extends Pick<Finding, "code" | "message"> {
  readonly offset: number;
  readonly length: number;
}

/** A parsed JSON text, or why it is none. Duplicate keys are findings and leave the value readable. */
export interface ParsedJson {
  readonly value: unknown;
  readonly findings: readonly JsonTextFinding[];
}

/**
 * Parses JSON. Fast: `JSON.parse`, and one pass that counts keys and levels. Only a text in which something is wrong is read by
 * the parser that knows positions.
 */
export async function parseJson(text: string): Promise<ParsedJson> {
  const survey = surveyJson(text, maxDepth);
  if (survey.tooDeepAt !== -1)
    return broken({
      code: "DEFINITION_TOO_DEEP",
      message: `it nests deeper than ${maxDepth} levels`,
      offset: survey.tooDeepAt,
      length: 1,
    });
  const parsed = tryParse(text);
  if (parsed === undefined) return broken(await findSyntaxError(text));
  return { value: parsed.value, findings: countKeys(parsed.value) === survey.keys ? [] : await findDuplicates(text) };
}

function broken(finding: JsonTextFinding): ParsedJson {
  return { value: undefined, findings: [finding] };
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // The parser that knows positions says what is wrong.
    return undefined;
  }
}

async function findSyntaxError(text: string): Promise<JsonTextFinding> {
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  // `JSON.parse` refuses what the other accepts: control characters in texts, odd numbers.
  if (first === undefined) return { code: "DEFINITION_SYNTAX", message: "it is not valid JSON", offset: 0, length: 0 };
  const words = printParseErrorCode(first.error)
    .replaceAll(/([A-Z])/g, " $1")
    .trim()
    .toLowerCase();
  const found = text.slice(first.offset, first.offset + Math.max(1, first.length));
  return {
    code: "DEFINITION_SYNTAX",
    message: `it is not valid JSON: ${words}${found === "" ? " at the end" : `, at ${shorten(found, 30)}`}`,
    offset: first.offset,
    length: first.length,
  };
}

/** Most duplicate keys of one text that are told. */
export const maxDuplicates = 50;

async function findDuplicates(text: string): Promise<readonly JsonTextFinding[]> {
  const { visit } = await import("jsonc-parser");
  const findings: JsonTextFinding[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, offset, length) => {
      const names = open.at(-1);
      if (names?.has(name) === true && findings.length < maxDuplicates)
        findings.push({
          code: "DEFINITION_DUPLICATE_KEY",
          message: `the key ${shorten(name)} stands twice in one object`,
          offset,
          length,
        });
      names?.add(name);
    },
  });
  return findings;
}

/** Where a value of a JSON text is, in that text. */
export function locateInJson(
  text: string,
  path: Path,
  request: PlaceRequest & { readonly from?: JsonStretch } = {},
): JsonPlace {
  const { stretch, depth } = followPath(text, path, request.from);
  // A key that is missing is shown where its object begins.
  const found = depth === path.length;
  const shown = found && request.at === "key" && stretch.key !== undefined ? stretch.key : stretch;
  if (found && request.offset !== undefined && text[stretch.start] === '"') {
    const origin = jsonStringOrigin(text, stretch.start);
    const start = origin(request.offset);
    return { start, end: request.length === undefined ? start : origin(request.offset + request.length) };
  }
  return { start: shown.start, end: found ? shown.end : shown.start + 1 };
}

/** A stretch of a JSON text. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

/** A JSON file. */
export async function readJsonDocument(file: string, text: string): Promise<DefinitionDocument> {
  const lines = new LineMap(text);
  const place = (start: number, length: number): Place => ({ position: { file, ...lines.at(start) }, length });
  const texts = (name: string): string | undefined => (name === file ? text : undefined);
  if (text.trim() === "")
    return brokenDocument(
      [{ code: "DEFINITION_EMPTY", message: `${file} is empty.`, path: [], place: place(0, 0) }],
      texts,
    );
  const { value, findings } = await parseJson(text);
  const located = findings.map(({ code, message, offset, length }): Finding => ({
    code,
    message: `${file}: ${message}.`,
    path: [],
    place: place(offset, length),
  }));
  if (value === undefined) return brokenDocument(located, texts);
  return { value, findings: located, locate: createLocate(text, Array.isArray(value), place), text: texts };
}

/** Steps are found through a table that is made once: a file may have 100,000 of them, and as many issues. */
function createLocate(text: string, isArray: boolean, place: (start: number, length: number) => Place): Locate {
  let items: readonly JsonStretch[] | undefined;
  const stepStretch = (index: number): JsonStretch | undefined => {
    if (items === undefined) {
      const list = isArray ? { start: skipSpace(text, 0) } : followPath(text, ["steps"]).stretch;
      items = text[list.start] === "[" ? arrayItems(text, list.start) : [];
    }
    return items[index];
  };
  return (path, request = {}) => {
    const [first, index, ...rest] = path;
    const step = first === "steps" && typeof index === "number" ? stepStretch(index) : undefined;
    const own = isArray && first === "steps" ? path.slice(1) : path;
    const { start, end } =
      step === undefined ? locateInJson(text, own, request) : locateInJson(text, rest, { ...request, from: step });
    return place(start, oneLine(text, start, end));
  };
}

/** A frame underlines one line: a stretch over several is cut at the end of its first. */
export function oneLine(text: string, start: number, end: number): number {
  const stop = text.slice(start, end).search(/[\r\n]/);
  return stop === -1 ? end - start : stop;
}
