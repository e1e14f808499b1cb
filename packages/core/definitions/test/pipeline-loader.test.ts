import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPipelineLoader, normalizeSpec, withTargets } from "@millrace/definitions";
import type { LoadedPipeline, PipelineSpec } from "@millrace/protocols";
import { withScratchFolder } from "@millrace/testing";
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { codesOf, goodSteps, loadText } from "./definition-fixture.ts";

const pipeline = {
  name: "orders",
  params: { since: { type: "DATE" } },
  policy: { workers: 2 },
  returns: ["kept"],
  steps: goodSteps,
};

describe("one pipeline", () => {
  it("is equal from JSON, YAML and code", async () => {
    const code = normalizeSpec(pipeline).spec;
    expect((await loadText("x.json", JSON.stringify(pipeline))).spec).toEqual(code);
    expect((await loadText("x.yaml", stringify(pipeline))).spec).toEqual(code);
    expect((await loadText("orders.json", JSON.stringify(goodSteps))).spec).toEqual({
      ...code,
      params: {},
      policy: {},
      returns: [],
    });
  });

  it("names the files that it was read from", async () => {
    const { files, file } = await loadText("x.yml", stringify(pipeline));
    expect(files).toEqual([file]);
  });

  it("may name its schema, and is named by its file without its extension", async () => {
    const { spec } = await loadText(
      "daily.orders.json",
      JSON.stringify({ $schema: "./schemas/pipeline-file.json", steps: goodSteps }),
    );
    expect(spec?.name).toBe("daily.orders");
  });

  it("in YAML is one document, without tags that run code", async () => {
    expect(codesOf((await loadText("p.yaml", `${stringify(pipeline)}---\n${stringify(pipeline)}`)).issues)).toEqual([
      "DEFINITION_SYNTAX ",
    ]);
    expect(codesOf((await loadText("p.yaml", "name: !!python/object x\nsteps: []\n")).issues)).toEqual([
      "DEFINITION_SYNTAX ",
    ]);
    expect(codesOf((await loadText("p.yaml", "name: *x\nsteps: []\n")).issues)).toEqual(["DEFINITION_SYNTAX "]);
  });
});

/** Loads a module of which the importer gives this. */
async function load(
  loaded: () => Promise<LoadedPipeline>,
  variables?: (name: string) => string | undefined,
): Promise<LoadedPipeline> {
  return withScratchFolder(async (folder) => {
    await writeFile(join(folder, "p.ts"), "");
    return createPipelineLoader({ loadModule: loaded, ...(variables === undefined ? {} : { variables }) }).load(
      join(folder, "p.ts"),
    );
  });
}

describe("a module", () => {
  const module = (parts: Partial<LoadedPipeline>): LoadedPipeline => ({
    spec: normalizeSpec(pipeline).spec,
    issues: [],
    files: ["/p.ts"],
    locate: (path, offset) => ({ file: "/p.ts", line: path.length, column: (offset ?? 0) + 1 }),
    text: () => "text",
    ...parts,
  });

  it("goes through the same rules, with places of its own", async () => {
    const { spec, issues } = await load(async () =>
      module({ spec: { ...pipeline, policy: {}, steps: [...goodSteps, goodSteps[1]] } as unknown as PipelineSpec }),
    );
    expect(spec).toBeUndefined();
    expect(issues).toMatchObject([
      { code: "DEFINITION_DUPLICATE_STEP", position: { file: "/p.ts", line: 3 } },
      { code: "DEFINITION_DUPLICATE_OUTPUT", position: { line: 4 } },
    ]);
  });

  it("has its references resolved, and keeps its files, text and issues", async () => {
    const steps = [{ ...goodSteps[0], value: "${env.DIR}/a.csv" }, goodSteps[1]];
    const note = { severity: "info", code: "DEFINITION_EMPTY", message: "of the module", path: [] } as const;
    const loaded = await load(
      async () => module({ spec: { ...pipeline, policy: {}, steps } as unknown as PipelineSpec, issues: [note] }),
      () => "data",
    );
    expect(loaded.spec?.steps[0]?.value).toBe("data/a.csv");
    expect(loaded).toMatchObject({ files: ["/p.ts"], issues: [note] });
    expect(loaded.text("/p.ts")).toBe("text");
  });

  it("that throws keeps its error as the cause, and an error of ours as it is", async () => {
    const cause = new RangeError("no such day");
    await expect(load(() => Promise.reject(cause))).rejects.toMatchObject({
      code: "DEFINITION_MODULE_FAILED",
      fault: "caller",
      cause,
    });
  });

  it("is refused where nobody can import it", async () => {
    expect(codesOf((await loadText("p.ts", "")).issues)).toEqual(["DEFINITION_FILE_UNSUPPORTED "]);
    expect(
      (await createPipelineLoader({ loadModule: async () => module({}) }).load("/nowhere/p.ts")).issues,
    ).toMatchObject([{ code: "DEFINITION_FILE_NOT_FOUND" }]);
  });
});

