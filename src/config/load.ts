/** From the sources to the effective configuration. Pure: it reads nothing and changes nothing. */
import path from 'node:path';
import { resolveDestinations } from './destinations';
import { printable } from './display';
import { problem } from './problem';
import type { Picked, Setting } from './setting';
import { ROWS, type Values } from './settings';
import type {
  Config,
  EffectiveSetting,
  LibraryNames,
  Loaded,
  Problem,
  PropagatorName,
  RequireParentName,
  SettingOrigin,
  Sources,
} from './types';
import { mayBeOurs, unknownVariables } from './unknown';

/** One source, reduced to the variables that are set and may be ours. Empty means not set (specification). */
interface Layer {
  readonly kind: 'env' | 'file';
  readonly file?: string;
  readonly values: ReadonlyMap<string, string>;
}

function layerOf(
  kind: Layer['kind'],
  from: Readonly<Record<string, string | undefined>>,
  file?: string,
): Layer {
  const values = new Map<string, string>();
  for (const name of Object.keys(from)) {
    if (!mayBeOurs(name)) continue;
    const value = from[name]?.trim();
    if (value) values.set(name, value);
  }
  return { kind, values, ...(file !== undefined && { file }) };
}

/** `docker run --env-file` and some panels hand over the quotation marks as part of the value. */
function unquoted(text: string, variable: string, problems: Problem[]): string {
  const first = text.charAt(0);
  if ((first !== '"' && first !== "'") || text.length < 2 || !text.endsWith(first)) return text;
  problems.push(
    problem(
      'VALUE_QUOTED',
      variable,
      `The value of ${variable} arrived with quotation marks around it; they are taken off.`,
      `Write ${variable} without quotation marks.`,
    ),
  );
  return text.slice(1, -1).trim();
}

const MOST_PER_VARIABLE = 5;
const DEFAULT: SettingOrigin = { kind: 'default', variable: '' };

function pick(
  row: Setting<unknown>,
  layers: readonly Layer[],
  libraries: readonly LibraryNames[],
  problems: Problem[],
): Picked<unknown> {
  let found: { value: unknown; origin: SettingOrigin } | undefined;
  const overridden: SettingOrigin[] = [];
  for (const { kind, file, values } of layers) {
    if (row.envOnly && kind === 'file') continue;
    for (const variable of row.names) {
      const raw = values.get(variable);
      if (raw === undefined) continue;
      const origin = { kind, variable, ...(file !== undefined && { file }) };
      if (found !== undefined) {
        overridden.push(origin);
        continue;
      }
      const text = unquoted(raw, variable, problems);
      const before = problems.length;
      const value = text === '' ? undefined : row.parse(text, { variable, problems, libraries });
      // The first bad entries of a long list say enough.
      problems.length = Math.min(problems.length, before + MOST_PER_VARIABLE);
      if (value !== undefined) found = { value, origin };
    }
  }
  return { ...(found ?? { value: row.fallback, origin: DEFAULT }), overridden };
}

