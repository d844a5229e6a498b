/** What only check-config looks at: whether the packages that CANVASOPS_INSTRUMENTATIONS names are installed. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quote } from '../config/display';
import { isOfficialInstrumentation } from '../config/official-instrumentations';
import { problem } from '../config/problem';
import { nearest } from '../config/suggest';
import type { Problem } from '../config/types';
import { packageNameOf } from '../loader/third-party/distribution';
import { isInstalled } from './installed';

const SCOPE = '@opentelemetry';
const PREFIX = `${SCOPE}/instrumentation-`;

/** The official instrumentations in every `node_modules` from `cwd` upwards. */
function installedInstrumentations(cwd: string): string[] {
  const found: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      found.push(...readdirSync(join(folder, 'node_modules', SCOPE)).map((name) => `${SCOPE}/${name}`));
    } catch {
      // There is none here.
    }
    if (dirname(folder) === folder) return found.filter((name) => name.startsWith(PREFIX));
  }
}

function fixFor(name: string, cwd: string): string {
  const official = `${PREFIX}${name}`;
  if (isInstalled(official, cwd)) return `Write ${quote(official)}: the whole name of the package is needed.`;
  const near = nearest(name, installedInstrumentations(cwd));
  if (near !== undefined) return `Did you mean ${quote(near)}, which is installed?`;
  if (isOfficialInstrumentation(name)) return `Install ${quote(official)} in the app, and write that name.`;
  return 'Install it in the app, or take it out of CANVASOPS_INSTRUMENTATIONS.';
}

/**
 * @param names The packages to be hosted.
 * @param cwd The app's directory.
 * @returns One problem per package that Node does not find from there.
 */
export function missingHosted(names: readonly string[], cwd: string): Problem[] {
  return names
    .filter((name) => !isInstalled(packageNameOf(name), cwd))
    .map((name) =>
      problem(
        'HOSTED_PACKAGE_MISSING',
        'CANVASOPS_INSTRUMENTATIONS',
        `The package ${quote(name)} is not installed where ${quote(cwd)} would find it.`,
        fixFor(name, cwd),
      ),
    );
}
