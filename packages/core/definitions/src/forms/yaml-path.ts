import type * as YamlModule from "yaml";
import type { Document, ParsedNode } from "yaml";
import type { Path } from "../finding.ts";

/** The parser, which is loaded on first use. */
export type Yaml = typeof YamlModule;
/** What it makes of a text. */
export type YamlDocument = Document.Parsed;

/** A node, the key that leads to it, and how many parts of the path were found. */
interface FoundNode {
  readonly node: ParsedNode | null;
  readonly key: ParsedNode | null;
  readonly depth: number;
}

/** Follows a path, through aliases, as far as the document goes. */
export type FindNode = (path: Path) => FoundNode;

/** The way through a document. An array of steps at the top has its items below `steps`. */
export function createFinder(yaml: Yaml, document: YamlDocument): FindNode {
  const isArray = yaml.isSeq(document.contents);
  const resolved = (node: ParsedNode | null): ParsedNode | null =>
    yaml.isAlias(node) ? ((node.resolve(document) as ParsedNode | undefined) ?? null) : node;
  const step = (node: ParsedNode | null, part: string | number): Pick<FoundNode, "node" | "key"> | undefined => {
    if (yaml.isSeq(node) && typeof part === "number") {
      const item = node.items[part];
      return item === undefined ? undefined : { node: item, key: null };
    }
    if (!yaml.isMap(node)) return undefined;
    const pair = node.items.findLast(({ key }) => yaml.isScalar(key) && String(key.value) === String(part));
    return pair === undefined ? undefined : { node: pair.value, key: pair.key };
  };
  return (path) => {
    const own = isArray && path[0] === "steps" ? path.slice(1) : path;
    const skipped = path.length - own.length;
    let found: Pick<FoundNode, "node" | "key"> = { node: document.contents, key: null };
    for (const [depth, part] of own.entries()) {
      const next = step(resolved(found.node), part);
      if (next === undefined) return { ...found, depth: depth + skipped };
      found = next;
    }
    return { node: resolved(found.node), key: found.key, depth: path.length };
  };
}
