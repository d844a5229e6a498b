/** What only check-config looks at, because the preload has no time for it: whether the files a setting names are there. */
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { quote } from '../config/display';
import { problem } from '../config/problem';
import type { Config, CustomDestination, OtlpDestination, Problem } from '../config/types';

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function tlsProblems({ tls }: OtlpDestination): Problem[] {
  const files = [
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', tls.certificate],
    ['OTEL_EXPORTER_OTLP_CLIENT_KEY', tls.clientKey],
    ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', tls.clientCertificate],
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

/** Whether Node would find the module from the app's directory. */
function isInstalled(specifier: string, cwd: string): boolean {
  try {
    createRequire(join(cwd, 'any.js')).resolve(specifier);
    return true;
  } catch (error) {
    // A package for `import` only is refused to `require`, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function moduleProblems({ module }: CustomDestination, cwd: string): Problem[] {
  if (isAbsolute(module) ? isReadableFile(module) : isInstalled(module, cwd)) return [];
  const fix =
    !isAbsolute(module) && isReadableFile(join(cwd, module))
      ? `Write ${quote(`./${module}`)}: without ./ it is looked for among the installed packages.`
      : 'Correct the path (relative ones start at the working directory), with its file extension, or install the package.';
  return [problem('EXPORTER_MODULE_MISSING', 'CANVASOPS_EXPORTER', `${quote(module)} is not there.`, fix)];
}

export function missingFiles(config: Config, cwd: string): Problem[] {
  return config.destinations.flatMap((destination) => {
    if (destination.transport === 'otlp') return tlsProblems(destination);
    return destination.transport === 'custom' ? moduleProblems(destination, cwd) : [];
  });
}
