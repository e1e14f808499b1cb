import type { Alias, Scalar } from "yaml";
import { isRecord, shorten } from "../finding.ts";
import type { Finding, Locate, Place } from "../finding.ts";
import { maxDepth } from "../rules/plain-json.ts";
import { brokenDocument } from "./definition-document.ts";
import type { DefinitionDocument } from "./definition-document.ts";
import { maxDuplicates, oneLine } from "./json-document.ts";
import { LineMap } from "./line-map.ts";
import { yamlOrigin } from "./yaml-origin.ts";
import { createFinder } from "./yaml-path.ts";
import type { FindNode, Yaml, YamlDocument } from "./yaml-path.ts";
import { findAmbiguousTexts } from "./yaml-scalar.ts";

/** Largest YAML file. Its parser takes about a second for each megabyte. */
export const maxYamlBytes: number = 2 ** 20;

/** Most syntax errors of one file: further ones are echoes. */
const maxErrors = 10;

/** A YAML 1.2 file with one document. */
export async function readYamlDocument(file: string, text: string): Promise<DefinitionDocument> {
  const yaml = await import("yaml");
  const lines = new LineMap(text);
  const place = (start: number, length: number): Place => ({ position: { file, ...lines.at(start) }, length });
  const found = (code: Finding["code"], message: string, where: readonly [start: number, length: number]): Finding => ({
    code,
    message: `${file}: ${message}.`,
    path: [],
    place: place(...where),
  });
  const texts = (name: string): string | undefined => (name === file ? text : undefined);
  const composed = compose(yaml, text);
  if ("tooDeepAt" in composed)
    return brokenDocument(
      [found("DEFINITION_TOO_DEEP", `it nests deeper than ${maxDepth} levels`, [composed.tooDeepAt, 1])],
      texts,
    );
  const [document, second] = composed.documents;
  if (document === undefined) return brokenDocument([found("DEFINITION_EMPTY", "it is empty", [0, 0])], texts);
  const errors = [...document.errors, ...document.warnings]
    .slice(0, maxErrors)
    .map(({ message, pos: [start, end] }) => {
      const sentence = message.replace(/\.$/, "");
      return found("DEFINITION_SYNTAX", `it is not valid YAML: ${sentence}`, [start, oneLine(text, start, end)]);
    });
  if (second !== undefined)
    errors.push(found("DEFINITION_SYNTAX", "it has several documents; a pipeline is one", [second.range[0], 0]));
  for (const { source, range } of unresolvedAliases(yaml, document))
    errors.push(found("DEFINITION_SYNTAX", `the alias *${source} has no anchor`, [range?.[0] ?? 0, source.length + 1]));
  if (errors.length > 0) return brokenDocument(errors, texts);
  if (document.contents === null || (yaml.isScalar(document.contents) && document.contents.value === null))
    return brokenDocument([found("DEFINITION_EMPTY", "it is empty, or has comments only", [0, 0])], texts);
  const value = toValue(document);
  if (value === undefined)
    return brokenDocument(
      [found("DEFINITION_FILE_TOO_LARGE", "its aliases expand beyond every measure", [0, 0])],
      texts,
    );
  const node = createFinder(yaml, document);
  const duplicates = duplicateKeys(yaml, document).map(({ value: key, range }) =>
    found("DEFINITION_DUPLICATE_KEY", `the key ${shorten(String(key))} stands twice in one object`, [
      range?.[0] ?? 0,
      (range?.[1] ?? 0) - (range?.[0] ?? 0),
    ]),
  );
  return {
    value: value.value,
    findings: [...duplicates, ...findAmbiguousTexts({ yaml, steps: countSteps(value.value), node })],
    locate: createLocate({ yaml, text, place, node }),
    text: texts,
  };
}

/** Parses with the levels counted on the way: the parser keeps a stack, but what follows it recurses. */
function compose(
  yaml: Yaml,
  text: string,
): { readonly documents: readonly YamlDocument[] } | { readonly tooDeepAt: number } {
  const parser = new yaml.Parser();
  const tokens = [];
  // The document and the scalar at hand stand on the stack too.
  for (const lexeme of new yaml.Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth + 2) return { tooDeepAt: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new yaml.Composer({ version: "1.2", uniqueKeys: false, strict: true, stringKeys: true });
  return { documents: [...composer.compose(tokens, true, text.length)] as YamlDocument[] };
}

function unresolvedAliases(yaml: Yaml, document: YamlDocument): readonly Alias[] {
  const found: Alias[] = [];
  yaml.visit(document, { Alias: (_key, alias) => void (alias.resolve(document) === undefined && found.push(alias)) });
  return found;
}

/** Keys that their object has already. The parser's own check compares each with each. */
function duplicateKeys(yaml: Yaml, document: YamlDocument): readonly Scalar[] {
  const found: Scalar[] = [];
  yaml.visit(document, {
    Map(_key, map) {
      const names = new Set<string>();
      for (const { key } of map.items) {
        if (!yaml.isScalar(key)) continue;
        const name = String(key.value);
        if (names.has(name) && found.length < maxDuplicates) found.push(key);
        names.add(name);
      }
    },
  });
  return found;
}

function toValue(document: YamlDocument): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS() };
  } catch (error) {
    // All aliases have anchors, so this is the parser's guard against aliases of aliases.
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function createLocate(context: {
  readonly yaml: Yaml;
  readonly text: string;
  readonly place: (start: number, length: number) => Place;
  readonly node: FindNode;
}): Locate {
  const { yaml, text, place } = context;
  return (path, request = {}) => {
    const { node, key, depth } = context.node(path);
    const found = depth === path.length;
    const shown = found && (request.at === "key" || node === null) && key !== null ? key : (node ?? key);
    if (shown === null) return undefined;
    const [start, end] = shown.range;
    if (found && request.offset !== undefined && yaml.isScalar(node) && typeof node.value === "string") {
      const origin = yamlOrigin(text, node);
      const from = origin(request.offset);
      const length = request.length === undefined ? 0 : origin(request.offset + request.length) - from;
      return place(from, oneLine(text, from, from + length));
    }
    const source = yaml.isScalar(node) && typeof node.value !== "string" ? { source: sourceOf(text, node) } : {};
    // A missing key is shown where its object begins.
    return { ...place(start, found ? oneLine(text, start, end) : 1), ...source };
  };
}

/** Steps of a document: its own items, or those below `steps`. */
function countSteps(value: unknown): number {
  const steps = isRecord(value) ? value["steps"] : value;
  return Array.isArray(steps) ? steps.length : 0;
}

function sourceOf(text: string, node: Scalar): string {
  return text.slice(node.range?.[0], node.range?.[1]);
}
