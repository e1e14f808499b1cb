import { execFile } from "node:child_process";
import { join } from "node:path";
import type { PublishedPackage } from "./published-packages.ts";

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((finish) => {
    execFile(command, args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      finish({ ok: error === null, output: `${stdout}${stderr}` }),
    );
  });
}

/** Packs a package as `pnpm publish` would and lets publint and attw read the tarball. */
export async function checkTarball(entry: PublishedPackage, scratch: string): Promise<readonly string[]> {
  const { name, version, folder } = entry;
  const packed = await run("pnpm", ["pack", "--pack-destination", scratch], folder);
  if (!packed.ok) return [`${name}: pnpm pack failed\n${packed.output}`];
  const tarball = join(scratch, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  const tools = join(import.meta.dirname, "../node_modules/.bin");
  // The command of publint: its JavaScript API cannot read every tarball.
  const lint = await run(join(tools, "publint"), ["--strict", tarball], folder);
  const format = ["--format", "ascii", "--no-color", "--no-emoji"];
  const types = await run(join(tools, "attw"), [tarball, "--profile", "esm-only", ...format], folder);
  return [
    ...(lint.ok ? [] : [`${name}: publint\n${lint.output}`]),
    ...(types.ok ? [] : [`${name}: attw\n${types.output}`]),
  ];
}
