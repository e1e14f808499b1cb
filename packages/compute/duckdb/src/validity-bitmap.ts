/**
 * Which rows have a value, one bit a row, lowest bit first: DuckDB and Arrow agree on that. Costs nothing while no row
 * is null.
 */
export class ValidityBitmap {
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  nulls = 0;

  /**
   * Appends `count` rows of a vector from row `start` on, behind `at` rows.
   *
   * @param valid - The vector's own bitmap; null where no row of it is null.
   */
  append(
    valid: Uint8Array | null,
    start: number,
    { count, at }: { readonly count: number; readonly at: number },
  ): void {
    if (valid === null) return this.#grow(at + count);
    for (let row = 0; row < count;) {
      const bit = (start + row) & 7;
      const byte = valid[(start + row) >> 3] ?? 0;
      // Whole bytes of valid rows are the rule.
      if (bit === 0 && byte === 0xff) {
        row += 8;
        continue;
      }
      if ((byte & (1 << bit)) === 0) this.setNull(at + row, at + count);
      row++;
    }
    this.#grow(at + count);
  }

  /** Marks a row as null. */
  setNull(row: number, rows: number): void {
    this.#bytes ??= new Uint8Array(0);
    this.#grow(rows);
    const bytes = this.#bytes;
    const byte = bytes[row >> 3] as number;
    if ((byte & (1 << (row & 7))) === 0) return;
    bytes[row >> 3] = byte & ~(1 << (row & 7));
    this.nulls++;
  }

  /** The bitmap of `rows` rows; undefined where none is null. */
  toBytes(rows: number): Uint8Array | undefined {
    return this.#bytes?.subarray(0, Math.ceil(rows / 8));
  }

  #grow(rows: number): void {
    if (this.#bytes === undefined) return;
    const needed = Math.ceil(rows / 8);
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2, 64)).fill(0xff);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
