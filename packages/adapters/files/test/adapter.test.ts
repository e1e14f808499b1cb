import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { noFaults, silentLogger } from "@millrace/foundation";
import type { SinkRequest } from "@millrace/protocols";
import { describe, expect, test } from "vitest";
import { files } from "../src/index.ts";
import { withProject } from "./project-folder.ts";

const adapter = files();
const context = { projectRoot: "/project", logger: silentLogger, faultPoints: noFaults };

function guaranteeOf(request: Partial<SinkRequest>): string {
  const whole: SinkRequest = {
    uri: "x",
    format: "csv",
    form: "file",
    mode: "overwrite",
    options: {},
    stagingDirectory: "/s",
    ...request,
  };
  return adapter.createSink(whole, context).guarantee;
}

describe("guarantees", () => {
  test.each([
    [{}, "atomic-replace"],
    [{ mode: "error_if_exists" }, "atomic-replace"],
    [{ mode: "append" }, "at-least-once"],
    [{ mode: "append", format: "ndjson" }, "at-least-once"],
    [{ mode: "append", options: { compression: "none" }, uri: "x.csv.gz" }, "at-least-once"],
    [{ mode: "append", options: { compression: "auto" } }, "at-least-once"],
    [{ form: "folder" }, "atomic-replace"],
    [{ form: "folder", mode: "append", format: "parquet" }, "transactional"],
    [{ form: "folder", mode: "append", format: "json", options: { compression: "gzip" } }, "transactional"],
    [{ form: "folder", mode: "error_if_exists" }, "atomic-replace"],
  ] as const)("%j is %s", (request, guarantee) => {
    expect(guaranteeOf(request)).toBe(guarantee);
  });

  test.each([
    [{ uri: "gold/daily.parquet", format: "parquet" }, "one parquet file", "gold/daily/"],
    [{ uri: "gold/daily.json", format: "json" }, "one json file", "gold/daily/"],
    [{ uri: "gold/daily.csv.gz" }, "one compressed csv file", "gold/daily/"],
    [{ uri: "gold/daily.csv", options: { compression: "zstd" } }, "one compressed csv file", "gold/daily/"],
  ] as const)("an append to %j is refused and names the folder form", (request, what, suggestion) => {
    let thrown: unknown;
    try {
      guaranteeOf({ ...request, mode: "append" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "TARGET_INVALID", context: { suggestion } });
    expect((thrown as Error).message).toContain(`${what} (${request.uri}). Write the folder ${suggestion} instead`);
  });
});

describe("connections", () => {
  test("need a folder that is there", async () => {
    await withProject(async (folder) => {
      await mkdir(join(folder, "d"));
      await writeFile(join(folder, "d/a.csv"), "");
      const here = { ...context, projectRoot: folder };
      for (const uri of ["d", "file:d", `file://${folder}/d`, "."]) await adapter.checkConnection(uri, {}, here);
      for (const uri of ["e", "d/a.csv/x"])
        await expect(adapter.checkConnection(uri, {}, here)).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
      await expect(adapter.checkConnection("d/a.csv", {}, here)).rejects.toThrow("is not a folder");
      await expect(adapter.checkConnection("d", { password: "x" }, here)).rejects.toMatchObject({
        code: "DEFINITION_UNKNOWN_KEY",
      });
    });
  });
});
