import type { CallSite } from "../builder/call-site.ts";
import type { SourceTexts } from "./source-text.ts";
import { offsetAt } from "./text-position.ts";

/**
 * Name under which a module exports what a call at `site` gives: `export default pipeline(…)`,
 * `const orders = pipeline(…); export { orders }`. Undefined where it is not exported.
 */
export async function findExportName(site: CallSite, texts: SourceTexts): Promise<string | undefined> {
  const text = texts.text(site.file);
  if (text === undefined) return undefined;
  const before = text.slice(0, offsetAt(text, site.line, site.column)).replace(/[\w$.]*$/, "");
  if (/\bexport\s+default\s+$/.test(before)) return "default";
  const local = /\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=;]*)?=\s*$/.exec(before)?.[1];
  if (local === undefined) return undefined;
  const { parse } = await import("es-module-lexer/js");
  try {
    const [, exports] = parse(text, site.file);
    const named = exports.find((entry) => entry.ln === local)?.n;
    if (named !== undefined) return named;
  } catch {
    // A text that the lexer cannot read may still be exported by default.
  }
  return new RegExp(String.raw`\bexport\s+default\s+${local.replaceAll("$", String.raw`\$`)}\s*(?:;|$)`, "m").test(text)
    ? "default"
    : undefined;
}
