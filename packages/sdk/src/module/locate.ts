import type { LoadedPipeline, SourcePosition } from "@millrace/protocols";
import type { CallSite } from "../builder/call-site.ts";
import type { PipelineDefinition, StepOrigin } from "../builder/draft.ts";
import type { FragmentPiece } from "../builder/fragment.ts";
import type { LiteralText, SourceLiteral } from "./source-literal.ts";
import type { SourceTexts } from "./source-text.ts";
import { offsetAt, positionAt } from "./text-position.ts";

type Path = readonly (string | number)[];

/**
 * Finds where an author wrote a part of a definition: the SQL text of a step with an offset in it, any other text as a
 * literal of the call that added the step, else the call.
 */
export function createLocator(definition: PipelineDefinition, texts: SourceTexts): LoadedPipeline["locate"] {
  return (path, offset = 0) => {
    if (path[0] !== "steps" || typeof path[1] !== "number") return definition.site;
    const origin = definition.origins[path[1]];
    if (origin === undefined) return definition.site;
    const value = valueAt(definition.document, path);
    if (path[2] === "value" && path.length === 3 && origin.sql !== undefined && typeof value === "string")
      return locateSql(value, offset, { origin, texts }) ?? origin.site;
    const written = typeof value === "string" ? value : path.at(-1);
    const found =
      typeof written === "string"
        ? findText(written, { origin, texts, end: endOfCall(definition, path[1], texts) })
        : undefined;
    return found === undefined
      ? origin.site
      : toPosition(found, typeof value === "string" ? offset : 0, { origin, texts });
  };
}

interface Search {
  readonly origin: StepOrigin;
  readonly texts: SourceTexts;
}

function locateSql(sql: string, offset: number, { origin, texts }: Search): SourcePosition | undefined {
  const written = origin.sql;
  if (written?.kind === "file")
    return { file: written.file, ...positionAt(texts.text(written.file)?.replace(/^\uFEFF/, "") ?? "", offset) };
  if (written?.kind === "fragment") return locateInFragment(written.pieces, offset, { origin, texts });
  const site = origin.site;
  if (site === undefined) return undefined;
  const start = offsetOf(site, texts);
  const same = texts.literals(site.file).filter(({ texts: parts }) => parts.length === 1 && parts[0]?.value === sql);
  // Written in the call, else a constant above it.
  const literal = same.find((one) => one.start >= start) ?? same.at(-1);
  const text = literal?.texts[0];
  return text === undefined ? undefined : toPosition(text, offset, { origin, texts });
}

/** An offset in what a hole gave counts for the place after the text before it. */
function locateInFragment(
  pieces: readonly FragmentPiece[],
  offset: number,
  { origin, texts }: Search,
): SourcePosition | undefined {
  const piece = pieces.findLast(({ start }) => start <= offset);
  if (piece?.site === undefined) return undefined;
  const literal = findTemplate(pieces, piece, texts);
  const text = literal?.texts[piece.index];
  if (text === undefined) return piece.site;
  const inside = Math.min(offset - piece.start, piece.length);
  return toPosition(text, inside, { origin: { ...origin, site: piece.site }, texts });
}

/** The template at a tag's call site with as many texts as the fragment has there. */
function findTemplate(
  pieces: readonly FragmentPiece[],
  { site }: FragmentPiece,
  texts: SourceTexts,
): SourceLiteral | undefined {
  if (site === undefined) return undefined;
  const count = 1 + Math.max(...pieces.filter((one) => one.site === site).map(({ index }) => index));
  const start = offsetOf(site, texts);
  return texts.literals(site.file).find((literal) => literal.start >= start && literal.texts.length === count);
}

function findText(written: string, { origin, texts, end }: Search & { readonly end: number }): LiteralText | undefined {
  const { site } = origin;
  if (site === undefined) return undefined;
  const start = offsetOf(site, texts);
  return texts
    .literals(site.file)
    .find(
      (literal) =>
        literal.start >= start &&
        literal.start < end &&
        literal.texts.length === 1 &&
        literal.texts[0]?.value === written,
    )?.texts[0];
}

/** Where the next step of the same file begins: literals beyond belong to it. */
function endOfCall(definition: PipelineDefinition, index: number, texts: SourceTexts): number {
  const own = definition.origins[index]?.site;
  const next = definition.origins[index + 1]?.site;
  if (own === undefined || next?.file !== own.file) return Infinity;
  const end = offsetOf(next, texts);
  return end > offsetOf(own, texts) ? end : Infinity;
}

function toPosition(text: LiteralText, offset: number, { origin, texts }: Search): SourcePosition | undefined {
  const file = origin.site?.file;
  const source = file === undefined ? undefined : texts.text(file);
  return file === undefined || source === undefined ? undefined : { file, ...positionAt(source, text.at(offset)) };
}

function offsetOf(site: CallSite, texts: SourceTexts): number {
  return offsetAt(texts.text(site.file) ?? "", site.line, site.column);
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    document,
  );
}
