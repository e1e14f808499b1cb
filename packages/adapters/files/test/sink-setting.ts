import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMillraceError, noFaults, silentLogger } from "@millrace/foundation";
import type { FaultPoints, Logger, SinkRequest, SinkWriter, WrittenFile } from "@millrace/protocols";
import { files } from "../src/index.ts";
import type { FilesOptions } from "../src/index.ts";

/** A project, and what is special about the adapter that writes in it. */
export interface Setting {
  readonly folder: string;
  readonly options?: FilesOptions;
  readonly faultPoints?: FaultPoints;
  readonly logger?: Logger;
}

/** Begins an attempt on a target of a project folder. */
export async function begin(
  { folder, options, faultPoints = noFaults, logger = silentLogger }: Setting,
  request: Partial<SinkRequest>,
  attempt = 1,
): Promise<SinkWriter> {
  const stagingDirectory = join(folder, ".millrace/staging/run-1");
  const whole: SinkRequest = {
    uri: "gold/daily.csv",
    format: "csv",
    form: "file",
    mode: "overwrite",
    options: {},
    stagingDirectory,
    ...request,
  };
  const sink = files(options).createSink(whole, { projectRoot: folder, logger, faultPoints });
  return sink.begin({ runId: "run-1", step: "save_daily", attempt });
}

/** Writes as a compute does: files in the staging place, unsynced. */
export async function stage(
  writer: SinkWriter,
  contents: Readonly<Record<string, string>>,
): Promise<readonly WrittenFile[]> {
  return Promise.all(
    Object.entries(contents).map(async ([name, text]): Promise<WrittenFile> => {
      const uri = writer.staging.form === "file" ? writer.staging.uri : join(writer.staging.uri, name);
      await mkdir(dirname(uri), { recursive: true });
      await writeFile(uri, text);
      return { uri, sizeBytes: Buffer.byteLength(text), rows: text.split("\n").length - 1 };
    }),
  );
}

/** A whole attempt as the engine makes it. */
export async function save(
  setting: Setting,
  request: Partial<SinkRequest>,
  { key, contents }: { readonly key: string; readonly contents: Readonly<Record<string, string>> },
): ReturnType<SinkWriter["commit"]> {
  const writer = await begin(setting, request);
  try {
    return await writer.commit(key, await stage(writer, contents));
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Everything below a folder, empty folders too; those of staging that are the run's own left out. */
export async function tree(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => `${join(entry.parentPath, entry.name).slice(folder.length + 1)}${entry.isDirectory() ? "/" : ""}`)
    .filter((path) => path !== ".millrace/" && path !== ".millrace/staging/")
    .toSorted();
}

/** The code that an operation fails with. */
export async function codeOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(
    () => "resolved",
    (error: unknown) => (isMillraceError(error) ? error.code : String(error)),
  );
}
