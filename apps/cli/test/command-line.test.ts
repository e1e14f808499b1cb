import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliEnvelopeSchema } from "@millrace/protocols/schemas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { documentOf, entry, millrace, prepareMillrace, startMillrace, temporaryFolder } from "./millrace.ts";

const folder = temporaryFolder();
beforeAll(prepareMillrace, 60_000);
afterAll(() => folder.remove());

describe("the process", () => {
  test("prints version, help and the help of a command", () => {
    expect(millrace(["--version"])).toEqual({ status: 0, stdout: `millrace ${manifest.version}\n`, stderr: "" });
    expect(millrace([]).stdout).toContain("Usage: millrace <command>");
    expect(millrace(["help", "config", "show"]).stdout).toContain("millrace config show --explain");
    expect(millrace(["run", "--help"]).stdout).toContain("--level-barrier");
    expect(millrace(["help", "advanced"]).stdout).toContain("points");
  });

  test.each([
    ["an unknown command", ["rnu"], 'did you mean "millrace run"?'],
    ["an unknown flag", ["run", "--wrokers", "2"], 'did you mean "--workers"?'],
    ["a wrong choice", ["run", "--observe", "tap"], 'did you mean "--observe taps"?'],
    [
      "an unknown error code",
      ["explain", "SQL_COLUMN_NOT_FUND"],
      'did you mean "millrace explain SQL_COLUMN_NOT_FOUND"?',
    ],
    ["a shell without completion", ["completion", "zhs"], 'did you mean "millrace completion zsh"?'],
    ["a flag twice", ["run", "--workers=1", "--workers=2"], "--workers is given twice"],
    ["an empty word", ["run", ""], "is empty"],
    ["a file that is not there", ["run", "nothing.ts"], 'There is no pipeline file "nothing.ts"'],
    ["a folder without pipelines", ["run"], "There is no pipeline in"],
  ])("refuses %s with exit 20, on stderr alone, without a stack", (_, args, words) => {
    const outcome = millrace(args, { cwd: folder.path });
    expect(outcome).toMatchObject({ status: 20, stdout: "" });
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).toMatch(/^error\[[A-Z_]+\]: /);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  test("answers an argument of 128 kB in a few lines", () => {
    for (const args of [
      ["x".repeat(131_000)],
      ["run", "y".repeat(131_000)],
      ["run", `--${"z".repeat(131_000)}`],
      ["explain", "w".repeat(131_000)],
    ]) {
      const outcome = millrace(args, { cwd: folder.path });
      expect(outcome.status).toBe(20);
      expect(outcome.stderr.length).toBeLessThan(3000);
    }
  });

  test("takes a pipeline whose name begins with a dash after --", () => {
    expect(millrace(["validate", "--", "-x.ts"], { cwd: folder.path }).stderr).toContain('no pipeline file "-x.ts"');
  });
});

describe("an old Node", () => {
  const preload = join(folder.path, "old-node.cjs");
  beforeAll(() => writeFileSync(preload, 'Object.defineProperty(process.versions, "node", { value: "20.19.0" });'));

  test("is told what is needed, with exit 20", () => {
    const outcome = millrace(["--version"], { nodeArgs: ["--require", preload] });
    expect(outcome).toMatchObject({ status: 20, stdout: "" });
    expect(outcome.stderr).toContain("error[NODE_TOO_OLD]: millrace needs Node 22.18 or newer");
    const document = cliEnvelopeSchema.parse(
      JSON.parse(millrace(["run", "--json"], { nodeArgs: ["--require", preload] }).stdout),
    );
    expect(document.errors[0]?.code).toBe("NODE_TOO_OLD");
  });
});

describe("--json", () => {
  test.each([
    [["--version"], 0, "millrace.cli"],
    [["help", "run"], 0, "millrace.cli.help"],
    [["explain", "SQL_SYNTAX"], 0, "millrace.cli.explain"],
    [["points"], 0, "millrace.cli.points"],
    [["completion", "fish"], 0, "millrace.cli.completion"],
    [["config", "show"], 0, "millrace.cli.config_show"],
    [["rnu"], 20, "millrace.cli"],
    [["run", "nothing.ts"], 20, "millrace.cli.run"],
    [["validate", "--wrong"], 20, "millrace.cli"],
  ])("prints one document of the schema for %j", (args, status, schema) => {
    const outcome = millrace([...args, "--json"], { cwd: folder.path });
    expect(outcome.status).toBe(status);
    const document = cliEnvelopeSchema.parse(JSON.parse(outcome.stdout));
    expect(document.schema).toBe(schema);
    expect(document.ok).toBe(status === 0);
    expect(document.errors.length > 0).toBe(status !== 0);
  });

  test("lists every fault point", () => {
    const points = documentOf(millrace(["points", "--json"])).data["points"] as readonly { readonly name: string }[];
    expect(points.map(({ name }) => name)).toContain("manifest.commit");
  });
});

describe("streams and surroundings", () => {
  test("a reader that goes away ends the output quietly", () => {
    const command = `"${process.execPath}" "${entry}" help run | head -c 10; exit "\${PIPESTATUS[0]}"`;
    const result = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect(result).toMatchObject({ status: 0, stdout: "millrace r", stderr: "" });
  });

  test("closed standard streams are no error", () => {
    const result = spawnSync("bash", ["-c", `"${process.execPath}" "${entry}" explain SQL_SYNTAX >&- 2>&-; echo $?`], {
      encoding: "utf8",
    });
    expect(result.stdout).toBe("0\n");
  });

  test("a working folder that was deleted is said, and help still works there", () => {
    const gone = join(folder.path, "gone");
    mkdirSync(gone);
    const ask = (args: string): string =>
      spawnSync(
        "bash",
        [
          "-c",
          `cd "${gone}" && rmdir "${gone}" && "${process.execPath}" "${entry}" ${args}; echo "exit $?"; mkdir "${gone}"`,
        ],
        { encoding: "utf8" },
      ).stdout;
    expect(ask("--help")).toContain("exit 0");
    expect(ask("run 2>&1")).toMatch(/The working folder no longer exists[\s\S]*exit 20/);
    rmdirSync(gone);
  });

  test("a home that cannot be written, LANG=C and TERM=dumb change nothing but signs", () => {
    const home = join(folder.path, "home");
    mkdirSync(home);
    chmodSync(home, 0o500);
    const outcome = millrace(["explain", "SQL_SYNTAX"], { env: { HOME: home, LANG: "C", TERM: "dumb" } });
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toMatch(/^[\u0020-\u007E\n]*$/);
  });

  test("SIGTERM before a run ends the process", async () => {
    const child = startMillrace(["types", "--watch"], { cwd: folder.path });
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    // Ends by itself with 20: there is nothing to watch here. Whichever comes first, no process is left.
    child.kill("SIGTERM");
    await ended;
    expect(child.exitCode ?? child.signalCode).not.toBeNull();
  });
});
