/**
 * Names that settings take: propagators, samplers and detectors as in the OpenTelemetry environment variable
 * specification, and the operations that make no span without a parent.
 */

export const PROPAGATOR_NAMES = [
  'tracecontext',
  'baggage',
  'b3',
  'b3multi',
  'jaeger',
  'xray',
  'ottrace',
] as const;
export type PropagatorName = (typeof PROPAGATOR_NAMES)[number];

export const SAMPLER_NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Detectors that ask a cloud, by the names that the official distribution gives them (OTEL_NODE_RESOURCE_DETECTORS). */
export const CLOUD_NAMES = ['alibaba', 'gcp', 'aws', 'azure'] as const;
export type CloudName = (typeof CLOUD_NAMES)[number];

/** The official packages that ask them. */
export const CLOUD_PACKAGES: Readonly<Record<CloudName, string>> = {
  alibaba: '@opentelemetry/resource-detector-alibaba-cloud',
  gcp: '@opentelemetry/resource-detector-gcp',
  aws: '@opentelemetry/resource-detector-aws',
  azure: '@opentelemetry/resource-detector-azure',
};

/**
 * @param detectors as OTEL_NODE_RESOURCE_DETECTORS has them
 * @returns the clouds to be asked
 */
export function cloudsAmong(detectors: readonly string[]): readonly CloudName[] {
  if (detectors.includes('none')) return [];
  return detectors.includes('all') ? CLOUD_NAMES : CLOUD_NAMES.filter((cloud) => detectors.includes(cloud));
}

/** By what an operation is for, and by its kind. */
export const REQUIRE_PARENT_NAMES = [
  'blocking',
  'polling',
  'connection',
  'library',
  'database',
  'http-client',
] as const;
export type RequireParentName = (typeof REQUIRE_PARENT_NAMES)[number];
