/** The nearest known name to a mistyped one. */

/**
 * Damerau-Levenshtein distance in its restricted form (insert, delete, replace, swap of neighbours), given up as
 * soon as it must exceed `limit`. Only the cells within `limit` of the diagonal can matter, so only they are filled.
 */
function distance(a: string, b: string, limit: number): number {
  const over = limit + 1;
  let beforeLast: number[] = [];
  let last: number[] = [];
  for (let j = 0; j <= Math.min(b.length, limit); j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = [];
    let best = over;
    for (let j = Math.max(0, i - limit); j <= Math.min(b.length, i + limit); j++) {
      let cost = i;
      if (j > 0) {
        const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
        cost = Math.min(
          (last[j] ?? over) + 1,
          (row[j - 1] ?? over) + 1,
          (last[j - 1] ?? over) + (same ? 0 : 1),
        );
        const swapped =
          i > 1 &&
          j > 1 &&
          a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
          a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
        if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? over) + 1);
      }
      row[j] = cost;
      if (cost < best) best = cost;
    }
    if (best > limit) return over;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? over;
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
    // What both begin with costs nothing: for most candidates that is nearly the whole name.
    let shared = 0;
    while (shared < name.length && name.charCodeAt(shared) === candidate.charCodeAt(shared)) shared++;
    const steps = distance(name.slice(shared), candidate.slice(shared), shortest - 1);
    if (steps < shortest) {
      shortest = steps;
      found = candidate;
    } else if (found === undefined && words(candidate) === reordered) {
      found = candidate;
    }
  }
  return found;
}
