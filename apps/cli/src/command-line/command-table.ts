// Every command of this version, in the order of the help. A command or flag stands here only when it works.
import type { CommandSpec } from "./command.ts";
import { parameterFlags, selectionFlags, type FlagSpec, type PositionalSpec } from "./flag.ts";

const pipeline: PositionalSpec = { name: "pipeline", required: false, completes: "files" };

const engineFlag: FlagSpec = {
  name: "engine",
  value: "NAME",
  choices: ["duckdb", "pandas"],
  summary: "what computes every step; pandas is an alias of duckdb",
};
const workersFlag: FlagSpec = {
  name: "workers",
  value: "N",
  type: "integer",
  summary: "groups that run at the same time (default: 4)",
};
const timeoutFlag: FlagSpec = { name: "timeout", value: "TIME", summary: "longest time of the run, such as 10m" };
const observeFlag: FlagSpec = {
  name: "observe",
  value: "HOW",
  choices: ["boundaries", "taps", "steps"],
  summary: "which steps get row counts (default: taps)",
};

const bindFlags: readonly FlagSpec[] = [
  ...parameterFlags,
  engineFlag,
  { name: "strict", summary: "warnings are errors" },
  { name: "sandbox", summary: "confine SQL to declared inputs and outputs, and refuse code steps" },
];

const limitFlags: readonly FlagSpec[] = [
  { name: "threads", value: "N", type: "integer", summary: "threads of the compute (default: one a core)" },
  { name: "memory", value: "SIZE", summary: "budget of the process, such as 2GB; DuckDB gets 55 % of it" },
];

const planFlags: readonly FlagSpec[] = [
  ...selectionFlags,
  workersFlag,
  ...limitFlags,
  timeoutFlag,
  observeFlag,
  { name: "deterministic", summary: "same bytes for the same inputs: one thread, order kept" },
  { name: "sequential", summary: "one group at a time, in the order of the plan" },
  { name: "level-barrier", summary: "a level starts only when the level before is done" },
];

const rowFlags: readonly FlagSpec[] = [
  { name: "rows", value: "N", type: "integer", summary: "rows to show (default: 20)" },
  {
    name: "int64",
    value: "FORM",
    choices: ["number", "string"],
    summary: "BIGINT in --json (default: number, loud beyond 2^53)",
  },
];

