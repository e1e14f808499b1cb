import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../src/command-line/parse.ts";
import { UsageError } from "../src/command-line/usage-error.ts";

function refusal(...argv: string[]): UsageError {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`"${argv.join(" ")}" was understood`);
}

describe("parseCommandLine", () => {
  test("splits command, words, switches and values", () => {
    const parsed = parseCommandLine(["run", "a.ts", "--workers", "2", "--param=x=1", "--param", "y=2", "--strict"]);
    expect(parsed.command?.name).toBe("run");
    expect(parsed.positionals).toEqual(["a.ts"]);
    expect(parsed.flags.values.get("workers")).toEqual(["2"]);
    expect(parsed.flags.values.get("param")).toEqual(["x=1", "y=2"]);
    expect([...parsed.flags.switches]).toEqual(["strict"]);
  });

  test("finds commands of two words, aliases, and a command behind common flags", () => {
    expect(parseCommandLine(["config", "show", "--explain"]).command?.name).toBe("config show");
    expect(parseCommandLine(["check"]).command?.name).toBe("validate");
    const parsed = parseCommandLine(["--state-dir", "run", "--json", "plan"]);
    expect(parsed.command?.name).toBe("plan");
    expect(parsed.flags.values.get("state-dir")).toEqual(["run"]);
  });

  test("takes --only and --skip for --select and --exclude", () => {
    const parsed = parseCommandLine(["run", "--only", "a", "--skip=b"]);
    expect(parsed.flags.values.get("select")).toEqual(["a"]);
    expect(parsed.flags.values.get("exclude")).toEqual(["b"]);
  });

  test("takes everything after -- as words", () => {
    expect(parseCommandLine(["run", "--", "-odd-name.ts"]).positionals).toEqual(["-odd-name.ts"]);
    expect(parseCommandLine(["query", "--", "--version"]).positionals).toEqual(["--version"]);
  });

  test("takes a value that begins with one dash", () => {
    expect(parseCommandLine(["run", "--param", "-x=1"]).flags.values.get("param")).toEqual(["-x=1"]);
  });

  test("knows --help and --version alone", () => {
    expect(parseCommandLine([]).command).toBeUndefined();
    expect(parseCommandLine(["--version"]).version).toBe(true);
    expect(parseCommandLine(["-V"]).version).toBe(true);
    expect(parseCommandLine(["preview", "--help"]).command?.name).toBe("preview");
  });

  test.each([
    ["an unknown command", ["rnu"], "CLI_UNKNOWN_COMMAND", 'there is no command "rnu"'],
    ["an empty command", [""], "CLI_UNKNOWN_COMMAND", 'there is no command ""'],
    ["an unknown flag", ["run", "--wokers", "2"], "CLI_UNKNOWN_FLAG", '"millrace run" has no flag "--wokers"'],
    [
      "a flag of another command",
      ["plan", "--run-id", "x"],
      "CLI_UNKNOWN_FLAG",
      '"millrace plan" has no flag "--run-id"',
    ],
    ["a flag of a later version", ["run", "--resume"], "CLI_UNKNOWN_FLAG", '"millrace run" has no flag "--resume"'],
    ["a value flag twice", ["run", "--workers=1", "--workers", "2"], "CLI_USAGE", "--workers is given twice"],
    ["a missing value", ["run", "--workers"], "CLI_USAGE", "--workers needs a value: --workers N"],
    [
      "a flag where a value is due",
      ["run", "--workers", "--json"],
      "CLI_USAGE",
      "--workers needs a value: --workers N",
    ],
    ["an empty value", ["run", "--at="], "CLI_USAGE", "--at needs a value; this one is empty"],
    ["a value for a switch", ["run", "--strict=no"], "CLI_USAGE", "--strict takes no value"],
    [
      "a value that is not one of the choices",
      ["run", "--observe", "tap"],
      "CLI_USAGE",
      '--observe is one of boundaries, taps, steps; received "tap"',
    ],
    [
      "a number that is none",
      ["run", "--workers", "two"],
      "CLI_USAGE",
      '--workers is a whole number from 1; received "two"',
    ],
    ["zero workers", ["run", "--workers", "0"], "CLI_USAGE", '--workers is a whole number from 1; received "0"'],
    ["an empty word", ["run", ""], "CLI_USAGE", 'argument 1 of "millrace run" is empty'],
    ["a missing word", ["explain"], "CLI_USAGE", '"millrace explain" needs <code>'],
    [
      "a word too many",
      ["run", "a.ts", "b.ts"],
      "CLI_USAGE",
      '"millrace run" takes no further argument; received "b.ts"',
    ],
    ["half a command", ["config"], "CLI_USAGE", '"config" is followed by one of: show'],
  ])("refuses %s", (_, argv, code, message) => {
    const error = refusal(...argv);
    expect(error.code).toBe(code);
    expect(error.message).toBe(message);
  });

  test("offers names that are close for commands, flags and choices", () => {
    expect(refusal("vaildate").lookup?.candidates).toContain("validate");
    expect(refusal("run", "--selekt", "a").lookup).toMatchObject({ received: "selekt", prefix: "--" });
  });

  test("cuts an argument of 128 kB in its message", () => {
    expect(refusal("x".repeat(131_072)).message.length).toBeLessThan(120);
    expect(refusal("run", "a.ts", "y".repeat(131_072)).message.length).toBeLessThan(160);
  });
});
