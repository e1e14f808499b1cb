import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TerminalError } from "@millrace/foundation";
import type { JsonObject } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import type { CommandResult } from "../command-result.ts";
import { shownPath } from "../project/pipeline-paths.ts";

/** Text as the result of a command: on stdout, or in the file of `--out`, whole or not at all. */
export async function writeOutput(
  text: string,
  {
    context,
    workingFolder,
    data,
  }: { readonly context: CommandContext; readonly workingFolder: string; readonly data: JsonObject },
): Promise<CommandResult> {
  const out = context.flags.text("out");
  if (out === undefined) return { exitCode: 0, data, text };
  const file = resolve(workingFolder, out);
  await writeWhole(file, text);
  const { style } = context;
  return {
    exitCode: 0,
    data: { ...data, file },
    text: ` ${style.green(style.signs.done)} ${shownPath(file, workingFolder)}`,
  };
}

/** Writes beside the place and moves it there, so that nobody reads a part. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new TerminalError({
      code: "STORE_IO",
      fault: "upstream",
      message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      context: { file },
      cause,
    });
  }
}
