/** Readers of single values: switches, numbers, names, lists. Each reports what it cannot use. */
import { quote } from './display';
import { problem } from './problem';
import type { Parser } from './setting';
import { nearest } from './suggest';

/** The largest delay a Node timer takes; above it, it fires at once. */
export const LONGEST_TIMER = 2_147_483_647;

export const text: Parser<string> = (value) => value;

/**
 * True only for `true`, in any case; what is neither `true` nor `false` is reported and means false (OpenTelemetry
 * environment variable specification, "Boolean").
 */
export const flag: Parser<boolean> = (value, { variable, problems }) => {
  const lower = value.length <= 5 ? value.toLowerCase() : value;
  if (lower === 'true') return true;
  if (lower === 'false') return false;
  problems.push(
    problem(
      'VALUE_NOT_BOOLEAN',
      variable,
      `${quote(value)} is neither true nor false, so it counts as false.`,
      `Set ${variable} to true or false.`,
    ),
  );
  return false;
};

function isDigits(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return value.length > 0;
}

/** A whole number in decimal digits. */
export function whole(least: number, most: number, unit?: string): Parser<number> {
  return (value, { variable, problems }) => {
    const negative = value.startsWith('-');
    const fix = `Set ${variable} to a whole number${unit === undefined ? '' : ` of ${unit}`}, at least ${least}${most === LONGEST_TIMER ? '' : ` and at most ${most}`}.`;
    if (!isDigits(negative ? value.slice(1) : value)) {
      problems.push(
        problem(
          'VALUE_NOT_NUMBER',
          variable,
          `${quote(value)} is not a whole number, so it is ignored.`,
          fix,
        ),
      );
      return undefined;
    }
    const number = Number(value);
    if (number >= least && number <= most) return number;
    problems.push(
      problem('VALUE_OUT_OF_RANGE', variable, `${quote(value)} is out of range, so it is ignored.`, fix),
    );
    return undefined;
  };
}

/** Milliseconds where 0 means no limit (OpenTelemetry configuration, "Timeout"). */
export const timeout: Parser<number> = (value, context) => {
  const ms = whole(0, LONGEST_TIMER, 'milliseconds')(value, context);
  return ms === 0 ? LONGEST_TIMER : ms;
};

/** A share between 0 and 1. */
export const ratio: Parser<number> = (value, { variable, problems }) => {
  // Number() would also take '0x1', '1e-3' and 'Infinity'; a share is written in digits.
  const point = value.indexOf('.');
  const digits = point < 0 ? value : value.slice(0, point) + value.slice(point + 1);
  const number = isDigits(digits) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  const code = Number.isNaN(number) ? 'VALUE_NOT_NUMBER' : 'VALUE_OUT_OF_RANGE';
  problems.push(
    problem(
      code,
      variable,
      `${quote(value)} is not a number from 0 to 1, so it is ignored.`,
      `Set ${variable} to a number from 0 (none) to 1 (all), for example 0.1.`,
    ),
  );
  return undefined;
};

/** What to write instead of an unknown name. */
export function didYouMean(value: string, known: readonly string[]): string {
  const near = nearest(value, known);
  return near === undefined
    ? `Use one of: ${known.join(', ')}.`
    : `Did you mean ${near}? Known are: ${known.join(', ')}.`;
}

/** One of a few names, in any case. `aliases` maps other accepted names to one of them. */
export function oneOf<T extends string>(
  known: readonly T[],
  aliases: Readonly<Record<string, T>> = {},
): Parser<T> {
  return (value, { variable, problems }) => {
    const lower = value.toLowerCase();
    const match =
      known.find((name) => name === lower) ?? (Object.hasOwn(aliases, lower) ? aliases[lower] : undefined);
    if (match === undefined) {
      problems.push(
        problem(
          'VALUE_UNKNOWN',
          variable,
          `${quote(value)} is not a known value, so it is ignored.`,
          didYouMean(lower, known),
        ),
      );
    }
    return match;
  };
}

/** The entries of a comma list, without blanks around them. */
export function entriesOf(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** A comma list of anything, without repetitions. */
export const list: Parser<readonly string[]> = (value) => {
  const entries = entriesOf(value);
  return entries.length === 0 ? undefined : [...new Set(entries)];
};

/** The same in lower case. */
export const lowerList: Parser<readonly string[]> = (value, context) => list(value.toLowerCase(), context);

/** A comma list of known names; unknown ones are reported and left out. */
export function listOf<T extends string>(known: readonly T[]): Parser<readonly T[]> {
  return (value, { variable, problems }) => {
    const found = new Set<T>();
    for (const entry of new Set(entriesOf(value.toLowerCase()))) {
      const match = known.find((name) => name === entry);
      if (match !== undefined) found.add(match);
      else
        problems.push(
          problem(
            'VALUE_UNKNOWN',
            variable,
            `${quote(entry)} is not a known value, so it is left out.`,
            didYouMean(entry, known),
          ),
        );
    }
    return found.size === 0 ? undefined : [...found];
  };
}
