import type { Resource } from '../../../tracing/types';

/** @returns The value of the header `user-agent`: our name and version (OTLP specification, "User Agent"). */
export function userAgent(resource: Resource): string {
  const version = resource.attributes['telemetry.distro.version'];
  return typeof version === 'string' ? `canvasops-register/${version}` : 'canvasops-register';
}
