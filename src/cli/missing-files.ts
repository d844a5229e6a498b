/** What only check-config looks at, because the preload has no time for it: whether the files and packages a setting names are there. */
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { quote } from '../config/display';
import { problem } from '../config/problem';
import type { SettingId } from '../config/settings';
import type {
  Config,
  CustomDestination,
  EffectiveSetting,
  Loaded,
  OtlpDestination,
  Problem,
} from '../config/types';
import { CLOUD_PACKAGES, cloudsAmong } from '../tracing/names';
import { missingHosted } from './hosted-packages';
import { isInstalled } from './installed';

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function tlsProblems({ tls }: OtlpDestination, settings: readonly EffectiveSetting[]): Problem[] {
  const variableOf = (id: SettingId, usual: string): string =>
    settings.find((setting) => setting.id === id)?.origin.variable || usual;
  const files = [
    [variableOf('otlpCertificate', 'OTEL_EXPORTER_OTLP_CERTIFICATE'), tls.certificate],
    [variableOf('otlpClientKey', 'OTEL_EXPORTER_OTLP_CLIENT_KEY'), tls.clientKey],
    [variableOf('otlpClientCertificate', 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'), tls.clientCertificate],
  ] as const;
  return files.flatMap(([variable, path]) =>
    path === undefined || isReadableFile(path)
      ? []
      : [
          problem(
            'TLS_FILE_MISSING',
            variable,
            `${quote(path)} is not a file that can be read.`,
            `Correct the path in ${variable}; relative paths start at the working directory.`,
          ),
        ],
  );
}

function moduleProblems({ module }: CustomDestination, cwd: string): Problem[] {
  if (isAbsolute(module) ? isReadableFile(module) : isInstalled(module, cwd)) return [];
  const fix =
    !isAbsolute(module) && isReadableFile(join(cwd, module))
      ? `Write ${quote(`./${module}`)}: without ./ it is looked for among the installed packages.`
      : 'Correct the path (relative ones start at the working directory), with its file extension, or install the package.';
  return [problem('EXPORTER_MODULE_MISSING', 'CANVASOPS_EXPORTER', `${quote(module)} is not there.`, fix)];
}

function detectorProblems({ resourceDetectors }: Config, cwd: string): Problem[] {
  // `all` takes what is there.
  if (resourceDetectors.includes('all')) return [];
  return cloudsAmong(resourceDetectors)
    .filter((cloud) => !isInstalled(CLOUD_PACKAGES[cloud], cwd))
    .map((cloud) =>
      problem(
        'DETECTOR_MISSING',
        'OTEL_NODE_RESOURCE_DETECTORS',
        `The detector of ${cloud} is not installed, so that nothing is found out of it.`,
        `npm i ${CLOUD_PACKAGES[cloud]}, or take ${cloud} out.`,
      ),
    );
}

/**
 * @param loaded The configuration in effect.
 * @param cwd The app's directory, from which packages and relative paths are looked for.
 * @returns One problem per file or package that is named and not there.
 */
export function missingFiles({ config, settings }: Loaded, cwd: string): Problem[] {
  const files = config.destinations.flatMap((destination) => {
    if (destination.transport === 'otlp') return tlsProblems(destination, settings);
    return destination.transport === 'custom' ? moduleProblems(destination, cwd) : [];
  });
  return [...files, ...detectorProblems(config, cwd), ...missingHosted(config.instrumentations, cwd)];
}
