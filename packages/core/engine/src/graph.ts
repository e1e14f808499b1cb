import type { Dag, DagNode, JsonObject, Layer } from "@millrace/protocols";

/** Fill colours by layer: ODIBI CORE's for the four it has. */
export const layerColors: Readonly<Record<Layer, string>> = {
  connect: "#eceff1",
  ingest: "#e1f5ff",
  store: "#fff3e0",
  transform: "#f3e5f5",
  publish: "#e8f5e9",
};

/** The graph as text: a line a step by level, with what it reads. */
export function graphToText(dag: Dag): string {
  const lines = [`${dag.spec.name}: ${dag.nodes.size} steps, ${dag.levels.length} levels`];
  for (const [level, names] of dag.levels.entries()) {
    lines.push(`level ${level}`);
    for (const name of names) {
      const node = dag.nodes.get(name) as DagNode;
      lines.push(
        `  ${name} [${node.step.layer}]${node.dependsOn.length === 0 ? "" : ` ← ${node.dependsOn.join(", ")}`}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The graph in Mermaid's flowchart language. */
export function graphToMermaid(dag: Dag): string {
  const ids = new Map(dag.order.map((name, index) => [name, `s${index}`]));
  const lines = ["graph TD"];
  for (const name of dag.order) {
    const node = dag.nodes.get(name) as DagNode;
    lines.push(
      `  ${ids.get(name) ?? ""}["${name.replaceAll('"', "#quot;")}<br/>${node.step.layer}"]:::${node.step.layer}`,
    );
  }
  for (const [from, to] of edges(dag)) lines.push(`  ${ids.get(from) ?? ""} --> ${ids.get(to) ?? ""}`);
  for (const [layer, color] of Object.entries(layerColors))
    lines.push(`  classDef ${layer} fill:${color},stroke:#546e7a,color:#102027`);
  return `${lines.join("\n")}\n`;
}

/** The graph in Graphviz' DOT language. */
export function graphToDot(dag: Dag): string {
  const lines = [
    `digraph ${dotText(dag.spec.name)} {`,
    "  rankdir=TB;",
    '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
  ];
  for (const name of dag.order) {
    const layer = (dag.nodes.get(name) as DagNode).step.layer;
    lines.push(`  ${dotText(name)} [fillcolor="${layerColors[layer]}", tooltip="${layer}"];`);
  }
  for (const [from, to, dataset] of edges(dag))
    lines.push(`  ${dotText(from)} -> ${dotText(to)} [label=${dotText(dataset)}];`);
  return `${[...lines, "}"].join("\n")}\n`;
}

/** The graph as data: nodes with level and layer, edges with the dataset they carry. */
export function graphToJson(dag: Dag): JsonObject {
  return {
    pipeline: dag.spec.name,
    nodes: dag.order.map((name) => {
      const node = dag.nodes.get(name) as DagNode;
      return { name, layer: node.step.layer, type: node.step.type, engine: node.step.engine, level: node.level };
    }),
    edges: edges(dag).map(([from, to, dataset]) => ({ from, to, dataset })),
  };
}

/** Edges with their dataset, in the order of the consumers. */
function edges(dag: Dag): readonly (readonly [from: string, to: string, dataset: string])[] {
  return dag.order.flatMap((name) => {
    const datasets = [...new Set(Object.values((dag.nodes.get(name) as DagNode).step.inputs))];
    return datasets.map((dataset) => [dag.producers.get(dataset)?.step ?? "", name, dataset] as const);
  });
}

function dotText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
