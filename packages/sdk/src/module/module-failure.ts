import { readFileSync } from "node:fs";
import { isMillraceError } from "@millrace/foundation";
import type { Issue, SourcePosition } from "@millrace/protocols";
import { parseFrame } from "../builder/call-site.ts";
import { readLiterals } from "./source-literal.ts";
import { positionAt } from "./text-position.ts";

/** An import that failed, as an issue with its place in the author's file. */
export function toModuleIssue(error: unknown, file: string, files: readonly string[]): Issue {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error && error.name !== "Error" && !isMillraceError(error) ? `${error.name}: ` : "";
  return {
    severity: "error",
    code: isMillraceError(error) ? error.code : "DEFINITION_MODULE_FAILED",
    message: isMillraceError(error) ? message : `the module failed while it was imported: ${name}${message}`,
    path: [],
    position: findPosition(error, files) ?? { file },
  };
}

function findPosition(error: unknown, files: readonly string[]): SourcePosition | undefined {
  if (!(error instanceof Error)) return undefined;
  const stack = error.stack ?? "";
  return findMissingImport(error) ?? findSyntaxError(stack) ?? findUserFrame(stack, files);
}

/** `Cannot find package 'x' imported from /a/b.ts`: the place of `'x'` in that file. */
function findMissingImport(error: Error): SourcePosition | undefined {
  const match = /^Cannot find (?:package|module) '(.+?)' imported from (.+)$/s.exec(error.message);
  if (match === null) return undefined;
  const [, target = "", rest = ""] = match;
  const importer = parseFrame(`    at ${rest}:1:1`)?.file;
  const source = importer === undefined ? undefined : read(importer);
  if (importer === undefined || source === undefined) return undefined;
  const literal = readLiterals(source).find(({ texts }) => {
    const specifier = texts[0]?.value ?? "";
    // A package is named as it is written, a file by its absolute path.
    return (
      specifier === target || (specifier.startsWith(".") && target.endsWith(specifier.replace(/^(?:\.{1,2}\/)+/, "/")))
    );
  });
  return { file: importer, ...(literal === undefined ? {} : positionAt(source, literal.start)) };
}

/** The head of a stack that Node writes for syntax errors: file and line, the line, and `^` below what is meant. */
function findSyntaxError(stack: string): SourcePosition | undefined {
  const match = /^((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n]*?):(\d+)\n([\s\S]*?)\n( *)\^+/.exec(stack);
  if (match === null) return undefined;
  const [, place, line, , indent = ""] = match;
  const frame = parseFrame(`    at ${place}:${line}:1`);
  return frame === undefined ? undefined : { ...frame, column: indent.length + 1 };
}

/** The first frame in one of the author's files. */
function findUserFrame(stack: string, files: readonly string[]): SourcePosition | undefined {
  for (const line of stack.split("\n")) {
    const frame = parseFrame(line);
    if (frame !== undefined && files.includes(frame.file)) return frame;
  }
  return undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The frame is left out then.
    return undefined;
  }
}
