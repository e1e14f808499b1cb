import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./fixture-workspace.ts";

const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

export interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

/** Runs a script of the root manifest in another folder, with this repository's tools. */
export function runGate(gate: string, cwd: string, args: readonly string[] = []): Outcome {
  const script = (scripts[gate] ?? "").replaceAll("node tooling/", `node ${repository}/tooling/`);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const path = [join(repository, "node_modules/.bin"), env["PATH"]].join(":");
  const result = spawnSync("sh", ["-c", `${script} "$@"`, gate, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...env, PATH: path, NO_COLOR: "1", TURBO_TELEMETRY_DISABLED: "1" },
  });
  return { passed: result.status === 0, output: `${result.stdout}${result.stderr}` };
}
