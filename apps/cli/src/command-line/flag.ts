/** A flag of a command. Without `value` it is a switch. */
export interface FlagSpec {
  readonly name: string;
  readonly summary: string;
  /** Placeholder of the value in help, such as `TIME`. */
  readonly value?: string;
  /** Allowed values, where there are few. */
  readonly choices?: readonly string[];
  /** What the value is: text is checked for this before the command starts. @defaultValue "text" */
  readonly type?: "text" | "integer" | "file" | "folder";
  /** May be given several times. */
  readonly repeats?: boolean;
  /** Other spellings, not shown in help. */
  readonly aliases?: readonly string[];
  /** One letter, such as `h`. */
  readonly short?: string;
}

/** A word after the command. */
export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  /** What shells complete. */
  readonly completes?: "files" | "folders" | "none";
  /** May be followed by more words. */
  readonly repeats?: boolean;
}

/** Flags that every command takes. */
export const commonFlags: readonly FlagSpec[] = [
  { name: "json", summary: "print one JSON document on stdout and nothing else there" },
  {
    name: "state-dir",
    value: "DIR",
    type: "folder",
    summary: "where state is kept (default: .millrace in the project)",
  },
  {
    name: "config",
    value: "FILE",
    type: "file",
    summary: "project configuration (default: millrace.config.* of the project)",
  },
  { name: "env", value: "NAME", summary: "environment overlay of the configuration" },
  {
    name: "log-level",
    value: "LEVEL",
    choices: ["debug", "info", "warn", "error", "silent"],
    summary: "what is logged (default: warn; debug shows stacks)",
  },
  { name: "no-color", summary: "no colours; so do NO_COLOR, TERM=dumb and anything that is not a terminal" },
  { name: "help", short: "h", summary: "help of a command" },
];

/** Flags of commands that load a pipeline with its parameters. */
export const parameterFlags: readonly FlagSpec[] = [
  { name: "param", value: "NAME=VALUE", repeats: true, summary: "a parameter of the pipeline; repeat for more" },
  { name: "at", value: "TIME", summary: "logical time of the run, ISO 8601: what now() gives (default: the clock)" },
];

/** Flags that choose steps. */
export const selectionFlags: readonly FlagSpec[] = [
  {
    name: "select",
    value: "STEPS",
    repeats: true,
    aliases: ["only"],
    summary: 'steps to take: names, "+daily" (with all before), "daily+" (with all after), tag:x, path:x',
  },
  {
    name: "exclude",
    value: "STEPS",
    repeats: true,
    aliases: ["skip"],
    summary: "steps to leave out, written the same way",
  },
];
