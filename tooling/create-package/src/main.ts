// Makes a tier 2 package that passes every gate:
//   pnpm create-package packages/adapters/s3 "Reads and writes S3 objects as Millrace storage."
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderPackage } from "./package-files.ts";

const solution = "tooling/build/tsconfig.json";

function createPackage(folder: string, description: string): string | undefined {
  if (!/^packages\/(core|compute|adapters|formats)\/[a-z][a-z0-9-]*$/.test(folder))
    return `"${folder}" is no folder of tier 2: packages/{core,compute,adapters,formats}/<name>`;
  if (existsSync(folder)) return `${folder} exists`;
  if (!/^\S.*\.$/.test(description)) return "describe the package in one sentence that ends with a full stop";
  const files = renderPackage({ folder, description, licence: readFileSync("LICENSE", "utf8") });
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const build = JSON.parse(readFileSync(solution, "utf8")) as { readonly references: readonly unknown[] };
  const references = [...build.references, { path: `../../${folder}` }];
  writeFileSync(solution, JSON.stringify({ ...build, references }, undefined, 2));
  const format = spawnSync("prettier", ["--write", "--log-level=warn", folder, solution], { stdio: "inherit" });
  return format.status === 0 ? undefined : "prettier failed";
}

const [folder = "", description = ""] = process.argv.slice(2);
const problem = createPackage(folder, description);
if (problem === undefined) process.stdout.write(`created ${folder}; now run "pnpm install" and "npm run verify"\n`);
else process.stderr.write(`create-package: ${problem}\n`);
process.exitCode = problem === undefined ? 0 : 1;
