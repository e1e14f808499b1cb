/**
 * The closest known names, best first: "did you mean".
 *
 * **Source** optimal string alignment (Damerau–Levenshtein with adjacent swaps, each pair once), after Boytsov 2011.
 * Case, `_`, `-` and spaces weigh a quarter of an edit, so that `orderId` finds `order_id` before `order_if`.
 *
 * @param max - Most names. @defaultValue 3
 */
export function suggestNames(received: string, candidates: Iterable<string>, max = 3): readonly string[] {
  const limit = Math.max(1, Math.floor(received.length / 3));
  const plain = simplify(received);
  return [...new Set(candidates)]
    .filter((candidate) => candidate !== received)
    .map((candidate) => ({ candidate, distance: rank(received, plain, { candidate, limit }) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

/** The closest known name, or undefined when none is close. */
export function suggestName(received: string, candidates: Iterable<string>): string | undefined {
  return suggestNames(received, candidates, 1)[0];
}

function rank(received: string, plain: string, { candidate, limit }: { candidate: string; limit: number }): number {
  const other = simplify(candidate);
  if (other === plain) return received === candidate ? 0 : 0.25;
  // One name inside the other ("amount", "amount_usd") is a likely slip, although many letters differ.
  const [short, long] = plain.length < other.length ? [plain, other] : [other, plain];
  const inside = short.length >= 3 && long.includes(short) && long.length <= short.length * 3 ? 1 : Infinity;
  if (Math.abs(plain.length - other.length) > limit) return inside;
  return Math.min(inside, distanceOf(plain, other));
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-\s]/g, "");
}

/** Edits between two texts. Long texts are cut: nobody mistypes 200 letters of a name. */
function distanceOf(first: string, second: string): number {
  const a = first.slice(0, 200);
  const b = second.slice(0, 200);
  let beforeLast: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
