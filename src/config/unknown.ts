/** Variables that look like ours but that nothing reads: most often a typing mistake that is silently without effect. */
import { printable } from './display';
import { problem } from './problem';
import { ROWS } from './settings';
import { belongsToOtherSignal, isOpenEnded, remedyFor } from './standard-names';
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

/** One problem per variable that is set, looks like ours, and is read by nobody. */
export function unknownVariables(variables: ReadonlyMap<string, string>): Problem[] {
  const known = new Set(ROWS.flatMap(([, row]) => row.names));
  const problems: Problem[] = [];
  for (const [name, value] of variables) {
    if (problems.length === MOST_REPORTED) break;
    if (known.has(name) || belongsToOtherSignal(name) || isServiceLink(name, value)) continue;
    const shown = printable(name);
    const remedy = remedyFor(name);
    if (remedy !== undefined) {
      problems.push(
        problem('VARIABLE_WITHOUT_EFFECT', shown, `${shown} is set, but has no effect here.`, remedy),
      );
      continue;
    }
    const suggestion = suggestionFor(name, known);
    if (suggestion !== undefined) {
      problems.push(
        problem(
          'UNKNOWN_VARIABLE',
          shown,
          `${shown} is not a variable that anything reads.`,
          `Did you mean ${suggestion}?`,
        ),
      );
    } else if (name.startsWith('CANVASOPS_') || (name.startsWith('OTEL_') && !isOpenEnded(name))) {
      problems.push(
        problem(
          'UNKNOWN_VARIABLE',
          shown,
          `${shown} is not a variable that anything reads.`,
          'Remove it, or look up its name in the list of settings.',
        ),
      );
    }
  }
  return problems;
}
