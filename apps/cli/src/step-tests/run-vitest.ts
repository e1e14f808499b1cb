import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestResult } from "./run-suite.ts";

/** Entry of the vitest that a project has installed; undefined where it has none. */
export function findVitest(projectRoot: string): string | undefined {
  try {
    const manifest = createRequire(join(projectRoot, "package.json")).resolve("vitest/package.json");
    const entry = join(dirname(manifest), "vitest.mjs");
    return existsSync(entry) ? entry : undefined;
  } catch {
    // Not installed: the built-in runner takes over.
    return undefined;
  }
}

/** How vitest is started. */
export interface VitestOptions {
  readonly entry: string;
  readonly projectRoot: string;
  readonly files: readonly string[];
  readonly nameFilter: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Runs the project's vitest once. It prints on stderr by itself; results come from its JSON report. */
export async function runVitest(
  options: VitestOptions,
): Promise<{ readonly exitCode: number; readonly results: readonly TestResult[] }> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  const report = join(folder, "report.json");
  try {
    const args = [
      options.entry,
      "run",
      ...options.files,
      "--root",
      options.projectRoot,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...(options.nameFilter === undefined ? [] : ["-t", options.nameFilter]),
    ];
    const exitCode = await new Promise<number>((resolve, reject) => {
      // Its stdout is our stderr: stdout is for the result.
      const child = spawn(process.execPath, args, {
        cwd: options.projectRoot,
        env: { ...options.environment },
        stdio: ["ignore", 2, 2],
      });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
    const results = existsSync(report) ? readReport(JSON.parse(readFileSync(report, "utf8")) as VitestReport) : [];
    return { exitCode, results };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(report: VitestReport): readonly TestResult[] {
  return report.testResults.flatMap((file): readonly TestResult[] => {
    if (file.assertionResults.length === 0 && file.message !== undefined && file.message !== "") {
      return [{ file: file.name, name: "(file)", state: "failed", durationMs: 0, error: new Error(file.message) }];
    }
    return file.assertionResults.map((one) => ({
      file: file.name,
      name: one.fullName.trim(),
      state: one.status === "passed" ? "passed" : one.status === "failed" ? "failed" : "skipped",
      durationMs: one.duration ?? 0,
      ...(one.failureMessages === undefined || one.failureMessages.length === 0
        ? {}
        : { error: new Error(one.failureMessages.join("\n")) }),
    }));
  });
}
