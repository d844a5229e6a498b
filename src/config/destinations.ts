/** All the places spans go to. Whatever is configured is a destination; several at once is the normal case. */
import { isAbsolute, resolve } from 'node:path';
import { arize, isArizeConfigured } from './destinations/arize';
import { isJaegerConfigured, jaeger } from './destinations/jaeger';
import { isLegacyEndpoint, otlp } from './destinations/otlp';
import { isPhoenixConfigured, phoenix } from './destinations/phoenix';
import { quote } from './display';
import { problem } from './problem';
import type { Values } from './settings';
import type { CustomDestination, Destination, Problem } from './types';

/** Names people write who mean OTEL_TRACES_EXPORTER. `console` would even load: it is a module of Node. */
const NOT_MODULES: readonly string[] = [
  'console',
  'otlp',
  'none',
  'jaeger',
  'arize',
  'phoenix',
  'true',
  'false',
];

function custom(values: Values, cwd: string, problems: Problem[]): CustomDestination | undefined {
  const written = values.customExporter.value;
  if (written === undefined) return undefined;
  const variable = 'CANVASOPS_EXPORTER';
  if (NOT_MODULES.includes(written.toLowerCase()) || written.includes('\0')) {
    problems.push(
      problem(
        'EXPORTER_MODULE_NAME',
        variable,
        `${quote(written)} is not a module with an exporter, so it is ignored.`,
        'Name a file like ./my-exporter.mjs; for built-in exporters use OTEL_TRACES_EXPORTER.',
      ),
    );
    return undefined;
  }
  const relative =
    written.startsWith('./') ||
    written.startsWith('../') ||
    written.startsWith('.\\') ||
    written.startsWith('..\\');
  let module = written;
  if (relative || isAbsolute(written)) module = resolve(cwd, written);
  else if (written.startsWith('file:')) {
    try {
      const { fileURLToPath } = require('node:url') as typeof import('node:url');
      module = fileURLToPath(written);
    } catch {
      problems.push(
        problem(
          'EXPORTER_MODULE_NAME',
          variable,
          `${variable} is not a valid file URL, so it is ignored.`,
          'Name a file like ./my-exporter.mjs.',
        ),
      );
      return undefined;
    }
  }
  return {
    id: 'custom',
    label: 'Custom exporter',
    transport: 'custom',
    module,
    timeoutMs: values.exportTimeoutMs.value,
  };
}

/** Whether the OTLP destination takes part, given OTEL_TRACES_EXPORTER. */
function wantsOtlp(values: Values, problems: Problem[]): boolean {
  const selected = values.tracesExporter.value;
  const { value: endpoint, origin } = values.otlpEndpoint;
  if (selected === undefined) return endpoint !== undefined;
  if (selected.includes('otlp')) return true;
  if (selected.includes('none')) return endpoint !== undefined;
  // The variable selects among the standard exporters; OTLP_ENDPOINT, like JAEGER_HOST, selects itself.
  if (endpoint === undefined || isLegacyEndpoint(values)) return endpoint !== undefined;
  problems.push(
    problem(
      'OTLP_NOT_SELECTED',
      origin.variable,
      `${origin.variable} is set, but OTEL_TRACES_EXPORTER does not name otlp, so nothing is sent there.`,
      'Set OTEL_TRACES_EXPORTER=otlp, or otlp,console for both.',
    ),
  );
  return false;
}

/** A URL that appears twice would get every span twice. The vendor's own settings know more about it. */
function withoutDuplicates(found: readonly Destination[], problems: Problem[]): Destination[] {
  const kept: Destination[] = [];
  for (const destination of found) {
    const index = kept.findIndex(
      (other) =>
        other.transport === 'otlp' && destination.transport === 'otlp' && other.url === destination.url,
    );
    const other = kept[index];
    if (other?.transport !== 'otlp' || destination.transport !== 'otlp') {
      kept.push(destination);
      continue;
    }
    kept[index] = {
      ...other,
      ...destination,
      headers: { ...other.headers, ...destination.headers },
      tls: { ...other.tls, ...destination.tls },
    };
    problems.push(
      problem(
        'DESTINATION_DUPLICATE',
        '',
        `${other.label} and ${destination.label} have the same URL, so spans are sent there once, as ${destination.label}.`,
        `Configure it either as ${other.label} or as ${destination.label}.`,
      ),
    );
  }
  return kept;
}

function hasOtlpCredentials(values: Values): string | undefined {
  return [values.otlpTracesHeaders, values.otlpHeaders, values.otlpApiKey].find(
    ({ origin }) => origin.kind !== 'default',
  )?.origin.variable;
}

export function resolveDestinations(values: Values, cwd: string, problems: Problem[]): Destination[] {
  const selected = values.tracesExporter.value ?? [];
  const configured = {
    otlp: wantsOtlp(values, problems),
    jaeger: isJaegerConfigured(values),
    arize: isArizeConfigured(values),
    phoenix: isPhoenixConfigured(values),
    custom: values.customExporter.value !== undefined,
    console: selected.includes('console'),
  };
  if (selected.includes('none')) {
    if (selected.length > 1) {
      problems.push(
        problem(
          'EXPORTER_NONE_MIXED',
          'OTEL_TRACES_EXPORTER',
          'OTEL_TRACES_EXPORTER has none and others, so nothing is exported.',
          'Take none out of the list.',
        ),
      );
    }
    if (configured.otlp || configured.jaeger || configured.arize || configured.phoenix || configured.custom) {
      problems.push(
        problem(
          'EXPORTER_NONE_WINS',
          'OTEL_TRACES_EXPORTER',
          'OTEL_TRACES_EXPORTER=none switches off every destination, also those that are configured.',
          'Remove OTEL_TRACES_EXPORTER to send spans to them.',
        ),
      );
    }
    return [];
  }
  const nothing = !Object.values(configured).includes(true) && values.tracesExporter.value === undefined;
  const credentials = hasOtlpCredentials(values);
  if (credentials !== undefined && values.otlpEndpoint.value === undefined) {
    problems.push(
      problem(
        'OTLP_WITHOUT_ENDPOINT',
        credentials,
        `${credentials} is set, but no OTLP endpoint, so it is ${configured.otlp || nothing ? 'only sent to localhost' : 'not sent anywhere'}.`,
        'Set OTEL_EXPORTER_OTLP_ENDPOINT.',
      ),
    );
  }
  const found = [
    configured.otlp || nothing ? otlp(values, cwd, nothing, problems) : undefined,
    configured.jaeger ? jaeger(values, problems) : undefined,
    configured.arize ? arize(values, problems) : undefined,
    configured.phoenix ? phoenix(values, problems) : undefined,
    configured.console ? ({ id: 'console', label: 'Terminal', transport: 'console' } as const) : undefined,
    custom(values, cwd, problems),
  ].filter((destination) => destination !== undefined);
  return withoutDuplicates(found, problems);
}
