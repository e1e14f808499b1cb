// Which pipeline is meant: the file that was named, else the only one of the project.
import { statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { suggestName, TerminalError } from "@millrace/foundation";
import { listCandidates, listPipelineFiles, shownPath, type PipelinePlaces } from "./pipeline-paths.ts";

/** What to look for, and where. */
export interface PipelineQuestion extends PipelinePlaces {
  /** What was typed; undefined where nothing was. */
  readonly named: string | undefined;
  readonly workingFolder: string;
}

/**
 * The pipeline files that are meant: the one that was named, else all of the project.
 *
 * @throws MillraceError `DEFINITION_FILE_NOT_FOUND`, `CLI_USAGE` where the project has none.
 */
export function resolvePipelineFiles(question: PipelineQuestion): readonly string[] {
  const { named, projectRoot, workingFolder, pipelinesDir } = question;
  if (named !== undefined) return [resolveNamed(named, question)];
  const known = listPipelineFiles(question);
  if (known.length > 0) return known;
  throw new TerminalError({
    code: "CLI_USAGE",
    fault: "caller",
    message: `There is no pipeline in ${shownPath(projectRoot, workingFolder)}: name a file, or put one into ${shownPath(pipelinesDir, workingFolder)}/. A new project: millrace init shop`,
    context: { projectRoot },
  });
}

/**
 * The one pipeline file that is meant.
 *
 * @throws MillraceError `DEFINITION_FILE_NOT_FOUND`, `CLI_USAGE` where the project has none or several.
 */
export function resolvePipelineFile(question: PipelineQuestion): string {
  const files = resolvePipelineFiles(question);
  if (files.length === 1 && files[0] !== undefined) return files[0];
  const names = files.map((file) => shownPath(file, question.workingFolder));
  throw new TerminalError({
    code: "CLI_USAGE",
    fault: "caller",
    message: `The project has ${files.length} pipelines; name one of them: ${names.join(", ")}`,
    context: { files: names },
  });
}

function resolveNamed(named: string, question: PipelineQuestion): string {
  const { workingFolder } = question;
  const file = resolve(workingFolder, named);
  if (exists(file)) return file;
  const known = listPipelineFiles(question);
  // `millrace run orders` for pipelines/orders.ts.
  const byStem = known.filter((candidate) => basename(candidate, extname(candidate)) === named);
  if (byStem.length === 1 && byStem[0] !== undefined) return byStem[0];
  const nearby = listCandidates(dirname(file), 0);
  const candidates = [...known, ...nearby].map((candidate) => shownPath(candidate, workingFolder));
  const suggestion = suggestName(named.slice(0, 200), candidates) ?? suggestByName(named, candidates);
  const shown = named.length > 200 ? `${named.slice(0, 200)}…` : named;
  throw new TerminalError({
    code: "DEFINITION_FILE_NOT_FOUND",
    fault: "config",
    message: `There is no pipeline file ${JSON.stringify(shown)}.${suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`}`,
    context: { file: file.slice(0, 1000), ...(suggestion === undefined ? {} : { suggestion }) },
  });
}

/** The folder may be wrong and the name right. */
function suggestByName(named: string, candidates: readonly string[]): string | undefined {
  const close = suggestName(
    basename(named).slice(0, 200),
    candidates.map((candidate) => basename(candidate)),
  );
  const wanted = close ?? basename(named);
  return candidates.find((candidate) => basename(candidate) === wanted);
}

function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // ENAMETOOLONG, ENOTDIR, a NUL in the name: no such file either.
    return false;
  }
}
