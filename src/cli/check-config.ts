/** `canvasops check-config`: what is wrong with the configuration, what is set and where, and where spans go. */
import { printable, quote, showHeaders, showPairs, showUrl } from '../config/display';
import { load } from '../config/load';
import { readSources } from '../config/sources';
import type { Destination, EffectiveSetting, Loaded, Problem, SettingOrigin } from '../config/types';
import { registry } from '../instrumentations';
import type { CommandIo } from './command';
import { missingFiles } from './missing-files';

const HELP = `canvasops check-config [--all] [--json]

Prints every problem with the way out, each setting that is set with its source, and each
destination with its final URL and protocol. Secrets appear only as set / not set.

  --all    also the settings that have their defaults
  --json   everything, defaults included, as one JSON object

Exit code: 0 fine (warnings allowed), 1 at least one error, 2 wrong usage.
`;

type Facts = Readonly<Record<string, string>>;

/** A destination for people and for --json: nothing in it is secret. */
function describe(destination: Destination): Facts {
  const { id, label, transport } = destination;
  const base = { id, label, transport };
  if (destination.transport === 'jaeger-udp') {
    return {
      ...base,
      protocol: 'Thrift compact over UDP',
      url: `udp://${destination.host}:${destination.port}`,
    };
  }
  if (destination.transport === 'custom') return { ...base, module: printable(destination.module, 300) };
  if (destination.transport === 'console') return base;
  const { tls, resourceAttributes } = destination;
  const files = {
    certificate: tls.certificate,
    clientKey: tls.clientKey,
    clientCertificate: tls.clientCertificate,
  };
  const given = Object.entries(files).filter((file): file is [string, string] => file[1] !== undefined);
  return {
    ...base,
    protocol: destination.protocol,
    url: showUrl(destination.url),
    headers: showHeaders(destination.headers),
    compression: destination.compression,
    timeout: `${destination.timeoutMs} ms`,
    ...(given.length > 0 && { tls: given.map(([name, path]) => `${name}=${printable(path)}`).join(', ') }),
    ...(Object.keys(resourceAttributes).length > 0 && { resource: showPairs(resourceAttributes) }),
    ...(destination.uiUrl !== undefined && { ui: showUrl(destination.uiUrl) }),
  };
}

function sourceOf({ kind, variable, file }: SettingOrigin): string {
  if (kind === 'default') return 'default';
  return kind === 'env' ? `${variable} (environment)` : `${variable} (${printable(file ?? '.env', 300)})`;
}

