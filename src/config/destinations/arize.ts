/** Arize AX by ARIZE_*: the headers and resource attributes it needs and nobody sets by hand. */
import { resolveEndpoint } from '../endpoint';
import { problem } from '../problem';
import type { Values } from '../settings';
import type { ArizeRegion } from '../table/vendors';
import { parseTarget } from '../target';
import type { OtlpDestination, Problem } from '../types';
import { otlpDestination } from './otlp-destination';

const REGIONS: Readonly<Record<ArizeRegion, { readonly label: string; readonly zone: string }>> = {
  us: { label: 'Arize', zone: '' },
  'us-central-1a': { label: 'Arize (US central)', zone: 'us-central-1a.' },
  'us-east-1b': { label: 'Arize (US east)', zone: 'us-east-1b.' },
  'eu-west-1a': { label: 'Arize (EU)', zone: 'eu-west-1a.' },
  'ca-central-1a': { label: 'Arize (Canada)', zone: 'ca-central-1a.' },
};

/** `Space:` in base64, which every space id begins with. */
const SPACE_ID_START = 'U3BhY2U6';

export function isArizeConfigured(values: Values): boolean {
  const { arizeApiKey, arizeSpace, arizeEndpoint } = values;
  return [arizeApiKey, arizeSpace, arizeEndpoint].some(({ value }) => value !== undefined);
}

function incomplete(missing: string[], values: Values, problems: Problem[]): undefined {
  const { arizeApiKey, arizeSpace, arizeEndpoint } = values;
  const there =
    [arizeApiKey, arizeSpace, arizeEndpoint].find(({ value }) => value !== undefined)?.origin.variable ?? '';
  const names = missing.join(' and ');
  problems.push(
    problem(
      'ARIZE_INCOMPLETE',
      there,
      `${there} is set, but ${names} is missing or unusable, so nothing is sent to Arize.`,
      `Set ${names} (Arize, Space Settings, API Keys), or remove ${there}.`,
    ),
  );
}

function checkSpace(space: string, variable: string, problems: Problem[]): void {
  if (space.startsWith(SPACE_ID_START)) return;
  problems.push(
    variable === 'ARIZE_SPACE_ID'
      ? problem(
          'ARIZE_SPACE_NAME',
          variable,
          `ARIZE_SPACE_ID does not begin with ${SPACE_ID_START}, so it may be a space's name; Arize answers 200 to that and keeps nothing.`,
          'Copy the Space ID from Space Settings in Arize.',
        )
      : problem(
          'ARIZE_SPACE_NAME',
          variable,
          'Arize now knows a space by its id, which an older space key may not stand for; then it answers 200 and keeps nothing.',
          `If no traces appear, set ARIZE_SPACE_ID (begins with ${SPACE_ID_START}).`,
        ),
  );
}

export function arize(values: Values, problems: Problem[]): OtlpDestination | undefined {
  const apiKey = values.arizeApiKey.value;
  const space = values.arizeSpace.value;
  if (apiKey === undefined || space === undefined) {
    const missing = [
      ...(apiKey === undefined ? ['ARIZE_API_KEY'] : []),
      ...(space === undefined ? ['ARIZE_SPACE_ID'] : []),
    ];
    return incomplete(missing, values, problems);
  }
  checkSpace(space, values.arizeSpace.origin.variable, problems);

  const region = REGIONS[values.arizeRegion.value];
  const own = values.arizeEndpoint.value;
  const host = `${region.zone}arize.com`;
  const variable = 'ARIZE_COLLECTOR_ENDPOINT';
  const target = parseTarget(own ?? `https://otlp.${host}`, variable, problems);
  if (target === undefined) return undefined;
  const endpoint = resolveEndpoint(target, { variable, path: 'complete', httpsByDefault: true }, problems);
  const project = values.arizeProject.value;
  return otlpDestination(
    {
      id: 'arize',
      label: own === undefined ? region.label : 'Arize (own endpoint)',
      target,
      endpoint,
      // Arize's own packages differ in which of these they send, so all are sent.
      headers: {
        authorization: apiKey,
        api_key: apiKey,
        'arize-api-key': apiKey,
        'arize-space-id': space,
        space_id: space,
        'arize-interface': 'node',
      },
      compression: values.otlpCompression.value,
      timeoutMs: values.otlpTimeoutMs.value,
      resourceAttributes: {
        'openinference.project.name': project,
        model_id: project,
        'arize.project.name': project,
      },
      dialect: 'openinference',
      variable,
      insecure: values.otlpInsecure.value,
      uiUrl: own === undefined ? `https://app.${host}` : undefined,
    },
    problems,
  );
}
