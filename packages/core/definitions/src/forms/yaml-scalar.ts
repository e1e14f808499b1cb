import { shorten } from "../finding.ts";
import type { Finding, Path } from "../finding.ts";
import type { FindNode, Yaml } from "./yaml-path.ts";

/** Unquoted texts that YAML 1.1, which most other readers speak, takes for something else: yes, 2024-01-01, 1_000, 12:30. */
const ambiguous =
  /^(?:yes|no|on|off|[-+]?0[0-7_]+|[-+]?0b[01_]+|[-+]?\d[\d_]*_[\d_]*(?:\.[\d_]*)?|[-+]?[1-9]\d*(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:[Tt ].*)?)$/i;

/** Fields of a step that are texts, and fields whose keys and values are. */
const textFields: ReadonlySet<string> = new Set(["layer", "name", "type", "engine", "value"]);
const mapFields: ReadonlySet<string> = new Set(["inputs", "outputs"]);

/** Most findings of one file: each is looked up in the text. */
const maxFindings = 100;

/** Reports unquoted texts that mean something else to other readers of the same file, where a text is due. */
export function findAmbiguousTexts(context: {
  readonly yaml: Yaml;
  readonly steps: number;
  readonly node: FindNode;
}): readonly Finding[] {
  const { yaml, node } = context;
  const findings: Finding[] = [];
  const check = (scalar: unknown, path: Path, at: "key" | "value"): void => {
    if (!yaml.isScalar(scalar) || scalar.type !== "PLAIN" || typeof scalar.value !== "string") return;
    if (findings.length >= maxFindings || !ambiguous.test(scalar.value)) return;
    const [, index] = path;
    const label = typeof index === "number" ? `Step ${index + 1}` : "The pipeline";
    const name = shorten(path.slice(typeof index === "number" ? 2 : 0).join("."));
    findings.push({
      code: "DEFINITION_WRONG_TYPE",
      message: `${label}: ${name} must be text; ${scalar.value} without quotes is something else to other YAML readers. Put it in quotes.`,
      path,
      at,
      expected: "text",
      received: scalar.value,
      suggestion: JSON.stringify(scalar.value),
    });
  };
  const name = node(["name"]);
  if (name.depth === 1) check(name.node, ["name"], "value");
  for (let index = 0; index < context.steps; index++) {
    const step = node(["steps", index]).node;
    for (const pair of yaml.isMap(step) ? step.items : []) {
      const field = yaml.isScalar(pair.key) ? String(pair.key.value) : "";
      const path = ["steps", index, field];
      if (textFields.has(field)) check(pair.value, path, "value");
      if (!mapFields.has(field) || !yaml.isMap(pair.value)) continue;
      for (const { key, value } of pair.value.items) {
        const logical = yaml.isScalar(key) ? String(key.value) : "";
        check(key, [...path, logical], "key");
        check(value, [...path, logical], "value");
      }
    }
  }
  return findings;
}
