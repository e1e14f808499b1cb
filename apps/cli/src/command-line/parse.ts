import { commands } from "./command-table.ts";
import { commonFlags, type FlagSpec } from "./flag.ts";
import type { CommandSpec } from "./command.ts";
import { quoteArgument, UsageError } from "./usage-error.ts";

/** Values of flags as they were typed, by the flag's own name. */
export interface ParsedFlags {
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** A command line that was understood. */
export interface ParsedCommandLine {
  /** Undefined for `millrace` alone, `millrace --help` and `millrace --version`. */
  readonly command: CommandSpec | undefined;
  readonly positionals: readonly string[];
  readonly flags: ParsedFlags;
  readonly version: boolean;
}

const versionFlag: FlagSpec = { name: "version", short: "V", summary: "version of millrace" };

/**
 * Splits a command line into command, words and flags. Knows no values beyond whole numbers and choices.
 *
 * @throws UsageError `CLI_UNKNOWN_COMMAND`, `CLI_UNKNOWN_FLAG`, `CLI_USAGE`
 */
export function parseCommandLine(argv: readonly string[]): ParsedCommandLine {
  const { command, rest } = findCommand(argv);
  const known = command === undefined ? [...commonFlags, versionFlag] : [...command.flags, ...commonFlags];
  const positionals: string[] = [];
  const switches = new Set<string>();
  const values = new Map<string, string[]>();
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? "";
    if (argument === "--") {
      positionals.push(...rest.slice(index + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positionals.push(argument);
      continue;
    }
    const equals = argument.indexOf("=");
    const typed = equals === -1 ? argument : argument.slice(0, equals);
    const flag = findFlag(typed, known, command);
    if (flag.value === undefined) {
      if (equals !== -1) throw usage(command, `--${flag.name} takes no value`);
      switches.add(flag.name);
      continue;
    }
    const next = rest[index + 1];
    const value = equals === -1 ? next : argument.slice(equals + 1);
    if (equals === -1) index += 1;
    if (value === undefined || (equals === -1 && value.startsWith("--"))) {
      throw usage(command, `--${flag.name} needs a value: --${flag.name} ${flag.value}`);
    }
    values.set(flag.name, [...(values.get(flag.name) ?? []), checkValue(flag, value, command)]);
    if (flag.repeats !== true && (values.get(flag.name)?.length ?? 0) > 1) {
      throw usage(command, `--${flag.name} is given twice`);
    }
  }
  const flags: ParsedFlags = { switches, values };
  const version = switches.has("version");
  if (command !== undefined && !switches.has("help")) checkPositionals(command, positionals);
  return { command, positionals, flags, version };
}

/** The command is the first word that is no flag; `config show` is two. Flags may stand before it. */
function findCommand(argv: readonly string[]): { command: CommandSpec | undefined; rest: readonly string[] } {
  let index = 0;
  while (index < argv.length) {
    const argument = argv[index] ?? "";
    if (argument === "--" || !argument.startsWith("-")) break;
    const flag = commonFlags.find((candidate) => `--${candidate.name}` === argument);
    index += flag?.value === undefined ? 1 : 2;
  }
  const first = argv[index];
  if (first === undefined || first === "--") return { command: undefined, rest: argv };
  const before = argv.slice(0, index);
  for (const command of commands) {
    for (const name of [command.name, ...(command.aliases ?? [])]) {
      const words = name.split(" ");
      if (words.every((word, offset) => argv[index + offset] === word)) {
        return { command, rest: [...before, ...argv.slice(index + words.length)] };
      }
    }
  }
  const twoWords = commands.filter((command) => command.name.startsWith(`${first} `));
  if (twoWords.length > 0) {
    const names = twoWords.map((command) => command.name);
    throw usage(
      twoWords[0],
      `"${first}" is followed by one of: ${names.map((name) => name.slice(first.length + 1)).join(", ")}`,
    );
  }
  throw new UsageError({
    code: "CLI_UNKNOWN_COMMAND",
    message: `there is no command ${quoteArgument(first)}`,
    lookup: { received: first, candidates: commandNames(), prefix: "millrace " },
  });
}

/** Names and other spellings of every command. */
function commandNames(): readonly string[] {
  return commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
}

function findFlag(typed: string, known: readonly FlagSpec[], command: CommandSpec | undefined): FlagSpec {
  const flag = known.find(
    (candidate) =>
      typed === `--${candidate.name}` ||
      typed === `-${candidate.short}` ||
      (candidate.aliases ?? []).some((alias) => typed === `--${alias}`),
  );
  if (flag !== undefined) return flag;
  const where = command === undefined ? "millrace" : `millrace ${command.name}`;
  throw new UsageError({
    code: "CLI_UNKNOWN_FLAG",
    message: `"${where}" has no flag ${quoteArgument(typed)}`,
    command: command?.name,
    lookup: {
      received: typed.replace(/^-+/, ""),
      candidates: known.flatMap((candidate) => [candidate.name, ...(candidate.aliases ?? [])]),
      prefix: "--",
    },
  });
}

function checkValue(flag: FlagSpec, value: string, command: CommandSpec | undefined): string {
  if (value === "") throw usage(command, `--${flag.name} needs a value; this one is empty`);
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw new UsageError({
      code: "CLI_USAGE",
      message: `--${flag.name} is one of ${flag.choices.join(", ")}; received ${quoteArgument(value)}`,
      command: command?.name,
      lookup: { received: value, candidates: flag.choices, prefix: `--${flag.name} ` },
    });
  }
  if (flag.type === "integer" && !(/^\d{1,9}$/.test(value) && Number(value) >= 1)) {
    throw usage(command, `--${flag.name} is a whole number from 1; received ${quoteArgument(value)}`);
  }
  return value;
}

function checkPositionals(command: CommandSpec, positionals: readonly string[]): void {
  const empty = positionals.indexOf("");
  if (empty !== -1) throw usage(command, `argument ${empty + 1} of "millrace ${command.name}" is empty`);
  const required = command.positionals.filter((positional) => positional.required);
  if (positionals.length < required.length) {
    throw usage(command, `"millrace ${command.name}" needs ${required.map(({ name }) => `<${name}>`).join(" ")}`);
  }
  if (positionals.length > command.positionals.length && command.positionals.at(-1)?.repeats !== true) {
    const extra = positionals[command.positionals.length] ?? "";
    throw usage(command, `"millrace ${command.name}" takes no further argument; received ${quoteArgument(extra)}`);
  }
}

function usage(command: CommandSpec | undefined, message: string): UsageError {
  return new UsageError({ code: "CLI_USAGE", message, command: command?.name });
}
