// A pipeline as SVG: laid out by dagre, coloured by layer, readable without a style sheet.
import { Graph, layout } from "@dagrejs/dagre";
import { layerColors } from "@millrace/engine";
import type { Dag } from "@millrace/protocols";
import { escapeControls, displayWidth, truncateText } from "../output/text-width.ts";
import { kindOf } from "../terminal/step-words.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Cells of text that a box holds; longer names are cut. */
const maxCells = 28;
const height = 44;
const margin = 16;

/** Draws a graph. Text is escaped: names come from the author's files. */
export function graphToSvg(dag: Dag): string {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 56, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of dag.order) graph.setNode(name, { width: 36 + 8 * Math.min(maxCells, displayWidth(name)), height });
  for (const name of dag.order) for (const before of dag.nodes.get(name)?.dependsOn ?? []) graph.setEdge(before, name);
  layout(graph);
  const size = graph.graph() as { readonly width?: number; readonly height?: number };
  const width = Math.ceil(size.width ?? 0);
  const total = Math.ceil(size.height ?? 0);
  const edges = graph
    .edges()
    .map((edge: { readonly v: string; readonly w: string }) =>
      drawEdge((graph.edge(edge) as { readonly points: readonly Point[] }).points),
    );
  const nodes = dag.order.map((name) => drawNode(name, graph.node(name) as Box, dag));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">`,
    `<title>${escapeXml(dag.spec.name)}</title>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#607d8b"/></marker></defs>`,
    ...edges,
    ...nodes,
    "</svg>",
    "",
  ].join("\n");
}

function drawEdge(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const path = rest.map((point) => `L${round(point.x)} ${round(point.y)}`).join("");
  return `<path d="M${round(first.x)} ${round(first.y)}${path}" fill="none" stroke="#607d8b" stroke-width="1.2" stroke-linejoin="round" marker-end="url(#arrow)"/>`;
}

function drawNode(name: string, box: Box, dag: Dag): string {
  const step = dag.nodes.get(name)?.step;
  if (step === undefined) return "";
  const medallion = step.metadata.medallion === undefined ? "" : `, ${step.metadata.medallion}`;
  const title = [step.metadata.description, step.layer === "transform" ? undefined : step.value].filter(
    (part) => part !== undefined,
  );
  return [
    `<g><title>${escapeXml([name, ...title].join("\n"))}</title>`,
    `<rect x="${round(box.x - box.width / 2)}" y="${round(box.y - box.height / 2)}" width="${round(box.width)}" height="${box.height}" rx="6" fill="${layerColors[step.layer]}" stroke="#546e7a" stroke-width="1.2"/>`,
    `<text x="${round(box.x)}" y="${round(box.y - 3)}" text-anchor="middle" fill="#102027">${escapeXml(truncateText(name, maxCells))}</text>`,
    `<text x="${round(box.x)}" y="${round(box.y + 13)}" text-anchor="middle" font-size="10" fill="#455a64">${escapeXml(kindOf(step) + medallion)}</text></g>`,
  ].join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  const shown = text.split("\n").map(escapeControls).join("\n");
  return shown.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
