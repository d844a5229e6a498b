/**
 * `@opentelemetry/auto-instrumentations-node` as a name stands for the instrumentations that it depends on. Its own main
 * file would load all of them; here only those are loaded whose library the app has, and that add something to ours.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { RegistryEntry } from '../../instrumentations/define';
import { splitPackagePath } from '../match';
import { type Variables, variable } from './options';

const DISTRIBUTION = '@opentelemetry/auto-instrumentations-node';
const PREFIX = '@opentelemetry/instrumentation-';

/** Left out by the distribution itself unless they are named (its `defaultExcludedInstrumentations`). */
const ON_REQUEST = ['fs', 'host-metrics'];
/** Make no spans. */
const METRICS_ONLY = ['host-metrics', 'runtime-node'];
/** Where the library's npm name, or its scope, is not that of the instrumentation. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'aws-sdk': ['aws-sdk', '@aws-sdk', '@smithy'],
  cucumber: ['@cucumber/cucumber'],
  grpc: ['@grpc/grpc-js'],
  hapi: ['@hapi/hapi'],
  'nestjs-core': ['@nestjs/core'],
  redis: ['redis', '@redis/client', '@node-redis/client'],
  // It makes the spans of the global fetch, too.
  undici: ['http'],
};

export interface DistributionOptions {
  /** A file in the app's folder. */
  readonly app: string;
  readonly registry: readonly RegistryEntry[];
  readonly enabled: readonly RegistryEntry[];
  readonly variables: Variables;
  readonly debug: (message: string) => void;
}

/**
 * @param name as CANVASOPS_INSTRUMENTATIONS has it
 * @returns whether it is the distribution, with its scope or without
 */
export function isDistribution(name: string): boolean {
  return packageNameOf(name) === DISTRIBUTION;
}

/**
 * @param name as CANVASOPS_INSTRUMENTATIONS has it
 * @returns the npm name
 */
export function packageNameOf(name: string): string {
  return `@opentelemetry/${name}` === DISTRIBUTION ? DISTRIBUTION : name;
}

/**
 * @returns npm names of the instrumentations to host, and the file from which they are found
 * @throws where the distribution is not installed
 */
export function membersToHost(options: DistributionOptions): { file: string; members: string[] } {
  const file = createRequire(options.app).resolve(DISTRIBUTION);
  const folder = splitPackagePath(file)?.folder;
  if (folder === undefined) throw new Error('it is not in a folder node_modules');
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const folders = createRequire(options.app).resolve.paths(DISTRIBUTION) ?? [];
  const members = Object.keys(dependencies).filter((member) => {
    if (!member.startsWith(PREFIX)) return false;
    const reason = reasonToLeaveOut(member.slice(PREFIX.length), folders, options);
    if (reason !== undefined) options.debug(`${member} is not hosted: ${reason}`);
    return reason === undefined;
  });
  return { file, members };
}

function reasonToLeaveOut(
  short: string,
  folders: readonly string[],
  { registry, enabled, variables }: DistributionOptions,
): string | undefined {
  const asked = listed(variables, 'OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  if (listed(variables, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS')?.includes(short)) return 'it is disabled';
  if (asked !== undefined && !asked.includes(short)) return 'it is not among the enabled ones';
  if (METRICS_ONLY.includes(short)) return 'it makes no spans';
  const same = registry.filter(({ official }) => official === PREFIX + short);
  if (same.length > 0 && same.every((entry) => enabled.includes(entry))) return 'ours makes its spans';
  if (asked !== undefined) return undefined;
  if (ON_REQUEST.includes(short)) return 'it has to be named in OTEL_NODE_ENABLED_INSTRUMENTATIONS';
  if (enabled.some(({ name, packages }) => name === short || packages.some((each) => each.package === short)))
    return 'ours traces its library';
  if (short === 'aws-lambda')
    return variable(variables, 'LAMBDA_TASK_ROOT') ? undefined : 'this is no Lambda function';
  const libraries = LIBRARIES[short] ?? [short];
  return libraries.some((library) => isBuiltin(library) || isInstalled(library, folders))
    ? undefined
    : 'its library is not installed';
}

/** Names as the distribution reads them: without the prefix, separated by commas. */
function listed(variables: Variables, name: string): string[] | undefined {
  return variable(variables, name)
    ?.split(',')
    .map((entry) => entry.trim().toLowerCase());
}

/** Looked for by folder: resolving a package's main file costs ten times as much. Yarn PnP has no folders. */
function isInstalled(library: string, folders: readonly string[]): boolean {
  if (process.versions.pnp !== undefined) return true;
  return folders.some(
    (folder) =>
      existsSync(join(folder, library)) ||
      // Dependencies of dependencies, as pnpm lays them out.
      existsSync(join(folder, '.pnpm/node_modules', library)),
  );
}
