import { commands } from "./command-table.ts";
import { commonFlags, type FlagSpec } from "./flag.ts";
import type { CommandSpec } from "./command.ts";

const groups: readonly (readonly [CommandSpec["group"], string])[] = [
  ["start", "Run"],
  ["look", "Look"],
  ["check", "Check"],
  ["more", "More"],
];

const exitCodes = `Exit codes
  0 success   10 warnings   20 found before the run   30 found while running   40 timeout   50 cancelled`;

/** Usage line of a command: `millrace preview [pipeline] <step>`. */
function usageOf(command: CommandSpec): string {
  const words = command.positionals.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`));
  return ["millrace", command.name, ...words].join(" ");
}

/** Help of everything. */
export function formatHelp(version: string): string {
  const blocks = groups.map(([group, title]) => {
    const listed = commands.filter((command) => command.group === group && command.advanced !== true);
    const rows = listed.map((command) => [usageOf(command).slice("millrace ".length), command.summary] as const);
    return `${title}\n${formatRows(rows)}`;
  });
  return [
    `millrace ${version}: data pipelines in TypeScript, SQL and typed code on DuckDB`,
    "Usage: millrace <command> [flags]      millrace help <command>      millrace help advanced",
    ...blocks,
    `Flags of every command\n${formatRows(commonFlags.map(flagRow))}`,
    exitCodes,
    "Start:  millrace init shop && cd shop && npx millrace run",
  ].join("\n\n");
}

/** Help of one command, with an example that works. */
export function formatCommandHelp(command: CommandSpec): string {
  const aliases = command.aliases ?? [];
  const also = aliases.length === 0 ? "" : `   (also: ${aliases.map((alias) => `millrace ${alias}`).join(", ")})`;
  const blocks = [
    `${usageOf(command)} [flags]${also}\n\n  ${command.summary}`,
    `Example\n  ${command.example}`,
    ...(command.flags.length === 0 ? [] : [`Flags\n${formatRows(command.flags.map(flagRow))}`]),
    `Flags of every command\n${formatRows(commonFlags.map(flagRow))}`,
    ...(command.details === undefined ? [] : [command.details.join("\n")]),
  ];
  return blocks.join("\n\n");
}

/** Help of the commands that few people need. */
export function formatAdvancedHelp(): string {
  const rows = commands
    .filter((command) => command.advanced === true)
    .map((command) => [command.name, command.summary] as const);
  return `Advanced\n${formatRows(rows)}`;
}

function flagRow(flag: FlagSpec): readonly [string, string] {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const name = `${short}--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
  const choices = flag.choices === undefined ? "" : `: ${flag.choices.join(", ")}`;
  return [name, `${flag.summary}${choices}`];
}

/** Two columns; a name longer than its column stands on a line of its own. */
function formatRows(rows: readonly (readonly [string, string])[]): string {
  const width = 28;
  return rows
    .map(([name, summary]) =>
      name.length > width - 2 ? `  ${name}\n  ${" ".repeat(width)}${summary}` : `  ${name.padEnd(width)}${summary}`,
    )
    .join("\n");
}
