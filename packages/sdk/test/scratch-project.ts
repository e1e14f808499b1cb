import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { duckdb } from "@millrace/duckdb";
import { files } from "@millrace/files";
import { createRuntime } from "@millrace/sdk";
import type { Runtime, RuntimeOptions } from "@millrace/sdk";
import { vi } from "vitest";

// A test opens DuckDB, some twice: a second alone, more where every core runs another suite.
vi.setConfig({ testTimeout: 30_000 });

/** A project folder with data, and runtimes in it. Removed when disposed. */
export interface ScratchProject extends AsyncDisposable {
  readonly root: string;
  write(contents: Readonly<Record<string, string>>): void;
  read(name: string): string;
  /** A runtime of this project on the real DuckDB; disposed with the project. */
  runtime(options?: Partial<RuntimeOptions>): Promise<Runtime>;
}

/** Makes a project with these files. */
export function createScratchProject(contents: Readonly<Record<string, string>> = {}): ScratchProject {
  const root = mkdtempSync(join(tmpdir(), "millrace-sdk-"));
  const opened: Runtime[] = [];
  const write = (named: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(named)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  write(contents);
  return {
    root,
    write,
    read: (name) => readFileSync(join(root, name), "utf8"),
    async runtime(options = {}) {
      const runtime = await createRuntime({
        compute: [duckdb()],
        adapters: [files()],
        projectRoot: root,
        threads: 2,
        memory: "1GB",
        ...options,
      });
      opened.push(runtime);
      return runtime;
    },
    async [Symbol.asyncDispose]() {
      for (const runtime of opened) await runtime[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Five orders: one without amount, one refund. */
export const orderFiles: Readonly<Record<string, string>> = {
  "data/orders/1.csv":
    "order_id,customer,amount,ordered_at\n1,ann,10.50,2026-01-01 08:00:00\n2,bob,-3.00,2026-01-01 09:00:00\n3,ann,4.25,2026-01-02 10:00:00\n",
  "data/orders/2.csv":
    "order_id,customer,amount,ordered_at\n4,cid,,2026-01-02 11:00:00\n5,bob,7.00,2026-01-03 12:00:00\n",
};
