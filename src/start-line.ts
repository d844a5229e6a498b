/** What a process under the preload says of itself at level info. */
import type { Config } from './config/types';
import { describe } from './export/delivery/describe';
import type { Resource } from './tracing/types';
import { VERSION } from './version';

/**
 * @param config The configuration in effect.
 * @param resource Who produces the spans.
 * @param libraries Those that are traced; undefined: all.
 * @returns One line: version, service, destinations, and what is traced.
 */
export function startLine(
  config: Config,
  resource: Resource,
  libraries: readonly { readonly name: string; readonly kind: string }[] | undefined,
): string {
  const destinations = config.destinations.map(describe).join(' and ') || 'nowhere';
  // Those that only keep the context make no spans.
  const spans = libraries?.filter(({ kind }) => kind !== 'context');
  const names = spans?.map(({ name }) => name) ?? ['all libraries'];
  const traced = [...(names.length === 0 ? ['no library'] : names), ...config.instrumentations].join(', ');
  return `version ${VERSION} on Node ${process.versions.node}: service ${resource.attributes['service.name']}; spans go to ${destinations}; traced: ${traced}`;
}
