import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { z } from "zod";

export interface ErrorEntry {
  readonly exit: number;
  readonly summary: string;
  readonly fix: string;
}

/** Text by path, relative to the root. */
export type GeneratedFiles = ReadonlyMap<string, string>;

const schemaFolder = "packages/protocols/schemas";

/** One JSON Schema for each wire schema, in the form that people write (defaults may be left out). */
export function renderSchemas(schemas: Readonly<Record<string, z.ZodType>>): GeneratedFiles {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      const file = `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.json`;
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-2020-12" });
      const text = { $schema, $id: `https://example.invalid/millrace/schemas/${file}`, ...rest };
      return [`${schemaFolder}/${file}`, `${JSON.stringify(text, undefined, 2)}\n`];
    }),
  );
}

/** The page of all error codes, a table for each first word of a code. */
export function renderErrors(codes: Readonly<Record<string, ErrorEntry>>): GeneratedFiles {
  const groups = Map.groupBy(Object.entries(codes), ([code]) => code.split("_")[0] ?? code);
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const tables = [...groups].map(([group, entries]) => {
    const rows = entries.map(
      ([code, { exit, summary, fix }]) => `| \`${code}\` | ${exit} | ${cell(summary)} | ${cell(fix)} |`,
    );
    return [`## ${group}`, "", "| code | exit | what happened | what to do |", "| --- | --- | --- | --- |", ...rows];
  });
  const head = [
    "# Errors",
    "",
    "Made from `errorCodes` of `@millrace/protocols` by `pnpm generated --write`. `millrace explain <code>` prints one entry.",
  ];
  return new Map([["docs/errors.md", `${[head, ...tables].map((part) => part.join("\n")).join("\n\n")}\n`]]);
}

/** Writes the files, or returns one sentence for each that is stale, missing or no longer made from anything. */
export function syncFiles(root: string, files: GeneratedFiles, write: boolean): readonly string[] {
  const left = globSync(`${schemaFolder}/*.json`, { cwd: root }).map((file) => file.replaceAll(sep, "/"));
  const stale = [...files].filter(([file, text]) => readText(join(root, file)) !== text);
  const orphans = left.filter((file) => !files.has(file));
  if (write) {
    for (const file of orphans) rmSync(join(root, file));
    for (const [file, text] of stale) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    return [];
  }
  const advice = 'run "pnpm generated --write"';
  return [
    ...stale.map(([file]) => `${file} is stale: ${advice}`),
    ...orphans.map((file) => `${file} is made from nothing: ${advice}`),
  ];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Absent counts as stale.
    return undefined;
  }
}
