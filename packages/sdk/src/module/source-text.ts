import { readFileSync } from "node:fs";
import { readLiterals } from "./source-literal.ts";
import type { SourceLiteral } from "./source-literal.ts";

/** Texts of an author's files as they were when they were first asked for, with the literals in them. */
export class SourceTexts {
  readonly #texts = new Map<string, string | undefined>();
  readonly #literals = new Map<string, readonly SourceLiteral[]>();

  /** Undefined where the file cannot be read: a module in memory, or one that was deleted. */
  text(file: string): string | undefined {
    if (!this.#texts.has(file)) this.#texts.set(file, read(file));
    return this.#texts.get(file);
  }

  /** Literals of a module, in order. */
  literals(file: string): readonly SourceLiteral[] {
    const known = this.#literals.get(file);
    if (known !== undefined) return known;
    const literals = readLiterals(this.text(file) ?? "");
    this.#literals.set(file, literals);
    return literals;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Without its text, a place is the line and column alone.
    return undefined;
  }
}
