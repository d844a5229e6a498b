/** The last line of a process at level info: where every span went. */

export interface Totals {
  readonly created: number;
  readonly open: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly destinations: Readonly<Record<string, Counted>>;
}

interface Counted {
  readonly delivered: number;
  /** There where nobody answers. */
  readonly sent?: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** `spans: created 7, delivered 5, dropped 2 (exit 2)`; with several destinations, each by its name. */
export function totalsLine({ created, open, destinations, ...all }: Totals): string {
  const parts = [`spans: created ${created}`];
  if (open > 0) parts.push(`never ended ${open}`);
  const names = Object.entries(destinations);
  if (names.length < 2) return [...parts, fate(names[0]?.[1] ?? all)].join(', ');
  return `${parts.join(', ')}; ${names.map(([id, each]) => `${id}: ${fate(each)}`).join('; ')}`;
}

function fate({ delivered, sent, dropped }: Counted): string {
  const reasons = Object.entries(dropped);
  let total = 0;
  for (const [, count] of reasons) total += count;
  const why = total === 0 ? '' : ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
  return `${sent === undefined ? `delivered ${delivered}` : `sent ${sent}`}, dropped ${total}${why}`;
}