function asJson(
  { config, settings }: Loaded,
  problems: readonly Problem[],
  file: string | undefined,
  fine: boolean,
): string {
  const report = {
    ok: fine,
    enabled: config.enabled,
    envFile: file === undefined ? null : printable(file, 300),
    settings: settings.map(({ id, group, names, secret, shown, origin, overridden }) => ({
      id,
      group,
      names,
      secret,
      value: shown,
      source: origin,
      overridden,
    })),
    destinations: config.destinations.map(describe),
    problems,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow', text: string) => string;
const STYLES = { bold: 1, dim: 2, red: 31, yellow: 33 } as const;

/** Colour is for people at a terminal who have not refused it (https://no-color.org). */
function painter({ stdoutIsTTY, env }: CommandIo): Paint {
  if (!stdoutIsTTY || env.NO_COLOR) return (_style, text) => text;
  return (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;
}

function settingLines(all: readonly EffectiveSetting[], isAll: boolean, paint: Paint): string[] {
  const lines: string[] = [];
  const settings = isAll ? all : all.filter(({ origin }) => origin.kind !== 'default');
  let group = '';
  const nameOf = ({ origin, names }: EffectiveSetting) => origin.variable || (names[0] ?? '');
  const width = Math.max(0, ...settings.map((setting) => nameOf(setting).length));
  for (const setting of settings) {
    if (setting.group !== group) {
      group = setting.group;
      lines.push('', paint('bold', group));
    }
    const { origin, overridden, shown, names } = setting;
    const others = origin.kind === 'default' && names.length > 1 ? `; also ${names.slice(1).join(', ')}` : '';
    const without = overridden.length === 0 ? '' : `, overrides ${overridden.map(sourceOf).join(', ')}`;
    const source = `[${sourceOf(origin)}${others}${without}]`;
    lines.push(`  ${nameOf(setting).padEnd(width)}  ${shown}  ${paint('dim', source)}`);
  }
  const others = all.length - settings.length;
  if (others > 0) {
    const what = settings.length === 0 ? `All ${others}` : `The other ${others}`;
    lines.push('', `  ${what} settings have their defaults; --all lists them.`);
  }
  return lines;
}

function destinationLines({ config }: Loaded, paint: Paint): string[] {
  const lines = ['', paint('bold', 'Destinations')];
  if (!config.enabled) lines.push('  Tracing is switched off: nothing is sent to any of these.');
  if (config.destinations.length === 0) lines.push('  none: spans go nowhere');
  for (const destination of config.destinations) {
    const { id, label, transport, protocol, url, ...rest } = describe(destination);
    const way = protocol === undefined ? `${transport}` : `${protocol}  ${url}`;
    const why =
      destination.transport === 'otlp' && destination.implicit ? '  (nothing else is configured)' : '';
    lines.push(`  ${id}: ${label}  ${way}${why}`);
    for (const [name, value] of Object.entries(rest)) lines.push(`    ${name}: ${value}`);
  }
  return lines;
}

function count(number: number, what: string): string[] {
  return number === 0 ? [] : [`${number} ${what}${number === 1 ? '' : 's'}`];
}

/** One line that answers the question. */
function verdict(problems: readonly Problem[], paint: Paint): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = [...count(errors, 'error'), ...count(problems.length - errors, 'warning')];
  if (found.length === 0) return paint('bold', 'No problems.');
  return paint(errors > 0 ? 'red' : 'yellow', `${found.join(' and ')}.`);
}

function problemLines(problems: readonly Problem[], paint: Paint): string[] {
  const lines = problems.length === 0 ? [] : ['', paint('bold', 'Problems')];
  for (const { severity, code, variable, why, fix } of problems) {
    const head = paint(severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`);
    lines.push(`  ${head}${variable === '' ? '' : `  ${variable}`}`, `    why: ${why}`, `    fix: ${fix}`);
  }
  return lines;
}

/**
 * @param args What follows the command's name.
 * @param io The environment, the directory and where to print.
 * @returns The exit code: 0 fine, 1 an error among the problems, 2 wrong usage.
 */
export async function checkConfig(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout(HELP);
    return 0;
  }
  const unknown = args.find((arg) => arg !== '--json' && arg !== '--all');
  if (unknown !== undefined) {
    io.stderr(`canvasops check-config does not know ${quote(unknown)}; see canvasops check-config --help\n`);
    return 2;
  }
  const sources = readSources(io.env, io.cwd);
  const loaded = load(sources, registry);
  const found = [...loaded.problems, ...missingFiles(loaded, io.cwd)];
  const errors = found.filter(({ severity }) => severity === 'error');
  const problems = [...errors, ...found.filter(({ severity }) => severity !== 'error')];
  const fine = errors.length === 0;
  const file = sources.file?.path;
  if (args.includes('--json')) {
    io.stdout(asJson(loaded, problems, file, fine));
  } else {
    const paint = painter(io);
    const where = file === undefined ? 'no .env file' : `.env file: ${printable(file, 300)}`;
    const lines = [
      verdict(problems, paint),
      ...problemLines(problems, paint),
      '',
      `Settings (${where})`,
      ...settingLines(loaded.settings, args.includes('--all'), paint),
      ...destinationLines(loaded, paint),
    ];
    io.stdout(`${lines.join('\n')}\n`);
  }
  return fine ? 0 : 1;
}
