/**
 * Who produces the spans. Found out when the first span leaves, not at start-up.
 * Names: OpenTelemetry resource semantic conventions (service, process, host, os, container, k8s, telemetry.distro).
 */
import { readFileSync } from 'node:fs';
import * as os from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { detectContainer } from './resource/container';
import { detectKubernetes } from './resource/kubernetes';
import type { Resource } from './types';

export interface ResourceOptions {
  readonly serviceName: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  /** As OTEL_NODE_RESOURCE_DETECTORS has them. Those of clouds are not looked at here, see {@link LateResource.add}. */
  readonly detectors: readonly string[];
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Version of this package. */
  readonly distroVersion: string;
}

/** Finding out about process and host waits until a span is to leave. */
export class LateResource implements Resource {
  /** Private: exporters print spans, and with them what can be reached from them; the environment has secrets. */
  readonly #options: ResourceOptions;
  #detected: Attributes | undefined;

  constructor(options: ResourceOptions) {
    this.#options = options;
  }

  /** Another object after each change, so that whoever keeps what was made of it sees that it is outdated. */
  get attributes(): Attributes {
    this.#detected ??= detectResource(this.#options).attributes;
    return this.#detected;
  }

  /**
   * Takes in what was found out later, of a cloud's metadata service. Spans that left before do not have it.
   * @param found wins over what the process knows of itself (the host's name), not over settings
   */
  add(found: Attributes): void {
    const { attributes: set, serviceName } = this.#options;
    const attributes = { ...this.attributes };
    for (const [key, value] of Object.entries(found)) {
      if (!(key in set) && !(key === 'service.name' && serviceName !== undefined)) attributes[key] = value;
    }
    this.#detected = attributes;
  }
}

/** Settings win over what is detected. */
export function detectResource(options: ResourceOptions): Resource {
  const { detectors } = options;
  const wanted = (detector: string): boolean =>
    !detectors.includes('none') && (detectors.includes('all') || detectors.includes(detector));
  const manifest = appManifest();
  const attributes: Attributes = {
    'service.name': manifest?.name ?? `unknown_service:${basename(process.execPath)}`,
  };
  if (manifest?.version !== undefined) attributes['service.version'] = manifest.version;
  if (wanted('serviceinstance')) attributes['service.instance.id'] = crypto.randomUUID();
  attributes['telemetry.sdk.name'] = 'opentelemetry';
  attributes['telemetry.sdk.language'] = 'nodejs';
  attributes['telemetry.sdk.version'] = options.distroVersion;
  attributes['telemetry.distro.name'] = '@canvasops/register';
  attributes['telemetry.distro.version'] = options.distroVersion;
  if (wanted('process')) describeProcess(attributes);
  if (wanted('host')) {
    attributes['host.name'] = os.hostname();
    attributes['host.arch'] = archName();
  }
  if (wanted('os')) {
    attributes['os.type'] = osType();
    attributes['os.version'] = os.release();
  }
  if (wanted('container')) Object.assign(attributes, detectContainer());
  if (wanted('env')) Object.assign(attributes, detectKubernetes(options.env));
  Object.assign(attributes, options.attributes);
  if (options.serviceName !== undefined) attributes['service.name'] = options.serviceName;
  return { attributes };
}

/** Not `process.command_args`: people pass passwords there. */
function describeProcess(attributes: Attributes): void {
  attributes['process.pid'] = process.pid;
  attributes['process.executable.name'] = basename(process.execPath);
  attributes['process.executable.path'] = process.execPath;
  if (process.argv[1] !== undefined) attributes['process.command'] = process.argv[1];
  attributes['process.runtime.name'] = 'nodejs';
  attributes['process.runtime.version'] = process.versions.node;
  attributes['process.runtime.description'] = 'Node.js';
}

function archName(): string {
  const names: Record<string, string> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };
  return names[process.arch] ?? process.arch;
}

function osType(): string {
  const names: Record<string, string> = { win32: 'windows', sunos: 'solaris' };
  return names[process.platform] ?? process.platform;
}

/** Name and version from the nearest package.json above the program, which need not be the working directory's. */
export function appManifest(): { name: string; version: string | undefined } | undefined {
  let folder = process.argv[1] === undefined ? process.cwd() : dirname(process.argv[1]);
  for (;;) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      if (typeof name === 'string' && name !== '') {
        return { name, version: typeof version === 'string' ? version : undefined };
      }
    } catch {
      // none here, or not readable: look further up
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
