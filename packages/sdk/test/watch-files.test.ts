import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchFiles } from "@millrace/sdk";
import { expect, test } from "vitest";

test("one change for what an editor writes in several steps, none for other files, and an end", async () => {
  const root = mkdtempSync(join(tmpdir(), "millrace-watch-"));
  const [one, two] = [join(root, "one.ts"), join(root, "two.csv")];
  for (const file of [one, two]) writeFileSync(file, "");
  const stop = new AbortController();
  const changes = watchFiles([one, two], { signal: stop.signal });
  const next = changes.next();
  writeFileSync(join(root, "other.txt"), "x");
  writeFileSync(one, "a");
  writeFileSync(one, "ab");
  expect((await next).value).toEqual([one]);
  const after = changes.next();
  writeFileSync(join(root, "two.tmp"), "new");
  renameSync(join(root, "two.tmp"), two);
  writeFileSync(one, "abc");
  expect((await after).value).toEqual([one, two]);
  const last = changes.next();
  stop.abort();
  expect((await last).done).toBe(true);
  rmSync(root, { recursive: true });
});
