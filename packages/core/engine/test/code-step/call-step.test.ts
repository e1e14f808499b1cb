import { TerminalError } from "@millrace/foundation";
import { expect, test, vi } from "vitest";
import type { StepFunction } from "@millrace/protocols";
import { callStepFunction } from "../../src/code-step/index.ts";
import { findUserFrame } from "../../src/code-step/user-frame.ts";
import { contextOf, throughIpc } from "./step-fixture.ts";

test("gives inputs and context, and awaits what comes back", async () => {
  const inputs = { orders: await throughIpc([{ id: 1 }], { id: "INTEGER" }) };
  const context = contextOf();
  const fn = vi.fn<StepFunction>(() => Promise.resolve("done"));
  expect(await callStepFunction(fn, inputs, context)).toBe("done");
  expect(fn.mock.calls).toEqual([[inputs, context]]);
});

test("gives back a generator that has not begun", async () => {
  const begun = vi.fn<() => void>();
  const result = await callStepFunction(
    async function* () {
      begun();
      yield 1;
    },
    {},
    contextOf(),
  );
  expect(begun).not.toHaveBeenCalled();
  expect(typeof (result as AsyncGenerator).next).toBe("function");
});

test("keeps the author's stack, frame and error", async () => {
  const thrown = new TypeError("amount is not a number");
  const error: unknown = await callStepFunction(
    () => {
      throw thrown;
    },
    {},
    contextOf(),
  ).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "STEP_CODE_FAILED",
    fault: "caller",
    failureClass: "terminal",
    message: "TypeError: amount is not a number",
    context: { step: "scored", frame: { file: import.meta.filename } },
    cause: thrown,
  });
});

test.each([
  ["a text", "boom", 'Thrown: the string "boom".'],
  ["nothing", undefined, "Thrown: nothing."],
  ["an error without a message", new RangeError(), "RangeError"],
])("names %s that was thrown", async (_, thrown, message) => {
  await expect(callStepFunction(() => Promise.reject(thrown), {}, contextOf())).rejects.toMatchObject({
    code: "STEP_CODE_FAILED",
    message,
  });
});

test("errors of Millrace inside the function pass: an unknown column, a value out of range", async () => {
  const input = await throughIpc([{ id: 2n ** 60n }], { id: "BIGINT" });
  await expect(callStepFunction(() => input.columns("ix"), {}, contextOf())).rejects.toMatchObject({
    code: "STEP_COLUMN_UNKNOWN",
  });
  await expect(
    callStepFunction(
      async () => {
        for await (const row of input.rows()) return row;
        return undefined;
      },
      {},
      contextOf(),
    ),
  ).rejects.toMatchObject({ code: "STEP_VALUE_OUT_OF_RANGE" });
});

test("does not call a function of a run that is cancelled", async () => {
  const fn = vi.fn<StepFunction>();
  const reason = new TerminalError({ code: "RUN_TIMEOUT", fault: "caller", message: "late" });
  await expect(callStepFunction(fn, {}, contextOf(AbortSignal.abort(reason)))).rejects.toBe(reason);
  await expect(callStepFunction(fn, {}, contextOf(AbortSignal.abort()))).rejects.toMatchObject({
    code: "RUN_CANCELLED",
  });
  expect(fn).not.toHaveBeenCalled();
});

test("a cancelled run passes through, and an abort of the author's own does not", async () => {
  const controller = new AbortController();
  const waiting = callStepFunction(
    (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    {},
    contextOf(controller.signal),
  );
  controller.abort();
  await expect(waiting).rejects.toBe(controller.signal.reason);
  const own = (): never => {
    throw new DOMException("mine", "AbortError");
  };
  await expect(callStepFunction(own, {}, contextOf())).rejects.toMatchObject({
    code: "STEP_CODE_FAILED",
    message: "AbortError: mine",
  });
});

const own = new URL("../../src/code-step/map-rows.ts", import.meta.url).pathname;

test.each([
  [
    "a named function of a module",
    "    at score (file:///work/shop/score.ts:9:30)",
    { file: "/work/shop/score.ts", line: 9, column: 30 },
  ],
  [
    "the top of a module",
    "    at file:///work/shop/score.ts:9:30",
    { file: "/work/shop/score.ts", line: 9, column: 30 },
  ],
  [
    "an async function",
    "    at async Promise.all (index 0)\n    at async score (/work/shop/score.ts:9:30)",
    { file: "/work/shop/score.ts", line: 9, column: 30 },
  ],
  [
    "a method with an alias",
    "    at Object.fn [as score] (/work/a b/score.ts:1:2)",
    { file: "/work/a b/score.ts", line: 1, column: 2 },
  ],
  [
    "a file whose name holds brackets",
    "    at fn (/work/(x)/score.ts:1:2)",
    { file: "/work/(x)/score.ts", line: 1, column: 2 },
  ],
  [
    "a module with a version in its URL",
    "    at file:///work/n%C3%A9.ts?v=1:3:4",
    { file: "/work/né.ts", line: 3, column: 4 },
  ],
  [
    "Windows",
    String.raw`    at fn (C:\shop\score.ts:9:30)`,
    { file: String.raw`C:\shop\score.ts`, line: 9, column: 30 },
  ],
  [
    "code below packages, Node and Millrace",
    `    at parse (/work/shop/node_modules/x/i.js:1:1)\n    at node:internal/x:1:1\n    at <anonymous>\n    at run (${own}:1:1)\n    at fn (/work/shop/score.ts:9:30)`,
    { file: "/work/shop/score.ts", line: 9, column: 30 },
  ],
])("finds the frame in %s", (_, stack, frame) => {
  expect(findUserFrame(`RangeError: at once (/work/not/this.ts:1:1)\n${stack}`)).toEqual(frame);
});

test("finds no frame where there is none of the author's", () => {
  expect(
    findUserFrame("Error: x\n    at node:internal/x:1:1\n    at eval (eval at <anonymous> (x), <anonymous>:1:1)"),
  ).toBeUndefined();
});
