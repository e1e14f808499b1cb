// A runtime wired for the command line: DuckDB, files, and what the project's configuration adds.
import { join } from "node:path";
import {
  createFaultPoints,
  createRecordLogger,
  createRedactor,
  systemClock,
  type LogLevel,
  type LogRecord,
} from "@millrace/foundation";
import type { Logger } from "@millrace/protocols";
import type { MillraceConfig, Runtime } from "@millrace/sdk";
import type { CommandContext } from "../command-context.ts";
import { escapeControls } from "../output/text-width.ts";
import type { Project } from "./project.ts";

/** Opens a runtime; nothing heavy is loaded before it is needed. */
export async function openRuntime(context: CommandContext, project: Project): Promise<Runtime> {
  const [{ createRuntime, lockFileName }, { duckdb }, { files }] = await Promise.all([
    import("@millrace/sdk"),
    import("@millrace/duckdb"),
    import("@millrace/files"),
  ]);
  const { config, loaded } = project;
  const extensions = loaded.extensions as ProjectExtensions;
  const { environment } = context.io;
  return createRuntime({
    compute: extensions.compute ?? [duckdb()],
    adapters: [...(extensions.adapters ?? []), files()],
    handlers: extensions.handlers ?? [],
    functions: extensions.functions ?? {},
    hooks: extensions.hooks ?? {},
    projectRoot: project.root,
    stateDir: config.stateDir,
    lockFile: join(project.root, lockFileName),
    params: config.params,
    secrets: (name) => loaded.variables(name),
    variables: (name) => loaded.variables(name),
    logger: createLogger(context, project),
    faultPoints: createFaultPoints(environment["MILLRACE_FAULT"], {
      onKill: () => void process.kill(process.pid, "SIGKILL"),
      onKillTree: () => void process.kill(process.pid, "SIGKILL"),
      onTerm: () => void process.kill(process.pid, "SIGTERM"),
      onExit: () => process.exit(1),
    }),
    workers: config.workers,
    ...(config.threads === undefined ? {} : { threads: config.threads }),
    ...(config.memoryBytes === undefined ? {} : { memory: config.memoryBytes }),
    ...(config.timeoutMs === undefined ? {} : { timeout: config.timeoutMs }),
  });
}

/** Code of a configuration module: what its data cannot say. */
type ProjectExtensions = Pick<MillraceConfig, "compute" | "adapters" | "handlers" | "functions" | "hooks">;

/** Lines on stderr: warnings and errors, more where somebody asked for it. The run folder has its own log. */
function createLogger({ io, errorStyle: style }: CommandContext, { config, loaded }: Project): Logger {
  const isAsked = loaded.settings.some(({ key, source }) => key === "logLevel" && source !== "default");
  const level: LogLevel | "silent" = isAsked ? config.logLevel : "warn";
  const paint = { debug: style.dim, info: style.cyan, warn: style.yellow, error: style.red } as const;
  return createRecordLogger({
    clock: systemClock,
    // The runtime redacts by its own secrets before a line gets here.
    redactor: createRedactor(),
    level: level === "silent" ? "error" : level,
    write: (record) => {
      if (level !== "silent")
        io.note(` ${paint[record.level](record.level)} ${escapeControls(record.message)}${formatFields(record)}\n`);
    },
  });
}

function formatFields({
  time: _time,
  level: _level,
  message: _message,
  correlation_id: _id,
  ...fields
}: LogRecord): string {
  return Object.entries(fields)
    .map(([key, value]) => `  ${key}=${escapeControls(typeof value === "string" ? value : JSON.stringify(value))}`)
    .join("");
}