/** All commands, in the order of the help. */
export const commands: readonly CommandSpec[] = [
  {
    name: "init",
    summary: "make a project that runs, offline and without questions",
    example: "millrace init shop",
    group: "start",
    positionals: [{ name: "dir", required: false, completes: "folders" }],
    flags: [],
    load: async () => (await import("../commands/init.ts")).command,
  },
  {
    name: "run",
    summary: "run a pipeline",
    example: "millrace run pipelines/orders.ts --param since=2026-01-01",
    group: "start",
    positionals: [pipeline],
    flags: [
      ...bindFlags,
      ...planFlags,
      { name: "run-id", value: "ID", summary: "id of the run (default: a new UUIDv7)" },
      { name: "allow-warnings", summary: "exit 0 where warnings would make it 10" },
    ],
    details: ["Ctrl-C once stops after the groups that are running; twice stops at once."],
    load: async () => (await import("../commands/run.ts")).command,
  },
  {
    name: "plan",
    summary: "show what a run would do; no effect",
    example: "millrace plan pipelines/orders.ts",
    group: "start",
    positionals: [pipeline],
    flags: [...bindFlags, ...planFlags],
    load: async () => (await import("../commands/plan.ts")).command,
  },
  {
    name: "preview",
    summary: "show the first rows of a step; no effect",
    example: "millrace preview pipelines/orders.ts clean_orders",
    group: "look",
    positionals: [pipeline, { name: "step", required: true }],
    flags: [...bindFlags, ...limitFlags, ...rowFlags],
    load: async () => (await import("../commands/preview.ts")).command,
  },
  {
    name: "query",
    summary: "run SQL over datasets, or show one whole",
    example: 'millrace query "select day, total from orders.daily order by day"',
    group: "look",
    positionals: [{ name: "sql", required: true }],
    flags: [...rowFlags],
    details: ["Tables are `dataset` or `pipeline.dataset`, as committed by the last run."],
    load: async () => (await import("../commands/query.ts")).command,
  },
  {
    name: "show",
    summary: "show columns and first rows of a dataset",
    example: "millrace show orders.daily",
    group: "look",
    positionals: [{ name: "dataset", required: true }],
    flags: rowFlags,
    load: async () => (await import("../commands/show.ts")).command,
  },
  {
    name: "graph",
    summary: "draw a pipeline",
    example: "millrace graph pipelines/orders.ts --format svg --out orders.svg",
    group: "look",
    positionals: [pipeline],
    flags: [
      {
        name: "format",
        value: "FORM",
        choices: ["text", "mermaid", "dot", "json", "svg"],
        summary: "form of the drawing (default: text)",
      },
      { name: "out", value: "FILE", type: "file", summary: "write to a file instead of stdout" },
    ],
    load: async () => (await import("../commands/graph.ts")).command,
  },
  {
    name: "docs",
    summary: "write a Markdown page of a pipeline",
    example: "millrace docs pipelines/orders.ts --out docs/orders.md",
    group: "look",
    positionals: [pipeline],
    flags: [
      ...parameterFlags,
      { name: "out", value: "FILE", type: "file", summary: "write to a file instead of stdout" },
    ],
    load: async () => (await import("../commands/docs.ts")).command,
  },
  {
    name: "validate",
    summary: "check a pipeline without reading data",
    example: "millrace validate pipelines/orders.ts",
    group: "check",
    positionals: [pipeline],
    flags: bindFlags,
    aliases: ["check"],
    load: async () => (await import("../commands/validate.ts")).command,
  },
  {
    name: "types",
    summary: "write the columns of all pipelines as TypeScript",
    example: "millrace types --check",
    group: "check",
    positionals: [],
    flags: [
      { name: "check", summary: "write nothing; exit 20 where the file is stale" },
      { name: "refresh", summary: "read all sources again and write the lock" },
      { name: "watch", summary: "write again whenever a file changes" },
    ],
    load: async () => (await import("../commands/types.ts")).command,
  },
  {
    name: "test",
    summary: "run the step tests of a project",
    example: "millrace test",
    group: "check",
    positionals: [{ name: "file", required: false, completes: "files" }],
    flags: [{ name: "name", value: "TEXT", summary: "only tests whose name has this text" }],
    details: ["Uses the project's vitest; where there is none, a small runner of its own."],
    load: async () => (await import("../commands/test.ts")).command,
  },
  {
    name: "explain",
    summary: "say what an error code means and what to do",
    example: "millrace explain SQL_COLUMN_NOT_FOUND",
    group: "check",
    positionals: [{ name: "code", required: true }],
    flags: [],
    load: async () => (await import("../commands/explain.ts")).command,
  },
  {
    name: "config show",
    summary: "show the configuration",
    example: "millrace config show --explain",
    group: "more",
    positionals: [],
    flags: [
      { name: "explain", summary: "say where each value came from" },
      engineFlag,
      workersFlag,
      ...limitFlags,
      timeoutFlag,
      observeFlag,
    ],
    load: async () => (await import("../commands/config-show.ts")).command,
  },
  {
    name: "completion",
    summary: "print a completion script for bash, zsh or fish",
    example: "millrace completion bash",
    group: "more",
    positionals: [{ name: "shell", required: true }],
    flags: [],
    load: async () => (await import("../commands/completion.ts")).command,
  },
  {
    name: "points",
    summary: "list the fault points of this version",
    example: "millrace points --json",
    group: "more",
    positionals: [],
    flags: [],
    advanced: true,
    load: async () => (await import("../commands/points.ts")).command,
  },
  {
    name: "help",
    summary: "help of a command, or of the advanced ones",
    example: "millrace help run",
    group: "more",
    positionals: [{ name: "command", required: false, repeats: true }],
    flags: [],
    load: async () => (await import("../commands/help.ts")).command,
  },
];
