/** Variables that look like ours but that nothing reads: most often a typing mistake that is silently without effect. */
import { printable } from './display';
import { problem } from './problem';
import { ROWS } from './settings';
import { belongsToOtherSignal, isOpenEnded, remedyFor, signalExportedBy } from './standard-names';
import { nearest } from './suggest';
import type { Problem } from './types';

/** Every variable of ours begins with one of these; nothing else of the environment is looked at. */
const PREFIXES = ['CANVASOPS_', 'OTEL_', 'OTLP_', 'ARIZE_', 'PHOENIX_', 'JAEGER_'] as const;

export function mayBeOurs(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Any more would only bury the first ones. */
const MOST_REPORTED = 20;

/** The environment Kubernetes makes up for a Service called `otel-collector`, `jaeger-query`, `phoenix`, ... */
function isServiceLink(name: string, value: string): boolean {
  return (
    name.endsWith('_SERVICE_HOST') ||
    name.includes('_SERVICE_PORT') ||
    (name.includes('_PORT_') && (name.includes('_TCP') || name.includes('_UDP'))) ||
    value.startsWith('tcp://') ||
    value.startsWith('udp://')
  );
}

/** `CANVASOPS_SDK_DISABLED` for `OTEL_SDK_DISABLED`: the right name after the wrong beginning. */
function underAnotherPrefix(name: string, known: ReadonlySet<string>): string | undefined {
  const rest = name.slice(name.indexOf('_') + 1);
  return PREFIXES.map((prefix) => prefix + rest).find((candidate) => known.has(candidate));
}

function suggestionFor(name: string, known: ReadonlySet<string>): string | undefined {
  const prefix = name.slice(0, name.indexOf('_') + 1);
  // A vendor's prefix is an ordinary word that other programs use too: only close relatives count.
  const strict = prefix !== 'CANVASOPS_' && prefix !== 'OTEL_';
  const candidates = strict ? [...known].filter((candidate) => candidate.startsWith(prefix)) : known;
  return nearest(name, candidates) ?? (strict ? undefined : underAnotherPrefix(name, known));
}

/** Nobody but us and other exporters reads these, so that an unknown one cannot be meant for another program. */
const OURS_ALONE = ['CANVASOPS_', 'OTEL_EXPORTER_'];

function withoutEffect(name: string, fix: string): Problem {
  return problem('VARIABLE_WITHOUT_EFFECT', name, `${name} is set, but has no effect here.`, fix);
}

function unknown(code: 'UNKNOWN_VARIABLE' | 'UNRECOGNIZED_VARIABLE', name: string, fix: string): Problem {
  return problem(code, name, `${name} is not a variable that anything reads.`, fix);
}

/** What is wrong with one variable that no setting reads, if anything. */
function problemOf(name: string, value: string, known: ReadonlySet<string>): Problem | undefined {
  const shown = printable(name);
  const signal = signalExportedBy(name);
  if (signal !== undefined) return value.toLowerCase() === 'none' ? undefined : notSent(shown, signal);
  if (belongsToOtherSignal(name) || isServiceLink(name, value)) return undefined;
  const remedy = remedyFor(name);
  if (remedy !== undefined) return withoutEffect(shown, remedy);
  const suggestion = suggestionFor(name, known);
  if (suggestion !== undefined) return unknown('UNKNOWN_VARIABLE', shown, `Did you mean ${suggestion}?`);
  if (OURS_ALONE.some((prefix) => name.startsWith(prefix))) {
    return unknown('UNKNOWN_VARIABLE', shown, LOOK_UP);
  }
  const isStandard = name.startsWith('OTEL_') && !isOpenEnded(name);
  return isStandard ? unknown('UNRECOGNIZED_VARIABLE', shown, LOOK_UP) : undefined;
}

const LOOK_UP = 'Remove it, or look up its name in the list of settings.';

function notSent(name: string, signal: string): Problem {
  return problem(
    'SIGNAL_NOT_SENT',
    name,
    `${name} asks for ${signal}, but only traces are sent.`,
    `Set ${name}=none or remove it; ${signal} need a package of their own.`,
  );
}

/** One problem per variable that is set, looks like ours, and is read by nobody. */
export function unknownVariables(variables: ReadonlyMap<string, string>): Problem[] {
  const known = new Set(ROWS.flatMap(([, row]) => row.names));
  const problems: Problem[] = [];
  for (const [name, value] of variables) {
    if (problems.length === MOST_REPORTED) break;
    const found = known.has(name) ? undefined : problemOf(name, value, known);
    if (found !== undefined) problems.push(found);
  }
  return problems;
}
