/** Edges of a graph: for each node, the nodes that come after it. */
export type Edges = readonly (readonly number[])[];

/**
 * One cycle of each knot of a graph, as nodes in the order of the edges, beginning at the smallest; the shortest through it.
 *
 * A knot is a strongly connected component. Nothing here recurses: chains of any length pass.
 *
 * **Source** Kahn 1962 for what lies on no cycle, Tarjan 1972 for components.
 */
export function findCycles(edges: Edges): readonly (readonly number[])[] {
  const rest = withoutAcyclic(edges);
  return components(edges, rest)
    .filter((nodes) => nodes.length > 1 || nodes.some((node) => edges[node]?.includes(node)))
    .map((nodes) => shortestCycle(edges, new Set(nodes), smallest(nodes)))
    .toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** `Math.min` takes its arguments on the stack; a knot may have 100,000 nodes. */
function smallest(nodes: readonly number[]): number {
  return nodes.reduce((least, node) => (node < least ? node : least), Infinity);
}

/** Nodes that are left when those without open predecessors are taken away again and again. */
function withoutAcyclic(edges: Edges): ReadonlySet<number> {
  const open = edges.map(() => 0);
  for (const targets of edges) for (const target of targets) open[target] = (open[target] ?? 0) + 1;
  const ready = [...open.keys()].filter((node) => open[node] === 0);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    open[next] = -1;
    for (const target of edges[next] ?? []) {
      const left = (open[target] ?? 0) - 1;
      open[target] = left;
      if (left === 0) ready.push(target);
    }
  }
  return new Set([...open.keys()].filter((node) => (open[node] ?? 0) > 0));
}

/** Tarjan's algorithm with a stack of its own. */
function components(edges: Edges, nodes: ReadonlySet<number>): readonly (readonly number[])[] {
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const onStack = new Set<number>();
  const stack: number[] = [];
  const found: number[][] = [];
  const enter = (node: number): { readonly node: number; next: number } => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, next: 0 };
  };
  const lower = (node: number, value: number | undefined): void => {
    if (value !== undefined && value < (low.get(node) ?? Infinity)) low.set(node, value);
  };
  for (const root of nodes) {
    if (order.has(root)) continue;
    const calls = [enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { node } = call;
      const target = edges[node]?.[call.next];
      if (target === undefined) {
        calls.pop();
        const caller = calls.at(-1);
        if (caller !== undefined) lower(caller.node, low.get(node));
        if (low.get(node) === order.get(node)) found.push(takeComponent(node, stack, onStack));
        continue;
      }
      call.next += 1;
      if (!nodes.has(target)) continue;
      if (!order.has(target)) calls.push(enter(target));
      else if (onStack.has(target)) lower(node, order.get(target));
    }
  }
  return found;
}

function takeComponent(root: number, stack: number[], onStack: Set<number>): number[] {
  const component = stack.splice(stack.lastIndexOf(root));
  for (const node of component) onStack.delete(node);
  return component;
}

/** Breadth first from a node back to itself, inside one component. */
function shortestCycle(edges: Edges, component: ReadonlySet<number>, start: number): readonly number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] ?? start;
    for (const target of edges[node] ?? []) {
      if (target === start) return pathTo(node, start, cameFrom);
      if (!component.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return [start];
}

function pathTo(last: number, start: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const path = [last];
  for (let node = last; node !== start;) {
    node = cameFrom.get(node) ?? start;
    path.push(node);
  }
  return path.toReversed();
}
