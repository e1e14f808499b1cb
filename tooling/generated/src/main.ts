// Compares what is generated from @millrace/protocols with the repository: JSON Schemas and docs/errors.md.
//   node --conditions=@millrace/source tooling/generated/src/main.ts [--write]
import { errorCodes } from "@millrace/protocols";
import { wireSchemas } from "@millrace/protocols/schemas";
import { renderErrors, renderSchemas, syncFiles } from "./generated-files.ts";

const files = new Map([...renderSchemas(wireSchemas), ...renderErrors(errorCodes)]);
const problems = syncFiles(".", files, process.argv.includes("--write"));
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`generated: ${files.size} files, ${problems.length} problem(s)\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
