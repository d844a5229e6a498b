/** The last line of a process at level info: where every span went. */

export interface Totals {
  readonly created: number;
  readonly open: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly destinations: Readonly<
    Record<string, { readonly delivered: number; readonly dropped: Readonly<Record<string, number>> }>
  >;
}

/** `spans: created 7, delivered 5, dropped 2 (exit 2)`; with several destinations, each by its name. */
export function totalsLine({ created, open, delivered, dropped, destinations }: Totals): string {
  const parts = [`spans: created ${created}`];
  if (open > 0) parts.push(`never ended ${open}`);
  const names = Object.entries(destinations);
  if (names.length < 2) return [...parts, fate(delivered, dropped)].join(', ');
  return `${parts.join(', ')}; ${names.map(([id, each]) => `${id}: ${fate(each.delivered, each.dropped)}`).join('; ')}`;
}

function fate(delivered: number, dropped: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(dropped);
  let total = 0;
  for (const [, count] of reasons) total += count;
  const why = total === 0 ? '' : ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
  return `delivered ${delivered}, dropped ${total}${why}`;
}
