import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("apache-arrow is loaded when rows are first read or written, not before", () => {
  const index = JSON.stringify(new URL("../../src/code-step/index.ts", import.meta.url));
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { createStepInput, encodeOutput, Decimal } = await import(${index});
    const input = createStepInput({ schema: { origin: "bound", columns: [] }, present: true, count: () => 0, async *ipc() {} });
    input.rows(); Decimal.from("1"); encodeOutput([], [], { step: "s" });
    const arrow = () => loaded.some((url) => url.includes("apache-arrow"));
    const before = arrow();
    for await (const piece of encodeOutput([], [], { step: "s" })) void piece;
    console.log(before, arrow());
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@millrace/source", "--input-type=module", "-e", script],
    {
      cwd: import.meta.dirname,
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("false true\n");
});
