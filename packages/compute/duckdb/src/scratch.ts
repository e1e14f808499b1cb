import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Folders below a session's scratch folder: DuckDB's spilled blocks, and rows that came in as Arrow. */
export class Scratch {
  readonly spill: string;
  readonly #imports: string;
  #next = 0;

  private constructor(folder: string) {
    this.spill = join(folder, "spill");
    this.#imports = join(folder, "imports");
  }

  /** Makes the folders; what an earlier session left in them goes. */
  static async open(folder: string): Promise<Scratch> {
    const scratch = new Scratch(folder);
    await scratch.remove();
    await mkdir(scratch.spill, { recursive: true });
    return scratch;
  }

  /** A folder that nobody has yet. */
  newImport(): string {
    return join(this.#imports, String(++this.#next));
  }

  async remove(): Promise<void> {
    for (const folder of [this.spill, this.#imports]) await rm(folder, { recursive: true, force: true });
  }
}
