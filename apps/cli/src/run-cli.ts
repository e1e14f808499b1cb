// One command line from words to exit code. Parts: parse (command-line/), load the command (commands/), print its
// result as text or as one document. Nothing heavy is imported here: `--help` runs through this file.
import type { ExitCode } from "@millrace/protocols";
import { Flags } from "./command-line/flags.ts";
import { formatAdvancedHelp, formatCommandHelp, formatHelp } from "./command-line/help.ts";
import { parseCommandLine, type ParsedCommandLine } from "./command-line/parse.ts";
import { UsageError } from "./command-line/usage-error.ts";
import type { CommandContext } from "./command-context.ts";
import type { CommandResult } from "./command-result.ts";
import type { Io } from "./io.ts";
import { createDocument } from "./output/document.ts";
import { createStyle, wantsColor, wantsUnicode } from "./output/style.ts";
import { readVersion } from "./version.ts";

/**
 * Runs one command line.
 *
 * @param argv - Words after `millrace`.
 * @returns The exit code of design section 7.
 */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  const startedMs = performance.now();
  const isJson = wantsJson(argv);
  if (isJson) io.reserveStdout();
  let command: string | undefined;
  try {
    const parsed = parseCommandLine(argv);
    command = parsed.command?.name;
    const context = createContext(parsed, { io, isJson, startedMs });
    const result = await runParsed(parsed, context);
    print(result, { command, io, isJson });
    return result.exitCode;
  } catch (error) {
    const { reportFailure } = await import("./output/failure.ts");
    const style = styleOf(io.stderr, io, argv.includes("--no-color"));
    const failure = reportFailure(error, { io, style, isDebug: isDebug(argv) });
    if (isJson)
      write(io.stdout, JSON.stringify(createDocument(command, { ok: false, data: null, errors: failure.errors })));
    write(io.stderr, failure.text);
    return failure.exitCode;
  }
}

async function runParsed(parsed: ParsedCommandLine, context: CommandContext | undefined): Promise<CommandResult> {
  const version = readVersion();
  if (parsed.version)
    return { exitCode: 0, data: { version, node: process.versions.node }, text: `millrace ${version}` };
  if (parsed.command === undefined || context === undefined) return helpResult(formatHelp(version));
  if (context.flags.has("help")) return helpResult(formatCommandHelp(parsed.command));
  const { run } = await parsed.command.load();
  return run(context);
}

/** Help as a result: of everything, of one command, or of the advanced ones. */
function helpResult(text: string): CommandResult {
  return { exitCode: 0, data: { help: text }, text };
}

/** Help by the word after `help`. */
export function helpFor(words: readonly string[]): CommandResult {
  if (words.length === 0) return helpResult(formatHelp(readVersion()));
  if (words[0] === "advanced") return helpResult(formatAdvancedHelp());
  const { command } = parseCommandLine([...words, "--help"]);
  if (command === undefined)
    throw new UsageError({ code: "CLI_USAGE", message: "help is followed by the name of a command" });
  return helpResult(formatCommandHelp(command));
}

function createContext(
  parsed: ParsedCommandLine,
  options: { readonly io: Io; readonly isJson: boolean; readonly startedMs: number },
): CommandContext | undefined {
  if (parsed.command === undefined) return undefined;
  const { io } = options;
  const flags = new Flags(parsed.flags);
  const noColor = flags.has("no-color");
  return {
    command: parsed.command,
    positionals: parsed.positionals,
    flags,
    io,
    json: options.isJson,
    style: styleOf(io.stdout, io, noColor),
    errorStyle: styleOf(io.stderr, io, noColor),
    elapsedMs: () => performance.now() - options.startedMs,
  };
}

function styleOf(stream: Io["stdout"], io: Io, noColor: boolean): CommandContext["style"] {
  return createStyle({ color: wantsColor(stream, io.environment, noColor), unicode: wantsUnicode(io.environment) });
}

function print(
  result: CommandResult,
  target: { readonly command: string | undefined; readonly io: Io; readonly isJson: boolean },
): void {
  const { command, io, isJson } = target;
  const ok = result.exitCode === 0 || result.exitCode === 10;
  if (isJson)
    write(io.stdout, JSON.stringify(createDocument(command, { ok, data: result.data, errors: result.errors ?? [] })));
  else if (result.text !== "") write(io.stdout, result.text);
}

function write(stream: Io["stdout"], text: string): void {
  stream.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Read from the raw words, since a command line that cannot be parsed also answers in JSON. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? undefined : end).includes("--json");
}

function isDebug(argv: readonly string[]): boolean {
  const at = argv.indexOf("--log-level");
  return argv.includes("--log-level=debug") || (at !== -1 && argv[at + 1] === "debug");
}
