import type { Resource } from '../../../tracing/types';

/** OTLP exporters name themselves and their version to the backend (specification, "User Agent"). */
export function userAgent(resource: Resource): string {
  const version = resource.attributes['telemetry.distro.version'];
  return typeof version === 'string' ? `canvasops-register/${version}` : 'canvasops-register';
}
