import type { Issue } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import { widthOf } from "../io.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { formatAnnotation, wantsAnnotations } from "./annotation.ts";
import { formatIssues, type FrameOptions } from "./frame.ts";
import { readSmallFile } from "./small-file.ts";

/** Where findings are printed, and where their lines come from. */
export interface FindingOptions {
  readonly context: CommandContext;
  readonly workingFolder: string;
  /** Text of a file as it was read; files that it does not know are read from disk. */
  readonly text?: (file: string) => string | undefined;
}

/** Findings with their frames for stderr; under GitHub Actions, annotations too. */
export function formatFindings(issues: readonly Issue[], options: FindingOptions): string {
  const { context } = options;
  const frames = formatIssues(issues, { ...frameOptions(options), durationMs: context.elapsedMs() });
  if (!wantsAnnotations(context.io.environment)) return frames;
  const show = (file: string): string => shownPath(file, options.workingFolder);
  return [frames, ...issues.map((issue) => formatAnnotation(issue, show))].join("\n");
}

/** Frames on stderr. */
export function frameOptions({ context, workingFolder, text }: FindingOptions): FrameOptions {
  return {
    style: context.errorStyle,
    text: (file) => text?.(file) ?? readSmallFile(file),
    shownPath: (file) => shownPath(file, workingFolder),
    width: widthOf(context.io.stderr),
  };
}
