/** The nearest known name to a mistyped one. */

/**
 * Damerau-Levenshtein distance in its restricted form (insert, delete, replace, swap of neighbours), given up
 * as soon as it must exceed `limit`. Three rows of memory; never called on names whose lengths differ by more.
 */
function distance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(
        (last[j] ?? limit) + 1,
        (row[j - 1] ?? limit) + 1,
        (last[j - 1] ?? limit) + (same ? 0 : 1),
      );
      const swapped =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? limit) + 1);
      row.push(cost);
      if (cost < best) best = cost;
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}

/** The same words in another order: `OTEL_EXPORTER_TRACES_OTLP_ENDPOINT`. */
function words(name: string): string {
  return name.split('_').sort().join('_');
}

/** The longest name worth comparing; real ones end far below. */
const LONGEST = 80;

/** The candidate most like `name`, or undefined when none is close enough to be meant. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const limit = name.length >= 16 ? 3 : name.length >= 6 ? 2 : 1;
  const reordered = words(name);
  let found: string | undefined;
  let shortest = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= shortest) continue;
    const steps = distance(name, candidate, shortest - 1);
    if (steps < shortest) {
      shortest = steps;
      found = candidate;
    } else if (found === undefined && words(candidate) === reordered) {
      found = candidate;
    }
  }
  return found;
}