describe("targets", () => {
  const store = (name: string, value: string): object => ({ layer: "store", name, value, inputs: { data: "kept" } });

  it("are one where a symbolic link makes them one", async () => {
    await withScratchFolder(async (root) => {
      await mkdir(join(root, "gold"));
      await symlink("gold", join(root, "link"));
      await writeFile(
        join(root, "p.json"),
        JSON.stringify([...goodSteps, store("one", "gold/a.csv"), store("two", "link/a.csv")]),
      );
      const { issues } = await createPipelineLoader({ root }).load(join(root, "p.json"));
      expect(issues).toMatchObject([{ code: "DEFINITION_DUPLICATE_TARGET", step: "two", position: { line: 1 } }]);
    });
  });

  it("are one where a link leads to a file that is not there yet, and links may run in a circle", async () => {
    await withScratchFolder(async (root) => {
      await symlink("later.csv", join(root, "link.csv"));
      await symlink("b", join(root, "a"));
      await symlink("a", join(root, "b"));
      await writeFile(
        join(root, "p.json"),
        JSON.stringify([
          ...goodSteps,
          store("one", "later.csv"),
          store("two", "link.csv"),
          store("three", "a"),
          store("four", "a/x.csv"),
        ]),
      );
      const { issues } = await createPipelineLoader({ root }).load(join(root, "p.json"));
      expect(issues).toMatchObject([{ code: "DEFINITION_DUPLICATE_TARGET", step: "two" }]);
    });
  });

  it("of functions and other endpoints may repeat", () => {
    const effect = (name: string): object => ({
      layer: "publish",
      type: "function",
      name,
      value: "notify",
      inputs: { data: "kept" },
    });
    expect(normalizeSpec({ name: "p", steps: [...goodSteps, effect("a"), effect("b")] }).issues).toEqual([]);
  });

  const moved = (value: string, targets: string | undefined): readonly [string | undefined, readonly string[]] => {
    const { spec } = normalizeSpec({ name: "p", steps: [...goodSteps, store("save", value)] });
    if (spec === undefined) throw new Error("no spec");
    const result = withTargets(spec, targets);
    return [result.spec.steps[2]?.value, result.issues.map(({ severity }) => severity)];
  };

  it("move below those of an environment where they are relative", () => {
    expect(moved("gold/a.csv", "dev-out/")).toEqual(["dev-out/gold/a.csv", []]);
    expect(moved("./gold/", "s3://dev/x")).toEqual(["s3://dev/x/gold/", []]);
    expect(moved("gold/a.csv", undefined)).toEqual(["gold/a.csv", []]);
  });

  it("do not move where they are absolute, and may not leave", () => {
    expect(moved("/gold/a.csv", "dev")).toEqual(["/gold/a.csv", ["warning"]]);
    expect(moved("s3://gold/a.csv", "dev")).toEqual(["s3://gold/a.csv", ["warning"]]);
    expect(moved("a/../../prod/a.csv", "dev")).toEqual(["a/../../prod/a.csv", ["error"]]);
  });
});

/** Packages of node_modules that a program with these lines loads. */
async function packagesOf(lines: string): Promise<readonly string[]> {
  return withScratchFolder(async (folder) => {
    const program = join(folder, "program.mjs");
    const hook =
      "import { registerHooks } from 'node:module';\nconst seen = new Set();\nregisterHooks({ load: (url, context, next) => { seen.add(url); return next(url, context); } });\n";
    await writeFile(join(folder, "p.json"), JSON.stringify(goodSteps));
    await writeFile(join(folder, "p.yaml"), stringify(pipeline));
    await writeFile(
      program,
      `${hook}const { createPipelineLoader, loadProjectConfig } = await import(${JSON.stringify(import.meta.resolve("@millrace/definitions"))});\n${lines}\nconsole.log(JSON.stringify([...seen]));\n`,
    );
    const output = execFileSync(process.execPath, ["--conditions=@millrace/source", program], {
      encoding: "utf8",
      cwd: folder,
    });
    const urls = JSON.parse(output) as readonly string[];
    const packages = ["zod", "yaml", "csv-parse", "jsonc-parser", "smol-toml"];
    return packages.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)));
  });
}

describe("modules that are loaded", () => {
  it("are none for a JSON file without issues, and for a project without a file", async () => {
    expect(
      await packagesOf('await createPipelineLoader().load("p.json"); await loadProjectConfig(process.cwd(), {});'),
    ).toEqual([]);
  });

  it("are those of the form that is read", async () => {
    expect(await packagesOf('await createPipelineLoader().load("p.yaml");')).toEqual(["yaml"]);
  });
});
