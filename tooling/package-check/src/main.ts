// Checks what would be published: the API report of every entry, publint and attw on the tarball. Needs a built dist.
//   node tooling/package-check/src/main.ts [root] [--write]
// With --write the reports (<name>.api.md, committed) are rewritten instead of compared.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkApiReports } from "./api-report.ts";
import { readPublishedPackages } from "./published-packages.ts";
import { checkTarball } from "./tarball.ts";

const root = resolve(process.argv.slice(2).find((value) => value !== "--write") ?? ".");
const write = process.argv.includes("--write");
const scratch = mkdtempSync(join(tmpdir(), "millrace-pack-"));
const packages = readPublishedPackages(root);

async function checkTarballs(): Promise<readonly string[]> {
  const queue = [...packages];
  const problems: string[] = [];
  const worker = async (): Promise<void> => {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift())
      problems.push(...(await checkTarball(entry, scratch)));
  };
  await Promise.all([worker(), worker()]);
  return problems;
}

const tarballs = checkTarballs();
const problems = [
  ...packages.flatMap((entry) => checkApiReports(entry, { root, scratch, write })),
  ...(await tarballs),
];
rmSync(scratch, { recursive: true });
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`package-check: ${packages.length} packages, ${problems.length} problem(s)\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
