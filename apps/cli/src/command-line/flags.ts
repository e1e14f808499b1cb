import type { ParsedFlags } from "./parse.ts";

/** Flags of a command by name, as they were typed. */
export class Flags {
  readonly #parsed: ParsedFlags;

  constructor(parsed: ParsedFlags) {
    this.#parsed = parsed;
  }

  /** Whether a switch is given. */
  has(name: string): boolean {
    return this.#parsed.switches.has(name);
  }

  /** Value of a flag. */
  text(name: string): string | undefined {
    return this.#parsed.values.get(name)?.[0];
  }

  /** Value of a whole-number flag, which the parser has checked. */
  integer(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(value);
  }

  /** Values of a flag that repeats. */
  all(name: string): readonly string[] {
    return this.#parsed.values.get(name) ?? [];
  }

  /** Words of a flag that repeats and takes lists: `--select a,b --select c`. */
  words(name: string): readonly string[] {
    return this.all(name).flatMap((value) => value.split(/[,\s]+/).filter((word) => word !== ""));
  }
}
