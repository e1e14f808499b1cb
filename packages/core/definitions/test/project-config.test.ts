import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findProjectRoot, loadProjectConfig } from "@millrace/definitions";
import type { LoadedProjectConfig, ProjectConfigOptions } from "@millrace/definitions";
import { withScratchFolder } from "@millrace/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

type Files = Readonly<Record<string, string>>;

async function load(
  files: Files,
  options: ProjectConfigOptions = {},
): Promise<LoadedProjectConfig & { readonly root: string }> {
  return withScratchFolder(async (root) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    return { ...(await loadProjectConfig(root, options)), root };
  });
}

const yaml = `
state_dir: state
workers: 2
memory: 2GB
params: {region: EU, since: "2026-01-01"}
environments:
  dev: {targets: dev-out, workers: 1, params: {region: DE}}
  prod: {targets: "s3://prod/gold"}
`;

describe("a configuration", () => {
  it("has a value for every key that needs one, without any file", async () => {
    const { config, issues, files, root } = await load({});
    expect({ issues, files }).toEqual({ issues: [], files: [] });
    expect(config).toEqual({
      root,
      stateDir: join(root, ".millrace"),
      pipelinesDir: join(root, "pipelines"),
      engine: "duckdb",
      workers: 4,
      logLevel: "info",
      observe: "taps",
      params: {},
      secrets: { allowShort: [] },
    });
  });

  it("is the same in YAML, TOML and a module", async () => {
    const toml = `state_dir = "state"\nworkers = 2\nmemory = "2GB"\n[params]\nregion = "EU"\nsince = "2026-01-01"\n[environments.dev]\ntargets = "dev-out"\nworkers = 1\nparams = { region = "DE" }\n[environments.prod]\ntargets = "s3://prod/gold"\n`;
    const module = {
      stateDir: "state",
      workers: 2,
      memory: "2GB",
      params: { region: "EU", since: "2026-01-01" },
      environments: {
        dev: { targets: "dev-out", workers: 1, params: { region: "DE" } },
        prod: { targets: "s3://prod/gold" },
      },
      compute: ["code"],
    };
    const options = { environment: "dev", loadModule: async () => module };
    const loaded = await Promise.all([
      load({ "millrace.yaml": yaml }, options),
      load({ "millrace.toml": toml }, options),
      load({ "millrace.config.ts": "" }, options),
    ]);
    for (const { config, issues, root } of loaded) {
      expect(issues).toEqual([]);
      expect({ ...config, root: "", stateDir: config?.stateDir.slice(root.length), pipelinesDir: "" }).toMatchObject({
        environment: "dev",
        stateDir: "/state",
        memoryBytes: 2e9,
        workers: 1,
        targets: "dev-out",
        params: { region: "DE", since: "2026-01-01" },
      });
    }
    expect(loaded.map(({ extensions }) => extensions)).toEqual([{}, {}, { compute: ["code"] }]);
  });

  it("takes each key from the last source that has it, and says which", async () => {
    const { config, settings, root } = await load(
      { "millrace.yaml": yaml, ".env": "MILLRACE_WORKERS=5\nMILLRACE_THREADS=2\nMILLRACE_ENV=dev\n" },
      { env: { MILLRACE_WORKERS: "6", MILLRACE_MEMORY: "" }, flags: { observe: "steps" } },
    );
    expect(config).toMatchObject({ environment: "dev", workers: 6, threads: 2, observe: "steps", memoryBytes: 2e9 });
    const of = (key: string): object | undefined => settings.find((setting) => setting.key === key);
    expect(of("workers")).toEqual({ key: "workers", value: 6, source: "variable", detail: "MILLRACE_WORKERS" });
    expect(of("threads")).toMatchObject({ source: ".env", detail: "MILLRACE_THREADS" });
    expect(of("observe")).toMatchObject({ source: "flag", detail: "--observe" });
    expect(of("targets")).toMatchObject({ source: "environment", detail: "environments.dev", position: { line: 7 } });
    // An empty variable is unset, so the file decides.
    expect(of("memory")).toMatchObject({
      source: "file",
      position: { file: join(root, "millrace.yaml"), line: 4, column: 1 },
    });
    expect(of("logLevel")).toMatchObject({ value: "info", source: "default", detail: "built in" });
    expect(of("timeout")).toEqual({ key: "timeout", value: undefined, source: "default", detail: "not set" });
    expect(of("params.region")).toMatchObject({ value: "DE", source: "environment" });
    expect(of("params.since")).toMatchObject({ value: "2026-01-01", source: "file" });
  });

  it("is won by the strongest source, for every set of sources", async () => {
    const sources = ["file", "environment", ".env", "variable", "flag"] as const;
    await fc.assert(
      fc.asyncProperty(fc.subarray([...sources]), async (used) => {
        const has = (source: (typeof sources)[number]): boolean => used.includes(source);
        const { config, settings } = await load(
          {
            "millrace.yaml": `${has("file") ? "workers: 11\n" : ""}environments: {dev: {${has("environment") ? "workers: 12" : ""}}}\n`,
            ".env": has(".env") ? "MILLRACE_WORKERS=13\n" : "",
          },
          {
            environment: "dev",
            env: has("variable") ? { MILLRACE_WORKERS: "14" } : {},
            flags: has("flag") ? { workers: 15 } : {},
          },
        );
        const strongest = used.map((source) => sources.indexOf(source)).toSorted((a, b) => b - a)[0];
        expect(config?.workers).toBe(strongest === undefined ? 4 : 11 + strongest);
        expect(settings.find(({ key }) => key === "workers")?.source).toBe(
          strongest === undefined ? "default" : sources[strongest],
        );
      }),
      { numRuns: 40 },
    );
  });

  it("resolves variables where they win, those of the process before those of .env", async () => {
    const text =
      "state_dir: ${env.BASE}/state\nenvironments: {dev: {state_dir: dev}, prod: {targets: '${env.PROD_BUCKET}'}}\n";
    const { config, root, variables } = await load(
      { "millrace.yaml": text, ".env": "BASE=low\nOTHER=x\n" },
      { env: { BASE: "high" } },
    );
    expect(config?.stateDir).toBe(join(root, "high/state"));
    expect([variables("BASE"), variables("OTHER"), variables("NONE")]).toEqual(["high", "x", undefined]);
    // What dev overrides need not be set, and prod is not in use.
    expect((await load({ "millrace.yaml": text }, { environment: "dev" })).issues).toEqual([]);
    expect((await load({ "millrace.yaml": text })).issues).toMatchObject([
      { code: "DEFINITION_VARIABLE_UNSET", position: { line: 1, column: 12 } },
    ]);
  });

  it("cannot be changed", async () => {
    const { config } = await load({});
    expect(Object.isFrozen(config)).toBe(true);
  });
});

