import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPipelineLoader, normalizeSpec } from "@millrace/definitions";
import { errorCodes } from "@millrace/protocols";
import type { ErrorCode, Issue } from "@millrace/protocols";
import { withScratchFolder } from "@millrace/testing";
import { describe, expect, it } from "vitest";
import { codesOf, goodSteps, loadText, withKeep, withPolicy } from "./definition-fixture.ts";

// The list of bad inputs that every configuration must survive: each is found while loading, which is exit 20, within two seconds.

/** Work of this process, which does not change with what else the machine does. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Checks what holds for all of them, and gives the codes of the errors. */
async function refused(
  name: string,
  text: string | Uint8Array,
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly Issue[]> {
  const start = cpuMs();
  const { spec, issues } = await loadText(name, text, { variables: (variable) => variables[variable] });
  expect(cpuMs() - start).toBeLessThan(2000);
  expect(spec).toBeUndefined();
  const errors = issues.filter(({ severity }) => severity === "error");
  expect(errors).not.toEqual([]);
  for (const { code, message, position } of errors) {
    expect(errorCodes[code as ErrorCode].exit).toBe(20);
    expect(position).toBeDefined();
    expect(message).not.toMatch(/\n\s+at /);
  }
  return errors;
}

async function codes(name: string, text: string | Uint8Array): Promise<readonly string[]> {
  return [...new Set((await refused(name, text)).map(({ code }) => code))];
}

const yamlStep = (fields: string): string =>
  `name: p\nsteps:\n  - name: read\n    layer: ingest\n    value: a.csv\n    outputs: {data: raw}\n${fields}`;

describe("files", () => {
  it.each(["json", "yaml", "csv", "db"])("1: an empty .%s file has no steps", async (extension) => {
    expect(await codes(`p.${extension}`, "")).toEqual(["DEFINITION_EMPTY"]);
  });

  it("2: comments alone are no steps", async () => {
    expect(await codes("p.yaml", "# nothing\n# here\n")).toEqual(["DEFINITION_EMPTY"]);
    expect(await codes("p.json", "// nothing\n")).toEqual(["DEFINITION_SYNTAX"]);
  });

  it("3: a tab as indentation is named", async () => {
    const [issue] = await refused("p.yaml", "name: p\nsteps:\n\t- name: a\n");
    expect(issue).toMatchObject({ code: "DEFINITION_SYNTAX", position: { line: 3 } });
    expect(issue?.message).toContain("Tabs");
  });

  it.each(["p.json", "p.yaml", "p.csv"])("4: a byte order mark before %s is tolerated", async (name) => {
    const csv = 'StepName,Layer,Value,Outputs\nread,ingest,a.csv,"{""data"":""raw""}"\n';
    const text = name.endsWith("csv") ? csv : JSON.stringify({ steps: [goodSteps[0]] });
    expect((await loadText(name, `\uFEFF${text}`)).spec?.steps[0]?.name).toBe("read");
  });

  it.each(["json", "yaml", "csv"])("5: UTF-16 in .%s is refused by name", async (extension) => {
    for (const bytes of [
      Buffer.from("\uFEFF[1, 2]", "utf16le"),
      Buffer.from("[1, 2]", "utf16le"),
      Buffer.from("\uFEFF[1]", "utf16le").swap16(),
    ]) {
      const [issue] = await refused(`p.${extension}`, bytes);
      expect(issue?.code).toBe("DEFINITION_ENCODING");
      expect(issue?.message).toContain("UTF-16");
    }
  });

  it.each(["json", "yaml", "csv"])(
    "6: a NUL byte and bytes that are not UTF-8 in .%s are refused with their place",
    async (extension) => {
      const [nul] = await refused(`p.${extension}`, "name: p\nab\0c\n");
      expect(nul).toMatchObject({ code: "DEFINITION_ENCODING", position: { line: 2, column: 3 } });
      const [latin] = await refused(`p.${extension}`, Buffer.from("name: p\nä: \xe4\n", "latin1"));
      expect(latin).toMatchObject({ code: "DEFINITION_ENCODING", position: { line: 2, column: 1 } });
    },
  );

  it("7: duplicate keys are found, with the place of the second", async () => {
    const [json] = await refused(
      "p.json",
      '[{"name": "read", "layer": "ingest",\n "name": "again", "outputs": {"a": "a"}}]',
    );
    expect(json).toMatchObject({ code: "DEFINITION_DUPLICATE_KEY", position: { line: 2, column: 2 }, length: 6 });
    const [nested] = await refused("p.json", '[{"name": "a", "layer": "ingest", "outputs": {"x": "y", "x": "z"}}]');
    expect(nested?.code).toBe("DEFINITION_DUPLICATE_KEY");
    const [yaml] = await refused("p.yaml", yamlStep("    value: b.csv\n"));
    expect(yaml).toMatchObject({ code: "DEFINITION_DUPLICATE_KEY", position: { line: 7, column: 5 } });
    const cell = '"{""data"": ""raw"", ""data"": ""raw2""}"';
    const [csv] = await refused("p.csv", `StepName,Layer,Value,Outputs\nread,ingest,a.csv,${cell}\n`);
    expect(csv).toMatchObject({ code: "DEFINITION_DUPLICATE_KEY", position: { line: 2, column: 40 } });
  });

  it("8: an unknown key is answered with the near one", async () => {
    const [issue] = await refused("p.json", JSON.stringify(withKeep({ inputs: undefined, input: { raw: "raw" } })));
    expect(issue).toMatchObject({ code: "DEFINITION_UNKNOWN_KEY", suggestion: "inputs", received: "input" });
    expect(issue?.message).toContain('Did you mean "inputs"?');
  });

  it("9: an alias bomb of 308 bytes stops", async () => {
    const rows = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [before, now] of ["ab", "bc", "cd", "de", "ef", "fg", "gh"].map((pair) => pair.split("")))
      rows.push(`${now}: &${now} [${`*${before},`.repeat(8)}*${before}]`);
    const text = `name: p\nsteps: []\n${rows.join("\n")}`;
    expect(text.length).toBeLessThan(420);
    expect(await codes("p.yaml", text)).toEqual(["DEFINITION_FILE_TOO_LARGE"]);
  });

  it.each(["json", "yaml"])("10: 5,000 nested [ in .%s are too deep", async (extension) => {
    expect(await codes(`p.${extension}`, "[".repeat(5000))).toEqual(["DEFINITION_TOO_DEEP"]);
    expect(await codes(`p.${extension}`, `[${'{"a":['.repeat(2500)}`)).toEqual(["DEFINITION_TOO_DEEP"]);
  });

  it("10: 1,000 nested blocks of YAML are too deep, and 64 levels of prose are not", async () => {
    expect(await codes("p.yaml", `${"- ".repeat(1000)}a`)).toEqual(["DEFINITION_TOO_DEEP"]);
    const prose = `${yamlStep("")}    metadata: {description: "${"[ ".repeat(500)}"}\n`;
    expect((await loadText("p.yaml", prose)).spec).toBeDefined();
  });

  it.each(["json", "yaml", "csv"])("11: 50 MB of .%s are too large", async (extension) => {
    expect(await codes(`p.${extension}`, Buffer.alloc(50 * 2 ** 20, " "))).toEqual(["DEFINITION_FILE_TOO_LARGE"]);
  });

  it("12: keys of prototypes are refused and change nothing", async () => {
    for (const text of [
      '[{"name": "a", "__proto__": {"layer": "ingest"}}]',
      '[{"name": "a", "layer": "ingest", "outputs": {"__proto__": "x"}}]',
      '[{"name": "a", "layer": "ingest", "outputs": {"d": "x"}, "params": {"__proto__": {"polluted": 1}}}]',
      '[{"name": "a", "layer": "ingest", "outputs": {"d": "x"}, "params": {"constructor": {"prototype": {"polluted": 1}}}}]',
      '{"__proto__": {"steps": []}, "steps": [{"name": "a"}]}',
    ])
      await refused("p.json", text);
    await refused("p.yaml", yamlStep("    params: {__proto__: {polluted: 1}}\n"));
    expect(({} as { readonly polluted?: number }).polluted).toBeUndefined();
  });

  it("27: a folder, a pipe, a device, an unreadable and an absent file are said to be that", async () => {
    await withScratchFolder(async (folder) => {
      const load = async (path: string): Promise<readonly Issue[]> => (await createPipelineLoader().load(path)).issues;
      await mkdir(join(folder, "folder.json"));
      expect((await load(join(folder, "folder.json")))[0]?.message).toContain("it is a folder");
      execFileSync("/bin/sh", ["-c", 'mkfifo "$0/pipe.json" "$0/pipe.db"', folder]);
      expect((await load(join(folder, "pipe.json")))[0]?.message).toContain("not a regular file");
      expect((await load(join(folder, "pipe.db")))[0]?.message).toContain("not a regular file");
      await writeFile(join(folder, "secret.json"), "[]");
      await chmod(join(folder, "secret.json"), 0);
      // Root may read everything: then the file is found to be empty.
      expect((await load(join(folder, "secret.json")))[0]?.message).toMatch(/permission is denied|has no steps/);
      expect((await load(join(folder, "none.json")))[0]?.message).toContain("it does not exist");
      expect((await load("/dev/zero"))[0]).toMatchObject({ code: "DEFINITION_FILE_NOT_FOUND" });
      await writeFile(join(folder, "notes.txt"), "a");
      expect((await load(join(folder, "notes.txt")))[0]).toMatchObject({ code: "DEFINITION_FILE_UNSUPPORTED" });
    });
  });
});

