// Checks manifests, imports and documents of this workspace. Prints one sentence per broken rule, exit code 1.
import { checkDocuments } from "./documents.ts";
import { checkImports } from "./imports.ts";
import { checkManifests } from "./manifests.ts";
import { readWorkspace } from "./workspace.ts";

const root = process.argv[2] ?? ".";
const packages = readWorkspace(root);
const problems = [...checkManifests(root, packages), ...checkImports(root, packages), ...checkDocuments(root)];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`repo-check: ${packages.length} packages, ${problems.length} problem(s)\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
