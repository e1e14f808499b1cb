import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The workspace whose configuration and tools the fixture borrows. */
export const repository: string = resolve(import.meta.dirname, "../../..");

interface FixturePackage {
  readonly name: string;
  readonly tier: string;
  readonly uses?: readonly string[];
  readonly source: string;
  /** A second entry, `./schemas`. */
  readonly schemas?: string;
}

const packages: Readonly<Record<string, FixturePackage>> = {
  "packages/protocols": {
    name: "protocols",
    tier: "tier:0",
    source: "/** One row. @public */\nexport interface Row {\n  readonly id: number;\n}\n",
    schemas:
      'import type { Row } from "./index.ts";\n\n/** Rows by name. @public */\nexport const rows: Readonly<Record<string, Row>> = {};\n',
  },
  "packages/foundation": {
    name: "foundation",
    tier: "tier:1",
    uses: ["packages/protocols"],
    source:
      'import type { Row } from "@millrace/protocols";\n\n/** Resolves with a row. @public */\nexport async function fetchRow(id: number): Promise<Row> {\n  return { id };\n}\n',
  },
  "packages/core/engine": {
    name: "engine",
    tier: "tier:2",
    uses: ["packages/foundation"],
    source:
      'import { fetchRow } from "@millrace/foundation";\n\n/** Resolves with the id of a row. @public */\nexport async function runStep(id: number): Promise<number> {\n  return (await fetchRow(id)).id;\n}\n',
  },
  "packages/core/lineage": {
    name: "lineage",
    tier: "tier:2",
    uses: ["packages/protocols"],
    source:
      'import type { Row } from "@millrace/protocols";\n\n/** Names the origin of a row. @public */\nexport function toOrigin(row: Row): string {\n  return `row ${row.id}`;\n}\n',
  },
  "packages/testing": {
    name: "testing",
    tier: "tier:2",
    uses: ["packages/protocols"],
    source:
      'import type { Row } from "@millrace/protocols";\n\n/** A row for tests. @public */\nexport const fakeRow: Row = { id: 1 };\n',
  },
};

/** A small workspace in a temporary folder under this repository's own configuration; it passes every gate. */
export class FixtureWorkspace {
  readonly root: string = mkdtempSync(join(tmpdir(), "millrace-gates-"));

  constructor(origin?: FixtureWorkspace) {
    if (origin === undefined) this.#writeWorkspace();
    else cpSync(origin.root, this.root, { recursive: true, verbatimSymlinks: true });
  }

  /** A workspace with the same files, built ones included. */
  copy(): FixtureWorkspace {
    return new FixtureWorkspace(this);
  }

  #writeWorkspace(): void {
    const shared = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", "turbo.json", "tsconfig.base.json"];
    for (const file of [
      ...shared,
      ".knip.json",
      ".oxlintrc.json",
      ".prettierrc.json",
      ".prettierignore",
      ".gitignore",
      "LICENSE",
    ])
      cpSync(join(repository, file), join(this.root, file));
    for (const file of ["vitest.config.ts", "tsconfig.json", "test/readme-examples.test.ts"])
      cpSync(join(repository, "tooling/tests", file), join(this.root, "tooling/tests", file));
    symlinkSync(join(repository, "node_modules"), join(this.root, "node_modules"));
    const folders = Object.keys(packages);
    this.writeJson("tooling/build/tsconfig.json", {
      files: [],
      references: folders.map((path) => ({ path: `../../${path}` })),
    });
    for (const name of ["build", "tests"]) {
      this.writeJson(`tooling/${name}/package.json`, {
        name: `@millrace/${name}`,
        version: "0.0.0",
        private: true,
        type: "module",
      });
      this.writeJson(`tooling/${name}/turbo.json`, { extends: ["//"], tags: ["tier:tooling"] });
    }
    // The fixture uses a part of the catalog and has no property tests.
    this.edit("package.json", (text) => text.replace(/ *"fast-check".*\n/, ""));
    this.edit(".knip.json", (text) => text.replace("{", '{ "exclude": ["catalog"],'));
    for (const folder of folders) this.#writePackage(folder);
  }

  #writePackage(folder: string): void {
    const entry = packages[folder];
    if (entry === undefined) return;
    const up = folder.split("/").fill("..").join("/");
    const uses = entry.uses ?? [];
    const schemas = {
      "@millrace/source": "./src/schemas.ts",
      types: "./dist/schemas.d.ts",
      default: "./dist/schemas.js",
    };
    const description = `Fixture ${entry.name}.`;
    this.writeJson(`${folder}/package.json`, {
      name: `@millrace/${entry.name}`,
      version: "0.1.0",
      description,
      license: "Apache-2.0",
      repository: { type: "git", url: "git+https://example.invalid/millrace.git", directory: folder },
      type: "module",
      sideEffects: false,
      engines: { node: ">=22.18" },
      exports: {
        ".": { "@millrace/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
        ...(entry.schemas === undefined ? {} : { "./schemas": schemas }),
        "./package.json": "./package.json",
      },
      files: ["dist", "src", "!**/*.tsbuildinfo"],
      publishConfig: { access: "restricted" },
      dependencies: Object.fromEntries(uses.map((path) => [`@millrace/${packages[path]?.name}`, "workspace:^"])),
      devDependencies: {},
    });
    this.writeJson(`${folder}/tsconfig.json`, {
      extends: `${up}/tsconfig.base.json`,
      compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo" },
      include: ["src"],
      references: uses.map((path) => ({ path: `${up}/${path}` })),
    });
    this.writeJson(`${folder}/turbo.json`, { extends: ["//"], tags: [entry.tier] });
    this.write(`${folder}/README.md`, `# @millrace/${entry.name}\n\n${description}\n`);
    this.write(`${folder}/src/index.ts`, entry.source);
    if (entry.schemas !== undefined) this.write(`${folder}/src/schemas.ts`, entry.schemas);
    for (const file of ["CHANGELOG.md", "LICENSE", `${entry.name}.api.md`]) this.write(`${folder}/${file}`, "\n");
    mkdirSync(join(this.root, folder, "node_modules/@millrace"), { recursive: true });
    for (const path of uses) this.link(folder, path);
  }

  /** Makes `target` importable from `folder`, as an installation would. */
  link(folder: string, target: string): void {
    const name = packages[target]?.name ?? "";
    symlinkSync(join(this.root, target), join(this.root, folder, "node_modules/@millrace", name));
  }

  write(file: string, text: string): void {
    const path = join(this.root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  writeJson(file: string, value: unknown): void {
    this.write(file, `${JSON.stringify(value, undefined, 2)}\n`);
  }

  edit(file: string, change: (text: string) => string): void {
    this.write(file, change(readFileSync(join(this.root, file), "utf8")));
  }

  addDependency(folder: string, name: string, range: string): void {
    this.edit(`${folder}/package.json`, (text) =>
      text.replace('"dependencies": {', `"dependencies": {\n"${name}": "${range}",`).replace(/,(\s*\})/, "$1"),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
