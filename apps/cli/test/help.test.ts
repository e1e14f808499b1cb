import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { formatCompletion, shells } from "../src/command-line/completion.ts";
import { commands } from "../src/command-line/command-table.ts";
import { formatAdvancedHelp, formatCommandHelp, formatHelp } from "../src/command-line/help.ts";
import { parseCommandLine } from "../src/command-line/parse.ts";

/** Words of an example as a shell splits them: blanks, and double quotes around SQL. */
function splitExample(example: string): readonly string[] {
  return [...example.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

describe("help", () => {
  test("lists every command that is not advanced, and the rest under advanced", () => {
    const help = formatHelp("1.2.3");
    for (const command of commands) expect(help.includes(`\n  ${command.name}`)).toBe(command.advanced !== true);
    expect(formatAdvancedHelp()).toContain("points");
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    "%s has an example that parses",
    (name, command) => {
      const [program, ...argv] = splitExample(command.example);
      expect(program).toBe("millrace");
      expect(parseCommandLine(argv).command?.name).toBe(name);
      expect(formatCommandHelp(command)).toContain(command.example);
    },
  );

  test("names no flag of a command twice", () => {
    for (const command of commands) {
      const names = command.flags.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])]);
      expect(new Set(names).size, command.name).toBe(names.length);
    }
  });

  test("says nothing of what later versions bring", () => {
    const all = [formatHelp("1"), formatAdvancedHelp(), ...commands.map(formatCommandHelp)].join("\n");
    expect(all).not.toMatch(
      /resume|idempotency|checkpoint|fork|story|backfill|quarantine|lineage|schedule|--no-cache|--fresh/,
    );
  });

  test("fits 120 columns", () => {
    const lines = [formatHelp("1"), ...commands.map(formatCommandHelp)].flatMap((text) => text.split("\n"));
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });
});

describe("completion", () => {
  test.each(shells)("%s gets every command, flag and choice", (shell) => {
    const script = formatCompletion(shell);
    for (const command of commands) {
      for (const word of command.name.split(" ")) expect(script).toContain(word);
      for (const flag of command.flags) expect(script).toContain(flag.name);
    }
    expect(script).toContain("boundaries");
  });

  test("bash completes what it was asked", () => {
    const ask = (line: string): readonly string[] => {
      const words = line.split(" ");
      const program = `${formatCompletion("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, status } = spawnSync("bash", ["-c", program], { encoding: "utf8" });
      expect(status).toBe(0);
      return stdout.split("\n").filter((word) => word !== "");
    };
    expect(ask("millrace va")).toEqual(["validate"]);
    expect(ask("millrace run --obs")).toEqual(["--observe"]);
    expect(ask("millrace run --observe ta")).toEqual(["taps"]);
    expect(ask("millrace completion z")).toEqual(["zsh"]);
  });
});
