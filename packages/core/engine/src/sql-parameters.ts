import type { DagNode, Issue, ParameterSpan, SqlAnalyzer } from "@millrace/protocols";
import { suggestName } from "@millrace/foundation";

/** An issue whose place inside the step's text is known, before it is turned into a file position. */
export type OffsetIssue = Issue & { readonly offset?: number };

/** Text of a step with each `$name` as a typed literal. */
export interface SubstitutedSql {
  readonly sql: string;
  readonly spans: readonly ParameterSpan[];
  readonly issues: readonly OffsetIssue[];
}

/** Puts literals in the place of parameters; a name that is not a parameter is an issue. */
export function substituteParameters(
  node: DagNode,
  analyzer: SqlAnalyzer,
  params: { readonly literals: ReadonlyMap<string, string>; readonly declared: readonly string[] },
): SubstitutedSql {
  const { step } = node;
  const { literals, declared } = params;
  const issues: OffsetIssue[] = [];
  const usable = new Map(literals);
  for (const { name, offset } of analyzer.parameters(step.value)) {
    if (usable.has(name)) continue;
    // A declared parameter without a value has its own issue; NULL keeps the rest of the step checkable.
    usable.set(name, "NULL");
    if (!declared.includes(name)) issues.push({ ...unknownParameter(node, name, declared), offset });
  }
  const spans = analyzer.substitutionSpans(step.value, usable);
  return { sql: spans.length === 0 ? step.value : analyzer.substitute(step.value, usable), spans, issues };
}

function unknownParameter(node: DagNode, name: string, declared: readonly string[]): Issue {
  const suggestion = suggestName(name, declared);
  return {
    severity: "error",
    code: "SQL_PARAMETER_UNKNOWN",
    message: `step "${node.step.name}" uses $${name}, which is not a parameter of the pipeline; it has ${declared.length === 0 ? "none" : declared.map((known) => `$${known}`).join(", ")}`,
    path: ["steps", node.index, "value"],
    step: node.step.name,
    length: name.length + 1,
    received: `$${name}`,
    ...(suggestion === undefined ? {} : { suggestion: `$${suggestion}` }),
  };
}

/** Offset in the author's text for one in the text with literals; inside a literal, the start of its parameter. */
export function authorOffset(spans: readonly ParameterSpan[], offset: number | undefined): number | undefined {
  if (offset === undefined) return undefined;
  const before = spans.findLast((span) => span.sqlOffset <= offset);
  if (before === undefined) return offset;
  const past = offset - before.sqlOffset - before.sqlLength;
  return past < 0 ? before.authorOffset : before.authorOffset + before.authorLength + past;
}