describe("a configuration is refused", () => {
  it.each<readonly [string, Files, ProjectConfigOptions, object]>([
    [
      "with an unknown key",
      { "millrace.yaml": "worker: 2\n" },
      {},
      { code: "DEFINITION_UNKNOWN_KEY", suggestion: "workers", position: { line: 1, column: 1 } },
    ],
    [
      "with an unknown key of an environment that is not used",
      { "millrace.yaml": "environments:\n  prod: {target: x}\n" },
      {},
      { code: "DEFINITION_UNKNOWN_KEY", suggestion: "targets", position: { line: 2, column: 10 } },
    ],
    [
      "with a wrong value of an environment that is not used",
      { "millrace.yaml": "environments:\n  prod: {workers: 0}\n" },
      {},
      { code: "DEFINITION_INVALID_VALUE", position: { line: 2, column: 19 } },
    ],
    [
      "with a wrong value that another source overrides",
      { "millrace.yaml": "workers: many\n" },
      { flags: { workers: 2 } },
      { code: "DEFINITION_WRONG_TYPE" },
    ],
    [
      "with an unknown environment",
      { "millrace.yaml": yaml },
      { environment: "pord" },
      { code: "CONFIG_FILE_INVALID", received: "pord" },
    ],
    [
      "with an environment where there are none",
      {},
      { env: { MILLRACE_ENV: "prod" } },
      { code: "CONFIG_FILE_INVALID" },
    ],
    [
      "with a wrong variable",
      {},
      { env: { MILLRACE_WORKERS: "many" } },
      {
        code: "DEFINITION_WRONG_TYPE",
        message: 'The configuration: "MILLRACE_WORKERS" must be a whole number, received the text "many".',
      },
    ],
    ["with too little memory", {}, { flags: { memory: "1MB" } }, { code: "DEFINITION_INVALID_VALUE" }],
    ["with a timeout without a unit", {}, { flags: { timeout: "10" } }, { code: "DEFINITION_INVALID_VALUE" }],
    ["in two files", { "millrace.yaml": "", "millrace.toml": "" }, {}, { code: "CONFIG_FILE_INVALID" }],
    ["that does not parse, as YAML", { "millrace.yaml": "a: [\n" }, {}, { code: "DEFINITION_SYNTAX" }],
    [
      "that does not parse, as TOML",
      { "millrace.toml": "workers = 2\nworkers = 3\n" },
      {},
      { code: "DEFINITION_DUPLICATE_KEY", position: { line: 2 } },
    ],
    [
      "with a wrong value in TOML",
      { "millrace.toml": "[environments.dev]\nworkers = 0\n" },
      { environment: "dev" },
      { code: "DEFINITION_INVALID_VALUE", position: { line: 2, column: 1 } },
    ],
    ["that is not there", {}, { file: "/nowhere/millrace.yaml" }, { code: "DEFINITION_FILE_NOT_FOUND" }],
    [
      "that exports no object",
      { "millrace.config.ts": "" },
      { loadModule: async () => 5 },
      { code: "CONFIG_FILE_INVALID" },
    ],
    ["with code in YAML", { "millrace.yaml": "compute: duckdb\n" }, {}, { code: "DEFINITION_UNKNOWN_KEY" }],
  ])("%s", async (_what, files, options, issue) => {
    const { config, issues } = await load(files, options);
    expect(config).toBeUndefined();
    expect(issues[0]).toMatchObject(issue);
  });

  it("but a variable that is almost known is a warning", async () => {
    const { config, issues } = await load({}, { env: { MILLRACE_WORKER: "3", MILLRACE_HOUSE: "x" } });
    expect(config?.workers).toBe(4);
    expect(issues).toMatchObject([{ severity: "warning", suggestion: "MILLRACE_WORKERS" }]);
  });
});

it("the root is the nearest folder with a configuration, else with a package.json, else the folder itself", async () => {
  await withScratchFolder(async (folder) => {
    const deep = join(folder, "a/b/c");
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, "a/b/package.json"), "{}");
    expect(await findProjectRoot(deep)).toBe(join(folder, "a/b"));
    await writeFile(join(folder, "a/millrace.toml"), "");
    expect(await findProjectRoot(deep)).toBe(join(folder, "a"));
  });
});
