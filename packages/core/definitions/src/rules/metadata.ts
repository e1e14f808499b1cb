import type { JsonObject, StepExplanation, StepMetadata } from "@millrace/protocols";
import { isRecord } from "../finding.ts";
import { below, isFull, readJsonObject, readRecord, readText, readTexts, readWord, wrongType } from "./field.ts";
import type { Scope } from "./field.ts";
import { readStepPolicy } from "./policy.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The ninth field of a step: `policy` in its long form, known keys of their types, the author's own keys as they are. */
export function readMetadata(fields: Fields, outer: Scope): StepMetadata {
  if (readRecord(fields, "metadata", outer) === undefined) return {};
  const scope = below(outer, "metadata");
  const json = readJsonObject(fields, "metadata", outer);
  if (json === undefined) return {};
  const policy = readRecord(json, "policy", scope);
  const read = policy === undefined ? {} : readStepPolicy(policy, below(scope, "policy"));
  readText(json, "description", scope);
  readTexts(json, "tags", scope);
  readWord(json, "medallion", { words: ["bronze", "silver", "gold"], scope });
  checkExplanation(json, scope);
  const { policy: _, ...rest }: JsonObject = json;
  return Object.keys(read).length === 0 ? rest : { ...rest, policy: read };
}

/** The `policy` of a step of rows and the keys of `explain` that the story shows; further keys are the author's. */
function checkExplanation(fields: Fields, outer: Scope): void {
  const explain: Partial<Record<keyof StepExplanation, unknown>> | undefined = readRecord(fields, "explain", outer);
  if (explain === undefined) return;
  const scope = below(outer, "explain");
  readText(explain, "purpose", scope);
  readText(explain, "result", scope);
  readTexts(explain, "details", scope);
  readTexts(explain, "notes", scope);
  const { formulas } = explain;
  if (formulas === undefined) return;
  if (!isRecord(formulas)) {
    wrongType(scope, "formulas", { value: formulas, expected: "an object" });
    return;
  }
  for (const column of Object.keys(formulas)) if (!isFull(scope)) readText(formulas, column, below(scope, "formulas"));
}
