/** A node of DuckDB's syntax tree. Fields that hold their default may be missing. */
export interface SyntaxNode {
  readonly [field: string]: unknown;
}

/** Fields that hold neither expressions nor queries, and may be large. */
const leafFields: ReadonlySet<string> = new Set(["value", "cast_type", "column_names", "alias"]);

/** A name as DuckDB compares it: letters A to Z without case, all others as they are. */
export function foldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : name;
}

export function asNode(value: unknown): SyntaxNode | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as SyntaxNode) : undefined;
}

export function nodeAt(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return asNode(node[field]);
}

export function nodesAt(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return Array.isArray(value) ? nodesOf(value) : [];
}

/** The nodes of a list; what is no node is left out. */
export function nodesOf(items: readonly unknown[]): readonly SyntaxNode[] {
  return items.map((item) => asNode(item)).filter((node) => node !== undefined);
}

/** The nodes of these fields that are there. */
export function partsAt(node: SyntaxNode | undefined, ...fields: readonly string[]): readonly SyntaxNode[] {
  return node === undefined ? [] : nodesOf(fields.map((field) => node[field]));
}

export function textAt(node: SyntaxNode, field: string): string {
  const value = node[field];
  return typeof value === "string" ? value : "";
}

export function textsAt(node: SyntaxNode, field: string): readonly string[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter((item: unknown) => typeof item === "string") : [];
}

/** The query of a field such as `subquery`, which wraps it as `{ node }`. */
export function queryAt(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const holder = nodeAt(node, field);
  return holder === undefined ? undefined : (nodeAt(holder, "node") ?? holder);
}

/** Expressions of ORDER BY in a list of orders. */
export function orderExpressions(orders: readonly SyntaxNode[]): readonly SyntaxNode[] {
  return nodesOf(orders.map((order) => order["expression"]));
}

/** ORDER BY inside an aggregate. */
export function aggregateOrders(node: SyntaxNode): readonly SyntaxNode[] {
  const modifier = nodeAt(node, "order_bys");
  return modifier === undefined ? [] : orderExpressions(nodesAt(modifier, "orders"));
}

/** Name of a function in lower case; `count(*)` is `count`. */
export function functionName(node: SyntaxNode): string {
  const name = foldName(textAt(node, "function_name"));
  return name === "count_star" ? "count" : name;
}

/** Offset in DuckDB's count; undefined where the parser does not tell (it writes the largest 64-bit number). */
export function locationOf(node: SyntaxNode): number | undefined {
  const location = node["query_location"];
  return typeof location === "number" && location < Number.MAX_SAFE_INTEGER ? location : undefined;
}

export function isExpression(node: SyntaxNode): boolean {
  return typeof node["class"] === "string";
}

export function isConstantNull(node: SyntaxNode): boolean {
  return textAt(node, "class") === "CONSTANT" && nodeAt(node, "value")?.["is_null"] === true;
}

/** Value of a numeric constant without a fraction. */
export function integerOf(node: SyntaxNode | undefined): number | undefined {
  if (node === undefined || textAt(node, "class") !== "CONSTANT") return undefined;
  const value = nodeAt(node, "value");
  const number = value?.["value"];
  const isDecimal = value !== undefined && nodeAt(value, "type")?.["id"] === "DECIMAL";
  return typeof number === "number" && Number.isInteger(number) && !isDecimal ? number : undefined;
}

/** The nearest expressions and queries below a node, in the order of the tree. */
export function partsOf(node: SyntaxNode): { readonly expressions: SyntaxNode[]; readonly queries: SyntaxNode[] } {
  const expressions: SyntaxNode[] = [];
  const queries: SyntaxNode[] = [];
  const pending: unknown[] = fieldsOf(node);
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (Array.isArray(item)) {
      for (let index = item.length - 1; index >= 0; index--) if (isObject(item[index])) pending.push(item[index]);
      continue;
    }
    const child = asNode(item);
    if (child === undefined) continue;
    if (isExpression(child)) expressions.push(child);
    else if (textAt(child, "type").endsWith("_NODE")) queries.push(child);
    else pending.push(...fieldsOf(child));
  }
  return { expressions, queries };
}

/** An expression and everything below it, outermost first, without the insides of its subqueries. */
export function* expressionsBelow(root: SyntaxNode): Generator<SyntaxNode> {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    const { expressions } = partsOf(node);
    for (let index = expressions.length - 1; index >= 0; index--) {
      const child = expressions[index];
      if (child !== undefined) pending.push(child);
    }
  }
}

/** How deep expressions, tables and queries nest in a tree. Iterative, so that no tree is too deep for it. */
export function depthOf(tree: object): number {
  let deepest = 0;
  const pending: { readonly value: object; readonly depth: number }[] = [{ value: tree, depth: 0 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const isNode = !Array.isArray(item.value) && typeof (item.value as SyntaxNode)["type"] === "string";
    const depth = item.depth + (isNode ? 1 : 0);
    if (depth > deepest) deepest = depth;
    for (const value of Object.values(item.value) as unknown[]) if (isObject(value)) pending.push({ value, depth });
  }
  return deepest;
}

/** Fields with nodes, last first, for a stack. */
function fieldsOf(node: SyntaxNode): unknown[] {
  const values: unknown[] = [];
  for (const field in node) if (!leafFields.has(field) && isObject(node[field])) values.push(node[field]);
  return values.toReversed();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
