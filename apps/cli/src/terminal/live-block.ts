/** A terminal that text can be drawn over. */
export interface DrawingStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * Lines at the bottom of a terminal that are drawn again and again. The cursor stays below them and is never hidden,
 * so that a killed process leaves a usable terminal.
 */
export class LiveBlock {
  readonly #stream: DrawingStream;
  #drawn = 0;

  constructor(stream: DrawingStream) {
    this.#stream = stream;
  }

  /** Replaces what was drawn. Lines must fit: a wrapped line would leave its rest behind. */
  draw(lines: readonly string[]): void {
    this.#stream.write(`${this.#eraseCode()}${lines.map((line) => `${line}\u001B[K\n`).join("")}`);
    this.#drawn = lines.length;
  }

  /** Removes what was drawn. */
  erase(): void {
    if (this.#drawn > 0) this.#stream.write(this.#eraseCode());
    this.#drawn = 0;
  }

  #eraseCode(): string {
    return this.#drawn === 0 ? "" : `\u001B[${this.#drawn}A\r\u001B[J`;
  }
}

/** The lines that fit: what runs first, then what ended last; how many were left out stands above. */
export function fitLines<T extends { readonly state: string }>(
  lines: readonly T[],
  rows: number,
): { readonly shown: readonly T[]; readonly hidden: number } {
  if (lines.length <= rows) return { shown: lines, hidden: 0 };
  const rank = (line: T): number =>
    line.state === "running" ? 0 : line.state === "failed" ? 1 : line.state === "waiting" ? 3 : 2;
  const ranked = lines.map((line, index) => ({ line, index }));
  const taken = ranked
    .toSorted((a, b) => rank(a.line) - rank(b.line) || (rank(a.line) === 2 ? b.index - a.index : a.index - b.index))
    .slice(0, Math.max(1, rows))
    .toSorted((a, b) => a.index - b.index);
  return { shown: taken.map(({ line }) => line), hidden: lines.length - taken.length };
}
