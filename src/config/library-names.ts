/** Lists of libraries: CANVASOPS_INSTRUMENTATIONS_ENABLED and _DISABLED, and the same two of the official distribution. */
import { quote } from './display';
import { isOfficialInstrumentation } from './official-instrumentations';
import { entriesOf } from './parse';
import { problem } from './problem';
import type { ParseContext, Parser } from './setting';
import { nearest } from './suggest';
import type { LibraryNames, Problem } from './types';

const OFFICIAL_PREFIX = '@opentelemetry/instrumentation-';

/** Names of packages are shorter. */
const LONGEST = 80;

/** Looking for the nearest name takes time, and of a long list the first bad entries say enough. */
const MOST_REPORTED = 5;

/** Names that switch something: each library's own, and those of the groups. */
function switchesOf(libraries: readonly LibraryNames[]): string[] {
  return [
    ...new Set(libraries.flatMap(({ name, group }) => (group === undefined ? [name] : [group, name]))),
  ].sort();
}

/** `mysql2 (MySQL, MariaDB)` -> its words. */
function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/** What people call the libraries, with the name that switches them. The first of several with one name counts. */
function aliasesOf(libraries: readonly LibraryNames[]): Map<string, string> {
  const aliases = new Map<string, string>();
  const add = (alias: string, meant: string): void => {
    if (!aliases.has(alias)) aliases.set(alias, meant);
  };
  for (const { name, group } of libraries) {
    add(name, name);
    if (group !== undefined) add(group, group);
  }
  for (const { name, group = name, title, packages, official } of libraries) {
    for (const each of packages) add(each.package, group);
    if (official !== undefined) add(official.slice(OFFICIAL_PREFIX.length), group);
    const names = title.toLowerCase().replaceAll('node:', '');
    for (const name of names.split(/[(),]/)) add(name.trim(), group);
    for (const word of wordsOf(names)) add(word, group);
  }
  return aliases;
}

/** The library that was probably meant: `pg` for `postgres`, `ioredis` for `redis`. */
function meantBy(written: string, libraries: readonly LibraryNames[]): string | undefined {
  if (written.length > LONGEST) return undefined;
  const aliases = aliasesOf(libraries);
  const name = written.startsWith(OFFICIAL_PREFIX) ? written.slice(OFFICIAL_PREFIX.length) : written;
  for (const text of [name, ...wordsOf(name)]) {
    const alias = nearest(text, aliases.keys());
    if (alias !== undefined) return aliases.get(alias);
  }
  return undefined;
}

function unknownLibrary(written: string, isIgnored: boolean, { variable, libraries }: ParseContext): Problem {
  const meant = meantBy(written, libraries);
  const known = `Known are: ${switchesOf(libraries).join(', ')}.`;
  return problem(
    'LIBRARY_UNKNOWN',
    variable,
    `${quote(written)} is not a library that is traced here, so ${isIgnored ? `${variable} is ignored` : 'it is left out'}.`,
    meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  );
}

/** The switches that a name stands for; the OTEL_NODE_* variables have those of the official instrumentations. */
function resolve(written: string, switches: readonly string[], context: ParseContext): string[] | undefined {
  if (switches.includes(written)) return [written];
  if (!context.variable.startsWith('OTEL_')) return undefined;
  const same = context.libraries.filter(({ official }) => official === `${OFFICIAL_PREFIX}${written}`);
  if (same.length > 0) return same.map(({ name }) => name);
  // A legitimate name there. Nothing of ours carries it, so there is nothing to switch.
  return isOfficialInstrumentation(written) ? [written] : undefined;
}

function parse(value: string, context: ParseContext): { names: string[]; ours: number } | undefined {
  const switches = switchesOf(context.libraries);
  const names = new Set<string>();
  const unknown: string[] = [];
  for (const written of new Set(entriesOf(value.toLowerCase()))) {
    const found = resolve(written, switches, context);
    if (found === undefined) unknown.push(written);
    else for (const name of found) names.add(name);
  }
  const isIgnored = names.size === 0;
  for (const written of unknown.slice(0, MOST_REPORTED)) {
    context.problems.push(unknownLibrary(written, isIgnored, context));
  }
  if (isIgnored) return undefined;
  return { names: [...names], ours: [...names].filter((name) => switches.includes(name)).length };
}

/** Libraries to leave alone. */
export const librariesToLeave: Parser<readonly string[]> = (value, context) => parse(value, context)?.names;

/** Libraries to trace. A list in which nothing is known counts as not set, so that it does not switch everything off. */
export const librariesToTrace: Parser<readonly string[]> = (value, context) => {
  const found = parse(value, context);
  if (found === undefined) return undefined;
  if (found.ours === 0) {
    context.problems.push(
      problem(
        'LIBRARIES_ALL_OFF',
        context.variable,
        `${context.variable} names only libraries that the official distribution traces and this package does not, so no library is traced by itself.`,
        `Add what is to be traced: ${switchesOf(context.libraries).join(', ')}; or remove ${context.variable} to trace all of them.`,
      ),
    );
  }
  return found.names;
};