/** A value for the terminal. */
function show(row: Setting<unknown>, value: unknown, isDefault: boolean): string {
  if (row.secret) return isDefault ? 'not set' : 'set';
  if (isDefault && row.fallbackText !== undefined) return row.fallbackText.replaceAll('`', '');
  if (row.show !== undefined) return row.show(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : printable(value.join(', '), 300);
  return value === undefined ? 'not set' : printable(String(value), 300);
}

/** OTEL_SERVICE_NAME beats service.name in OTEL_RESOURCE_ATTRIBUTES, unless it comes from the weaker source. */
function serviceNameOf({ serviceName, resourceAttributes }: Values): Values['serviceName'] {
  const attribute = resourceAttributes.value['service.name'];
  const weaker = serviceName.origin.kind === 'file' && resourceAttributes.origin.kind === 'env';
  if (attribute === undefined || (serviceName.value !== undefined && !weaker)) return serviceName;
  return { ...serviceName, value: attribute, origin: resourceAttributes.origin };
}

function samplerRatioOf({ sampler, samplerRatio }: Values, problems: Problem[]): number {
  if (samplerRatio.origin.kind !== 'default' && !sampler.value.endsWith('traceidratio')) {
    problems.push(
      problem(
        'SAMPLER_ARG_UNUSED',
        samplerRatio.origin.variable,
        `${samplerRatio.origin.variable} is set, but the sampler ${sampler.value} takes no argument.`,
        'Set OTEL_TRACES_SAMPLER=parentbased_traceidratio.',
      ),
    );
  }
  return samplerRatio.value;
}

function maxBatchSizeOf({ maxBatchSize, maxQueueSize }: Values, problems: Problem[]): number {
  const most = maxQueueSize.value ?? Number.POSITIVE_INFINITY;
  if (maxBatchSize.value <= most) return maxBatchSize.value;
  if (maxBatchSize.origin.kind !== 'default') {
    problems.push(
      problem(
        'BATCH_LARGER_THAN_QUEUE',
        maxBatchSize.origin.variable,
        `A batch of ${maxBatchSize.value} spans is larger than the queue of ${most}, so ${most} is used.`,
        'Set OTEL_BSP_MAX_EXPORT_BATCH_SIZE to at most OTEL_BSP_MAX_QUEUE_SIZE.',
      ),
    );
  }
  return most;
}

function configOf(values: Values, cwd: string, problems: Problem[]): Config {
  const serviceName = values.serviceName.value;
  const propagators = values.propagators.value;
  const requireParent = values.requireParent.value;
  return {
    enabled: values.enabled.value,
    logLevel: values.logLevel.value,
    serviceName,
    resourceAttributes:
      serviceName === undefined
        ? values.resourceAttributes.value
        : { ...values.resourceAttributes.value, 'service.name': serviceName },
    resourceDetectors: values.resourceDetectors.value,
    propagators: propagators.includes('none')
      ? []
      : propagators.filter((name): name is PropagatorName => name !== 'none'),
    sampler: values.sampler.value,
    samplerRatio: samplerRatioOf(values, problems),
    destinations: resolveDestinations(values, cwd, problems),
    batch: {
      scheduleDelayMs: values.scheduleDelayMs.value,
      exportTimeoutMs: values.exportTimeoutMs.value,
      maxQueueSize: values.maxQueueSize.value,
      maxBatchSize: maxBatchSizeOf(values, problems),
      maxQueueBytes: values.maxQueueBytes.value,
    },
    spool:
      values.spoolDir.value === undefined
        ? undefined
        : { folder: path.resolve(cwd, values.spoolDir.value), maxBytes: values.spoolMaxBytes.value },
    exitTimeoutMs: values.exitTimeoutMs.value,
    limits: {
      attributeCount: values.attributeCount.value,
      attributeValueLength: values.attributeValueLength.value,
      eventCount: values.eventCount.value,
      linkCount: values.linkCount.value,
      attributePerEventCount: values.attributePerEventCount.value,
      attributePerLinkCount: values.attributePerLinkCount.value,
    },
    requireParent: requireParent.includes('none')
      ? []
      : requireParent.filter((name): name is RequireParentName => name !== 'none'),
    enabledInstrumentations: values.enabledInstrumentations.value,
    disabledInstrumentations: values.disabledInstrumentations.value,
    ignorePaths: values.ignorePaths.value,
    captureUser: values.captureUser.value,
    captureRequestHeaders: values.captureRequestHeaders.value,
    captureResponseHeaders: values.captureResponseHeaders.value,
    redactKeys: values.redactKeys.value,
    dbParameters: values.dbParameters.value,
    dbConnectionWait: values.dbConnectionWait.value,
    dbRepeatedStatements: values.dbRepeatedStatements.value,
    propagateTo: values.propagateTo.value,
    instrumentations: values.instrumentations.value,
    knownMethods: values.knownMethods.value,
  };
}

/**
 * Sources strongest first: environment, `.env` file, defaults; within one source, in the order of each row's names.
 *
 * @param sources Where values come from.
 * @param libraries The libraries that can be switched: the registry.
 * @returns The effective configuration, and everything that is wrong with it.
 */
export function load(sources: Sources, libraries: readonly LibraryNames[]): Loaded {
  const problems: Problem[] = [...(sources.problems ?? [])];
  const env = layerOf('env', sources.env);
  const layers = sources.file ? [env, layerOf('file', sources.file.values, sources.file.path)] : [env];

  const picked = ROWS.map(([id, row]) => [id, pick(row, layers, libraries, problems)] as const);
  // Each value was made by the parser of its own row, which is what Values says.
  const asSet = Object.fromEntries(picked) as unknown as Values;
  const values: Values = { ...asSet, serviceName: serviceNameOf(asSet) };
  const config = configOf(values, sources.cwd, problems);

  const all = layers[1] ? new Map([...layers[1].values, ...env.values]) : env.values;
  problems.push(...unknownVariables(all));

  return {
    config,
    problems,
    /** Made when asked for: only check-config asks, and the preload has no time to spare. */
    get settings() {
      return ROWS.map(([id, row]): EffectiveSetting => {
        const { value, origin, overridden } = values[id];
        const shown = show(row, value, origin.kind === 'default');
        return {
          id,
          group: row.group,
          names: row.names,
          secret: row.secret ?? false,
          shown,
          origin,
          overridden,
        };
      });
    },
  };
}
