import type { Scalar } from "yaml";
import type { Origin } from "./text-origin.ts";

/** Where each code unit of a YAML scalar was written: block scalars lose their indentation, quoted and plain ones fold lines. */
export function yamlOrigin(text: string, node: Scalar): Origin {
  const [start, end] = node.range ?? [0, 0];
  const offsets =
    node.type?.startsWith("BLOCK") === true
      ? blockOffsets(text, node)
      : flowOffsets(text.slice(0, end), start, node.type);
  return (offset) => offsets[offset] ?? (offsets.length === 0 ? start : (offsets.at(-1) ?? start) + 1);
}

const whiteSpace = /[ \t\r\n]+/y;

/** Plain and quoted scalars: a run of white space with line breaks is one space, or a line break less than it has. */
function flowOffsets(text: string, start: number, style: Scalar["type"]): readonly number[] {
  const quoted = style === "QUOTE_SINGLE" || style === "QUOTE_DOUBLE" ? 1 : 0;
  const stop = text.length - quoted;
  const offsets: number[] = [];
  for (let at = start + quoted; at < stop;) {
    whiteSpace.lastIndex = at;
    const run = whiteSpace.exec(text.slice(0, stop))?.[0];
    if (run !== undefined) {
      const breaks = run.match(/\r\n|\r|\n/g)?.length ?? 0;
      const units = breaks === 0 ? run.length : Math.max(1, breaks - 1);
      for (let unit = 0; unit < units; unit++) offsets.push(breaks === 0 ? at + unit : at);
      at += run.length;
    } else if (style === "QUOTE_DOUBLE" && text[at] === "\\") {
      const { length, units } = escapeAt(text, at);
      for (let unit = 0; unit < units; unit++) offsets.push(at);
      at += length;
    } else {
      offsets.push(at);
      at += style === "QUOTE_SINGLE" && text[at] === "'" ? 2 : 1;
    }
  }
  return offsets;
}

const escapeLengths: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** Characters that an escape takes, and code units that it gives. An escaped line break gives none. */
function escapeAt(text: string, at: number): { readonly length: number; readonly units: number } {
  const next = text[at + 1] ?? "";
  if (next === "\n" || next === "\r") {
    const skipped = /^\\(?:\r\n|\r|\n)[ \t]*/.exec(text.slice(at, at + 4096))?.[0] ?? "\\\n";
    return { length: skipped.length, units: 0 };
  }
  const length = escapeLengths[next] ?? 2;
  const astral = next === "U" && Number.parseInt(text.slice(at + 2, at + 10), 16) > 0xffff;
  return { length, units: astral ? 2 : 1 };
}

/** Lines of a block scalar, without its header: offset and text of each, without the line break. */
function blockLines(text: string, node: Scalar): readonly { readonly start: number; readonly line: string }[] {
  const [start, end] = node.range ?? [0, 0];
  const header = text.indexOf("\n", start);
  if (header === -1) return [];
  const lines: { readonly start: number; readonly line: string }[] = [];
  for (let at = header + 1; at < end;) {
    const next = text.indexOf("\n", at);
    const stop = next === -1 || next > end ? end : next;
    const line = text.slice(at, stop);
    lines.push({ start: at, line: line.endsWith("\r") ? line.slice(0, -1) : line });
    at = stop + 1;
  }
  return lines;
}

function blockOffsets(text: string, node: Scalar): readonly number[] {
  const value = String(node.value);
  const lines = blockLines(text, node);
  return node.type === "BLOCK_LITERAL" ? literalOffsets(value, lines) : foldedOffsets(value, lines);
}

type Lines = ReturnType<typeof blockLines>;

/** Each line of the value is the end of a line of the text: what is before it is indentation. */
function literalOffsets(value: string, lines: Lines): readonly number[] {
  const offsets: number[] = [];
  for (const [index, part] of value.split("\n").entries()) {
    const { start, line } = lines[index] ?? { start: (offsets.at(-1) ?? 0) + 1, line: "" };
    const indent = Math.max(0, line.length - part.length);
    for (let unit = 0; unit <= part.length; unit++) offsets.push(start + indent + unit);
  }
  // The last line of the value has no line break of its own.
  offsets.pop();
  return offsets;
}

/** What each line says stands in the value in order; between two of them are only spaces and line breaks. */
function foldedOffsets(value: string, lines: Lines): readonly number[] {
  const offsets: number[] = [];
  let lineEnd = lines[0]?.start ?? 0;
  for (const { start, line } of lines) {
    const content = line.replace(/^ +/, "");
    if (content === "") continue;
    const found = findAfterSpace(value, offsets.length, content);
    const contentStart = start + line.length - content.length;
    for (let unit = offsets.length; unit < found; unit++) {
      const indented = contentStart - (found - unit);
      offsets.push(value[unit] === " " && indented >= start ? indented : lineEnd);
    }
    for (let unit = 0; unit < content.length; unit++) offsets.push(contentStart + unit);
    lineEnd = start + line.length;
  }
  while (offsets.length < value.length) offsets.push(lineEnd);
  return offsets;
}

function findAfterSpace(value: string, from: number, content: string): number {
  let at = from;
  while ((value[at] === " " || value[at] === "\n") && !value.startsWith(content, at)) at += 1;
  return at;
}