describe("values", () => {
  it.each(["yes", "no", "on", "1e3", "0o17", "012", "2024-01-01", ".5", "null", "~", "true", "12:30:45", "1_000"])(
    "13: %s without quotes is no text in YAML",
    async (scalar) => {
      const errors = await refused("p.yaml", yamlStep("").replace("value: a.csv", `value: ${scalar}`));
      expect(errors[0]).toMatchObject({
        code: "DEFINITION_WRONG_TYPE",
        expected: "text",
        suggestion: JSON.stringify(scalar),
        position: { line: 5, column: 12 },
      });
      await refused("p.yaml", yamlStep("").replace("name: read", `name: ${scalar}`));
      await refused("p.yaml", yamlStep("").replace("{data: raw}", `{data: ${scalar}}`));
    },
  );

  it("13: the same scalars in quotes are text", async () => {
    const { spec } = await loadText("p.yaml", yamlStep("").replace("value: a.csv", 'value: "2024-01-01"'));
    expect(spec?.steps[0]?.value).toBe("2024-01-01");
  });

  it.each([1, 2, 100])("14: a cycle of %d steps is printed", async (length) => {
    const steps = Array.from({ length }, (_, index) => ({
      name: `s${index}`,
      type: "sql",
      value: "select 1",
      inputs: { a: `d${(index + length - 1) % length}` },
      outputs: { b: `d${index}` },
    }));
    const [issue] = await refused("p.json", JSON.stringify(steps));
    expect(issue?.code).toBe("DEFINITION_CYCLE");
    expect(issue?.message).toContain([...steps.map(({ name }) => name), "s0"].join(" → "));
  });

  it("15: a missing dependency names what there is, and the near one", async () => {
    const [issue] = await refused("p.json", JSON.stringify(withKeep({ inputs: { raw: "rwa" } })));
    expect(issue).toMatchObject({
      code: "DEFINITION_UNDEFINED_INPUT",
      suggestion: "raw",
      path: ["steps", 1, "inputs", "raw"],
    });
    expect(issue?.notes?.join()).toContain('"kept"');
  });

  it("16: two steps with one name are both named by their place", async () => {
    const [issue] = await refused("p.json", JSON.stringify(withKeep({ name: "read" })));
    expect(issue?.message).toBe('Duplicate step name: "read" is the name of step 1 and of step 2.');
  });

  it.each(
    [
      ["../x", "relative path"],
      ["a/b", 'the character "/"'],
      ["con", "device name"],
      ["", "empty"],
      ["a".repeat(10_000), "10,000 characters"],
      ["🚀launch", "emoji U+1F680"],
      ["\u202Eabc", "invisible character U+202E"],
      ["שלום", "U+05E9"],
      ["caf\u00E9", "U+00E9"],
      ["cafe\u0301", "combining character U+0301"],
      ["read ", "ends in a space"],
      ["__proto__", "reserved"],
      ["9lives", 'begins with "9"'],
      ["end.", 'ends in "."'],
    ].map(([name = "", reason = ""]) => ({ name, reason })),
  )("17: a name is refused because of: $reason", async ({ name, reason }) => {
    const [issue] = await refused("p.json", JSON.stringify([{ ...goodSteps[0], name }]));
    expect(issue?.code).toBe("DEFINITION_INVALID_NAME");
    expect(issue?.message).toContain(reason);
    expect(issue?.message.length).toBeLessThan(500);
    // Nothing of the name can move the cursor or turn the line.
    expect(issue?.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("18: two steps that write one target are found, by ./ and by case too", async () => {
    const store = (name: string, value: string): object => ({ layer: "store", name, value, inputs: { data: "kept" } });
    for (const [first, second] of [
      ["out.parquet", "out.parquet"],
      ["gold/out.parquet", "./gold/../gold//out.parquet"],
      ["gold/out.parquet", "gold/Out.parquet"],
      ["gold/", "gold"],
      ["s3://bucket/a/b.parquet", "S3://bucket/a/./b.parquet"],
    ] as const) {
      const errors = await refused("p.json", JSON.stringify([...goodSteps, store("one", first), store("two", second)]));
      expect(errors.map(({ code }) => code)).toEqual(["DEFINITION_DUPLICATE_TARGET"]);
      expect(errors[0]?.message).toContain('"one"');
    }
  });

  it("19: references that cannot be resolved are named with their place; nothing is resolved twice", async () => {
    const file = (value: string): string => JSON.stringify([{ ...goodSteps[0], value }]);
    const column = file("${unset}").indexOf("$") + 1;
    expect(await refused("p.json", file("${unset}"))).toMatchObject([
      { code: "DEFINITION_VARIABLE_UNSET", position: { column }, length: 8 },
    ]);
    expect((await refused("p.json", file("a/${env.NONE}")))[0]?.message).toContain("NONE");
    expect((await refused("p.json", file("${a.${b}}")))[0]?.message).toContain("do not nest");
    expect((await refused("p.json", file("${env.EMPTY}"), { EMPTY: "" }))[0]?.message).toContain("not set, or empty");
    const self = await loadText("p.json", file("${env.SELF}/a"), { variables: () => "${env.SELF}" });
    expect(self.spec?.steps[0]?.value).toBe("${env.SELF}/a");
    const big = await refused("p.json", file("${env.BIG}${env.BIG}"), { BIG: "x".repeat(600_000) });
    expect(big[0]?.message).toContain("1,048,576 characters");
  });

  it("20: a variable with a line break cannot become a path", async () => {
    const errors = await refused("p.json", JSON.stringify([{ ...goodSteps[0], value: "${env.DIR}/a.csv" }]), {
      DIR: "a\nb",
    });
    expect(errors[0]).toMatchObject({ code: "DEFINITION_INVALID_VALUE" });
  });

  it("21: there is nothing to include", async () => {
    const [issue] = await refused("p.yaml", `includes: [p.yaml]\n${yamlStep("")}`);
    expect(issue).toMatchObject({ code: "DEFINITION_UNKNOWN_KEY", received: "includes" });
  });

  it.each(["-1", "1e309", "NaN", '"5 parsecs"', '"-5m"', '"10"', "0", "true", '"40 days"', ".nan", ".inf"])(
    "22: timeout %s is refused",
    async (timeout) => {
      const errors = await refused("p.yaml", yamlStep(`    metadata: {policy: {timeout: ${timeout}}}\n`));
      expect(errors[0]?.path.slice(0, 4)).toEqual(
        ["steps", 0, "metadata", ...(errors[0]?.path.length === 3 ? [] : ["policy"])].slice(0, errors[0]?.path.length),
      );
    },
  );

  it("22: 1e309 in JSON is not finite", async () => {
    const [issue] = await refused(
      "p.json",
      '[{"name":"a","layer":"ingest","outputs":{"d":"x"},"params":{"n":1e309,"m":9007199254740993}}]',
    );
    expect(issue?.message).toContain("not finite");
    expect(normalizeSpec({ name: "p", steps: withPolicy({ timeout: Number.NaN }) }).spec).toBeUndefined();
  });
});

describe("size", { timeout: 60_000 }, () => {
  const chain = (length: number, fields: object = {}): readonly object[] =>
    Array.from({ length }, (_, index) => ({
      layer: index === 0 ? "ingest" : "transform",
      name: `step_${index}`,
      type: index === 0 ? "config_op" : "sql",
      engine: "pandas",
      value: index === 0 ? "in.csv" : "select id, amount * 2 as amount from prev where amount > 0",
      ...(index === 0 ? {} : { inputs: { prev: `data_${index - 1}` } }),
      outputs: { data: `data_${index}` },
      metadata: { description: "one of many", tags: ["generated"] },
      ...fields,
    }));

  it("25: 100,000 steps load in less than five seconds", async () => {
    const text = JSON.stringify(chain(100_000));
    const start = cpuMs();
    const { spec, issues } = await loadText("p.json", text);
    expect(cpuMs() - start).toBeLessThan(5000);
    expect(issues).toEqual([]);
    expect(spec?.steps).toHaveLength(100_000);
  });

  it("25: 100,000 steps that are all wrong are told in less than ten seconds", async () => {
    const steps = chain(100_000).map((step, index) => ({ ...step, inputs: { prev: `nothing_${index}` } }));
    const start = cpuMs();
    const { issues } = await loadText("p.json", JSON.stringify(steps));
    expect(cpuMs() - start).toBeLessThan(10_000);
    expect(issues.filter(({ code }) => code === "DEFINITION_UNDEFINED_INPUT")).toHaveLength(100_000);
    expect(issues[50_000]?.position?.line).toBe(1);
  });

  it("one step with 100,000 faults is told in less than two seconds, whatever the form", async () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key ${index}`, `no ${index}`]));
    for (const fields of [
      keys,
      { inputs: keys },
      { outputs: keys },
      { metadata: { policy: keys } },
      { params: { deep: Object.values(keys).map(() => 2 ** 60) } },
    ]) {
      const errors = await refused("p.json", JSON.stringify([{ name: "a", ...fields }]));
      expect(errors.length).toBeLessThan(100);
    }
    await refused("p.json", `[{"name": "a", ${'"layer": "ingest", '.repeat(100_000)}"type": "sql"}]`);
    await refused(
      "p.yaml",
      `name: p\nsteps:\n  - name: a\n    inputs: {${Array.from({ length: 10_000 }, (_, index) => `k${index}: no`).join(", ")}}\n`,
    );
    await refused("p.csv", `StepName,Value\n${"a,b,c\n".repeat(20_000)}`);
  });

  it("100,000 targets are compared in less than five seconds, links included", async () => {
    const steps = chain(2).concat(
      Array.from({ length: 100_000 }, (_, index) => ({
        layer: "store",
        name: `save_${index}`,
        value: `out/${index}.csv`,
        inputs: { data: "data_1" },
      })),
    );
    const start = cpuMs();
    const { spec } = await loadText("p.json", JSON.stringify(steps));
    expect(cpuMs() - start).toBeLessThan(5000);
    expect(spec?.steps).toHaveLength(100_002);
  });

  it("26: a chain of 10,000 steps and a cycle of 10,000 do not overflow", async () => {
    expect((await loadText("p.json", JSON.stringify(chain(10_000)))).spec?.steps).toHaveLength(10_000);
    const cycle = chain(10_000, { layer: "transform" }).map((step, index) =>
      index === 0 ? { ...step, inputs: { prev: "data_9999" } } : step,
    );
    const errors = codesOf((await loadText("p.json", JSON.stringify(cycle))).issues);
    expect(errors).toEqual(["DEFINITION_CYCLE steps.0.inputs.prev"]);
  });
});
