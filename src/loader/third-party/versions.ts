/** Whether the app's libraries are in the versions that a hosted instrumentation patches; it skips others without a word. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRange } from '../match';

/** The part of `InstrumentationModuleDefinition` that is read here. */
export interface ModuleDefinition {
  readonly name: string;
  /** Ranges of npm's kind, one of which has to fit. */
  readonly supportedVersions?: readonly string[];
}

/**
 * @param definitions of one instrumentation; several may be for one module
 * @param folders every `node_modules` from the app's folder upwards
 * @returns one text per library in a version that none of them takes; none where another library is in the right one: that of
 *   redis is for `redis` before 4, and for `@redis/client`, of which later versions are made
 */
export function unsupported(definitions: readonly ModuleDefinition[], folders: readonly string[]): string[] {
  const reasons: string[] = [];
  for (const name of new Set(definitions.map((definition) => definition.name))) {
    const version = installedVersion(name, folders);
    if (version === undefined) continue;
    const ranges = definitions
      .filter((definition) => definition.name === name)
      .flatMap(({ supportedVersions = ['*'] }) => supportedVersions);
    if (ranges.some((range) => fits(version, range))) return [];
    reasons.push(`${name} ${version} is installed, and only ${ranges.join(' || ')} is supported`);
  }
  return reasons;
}

function installedVersion(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as {
        version?: unknown;
      };
      return typeof manifest.version === 'string' ? manifest.version : undefined;
    } catch {
      // not in this folder, or a part of Node
    }
  }
  return undefined;
}

/** True also for ranges that are written in a way that is not understood here: nothing wrong is to be said. */
function fits(version: string, range: string): boolean {
  return range.split('||').some((alternative) => {
    const parts = alternative.trim().split(' ').map(comparators);
    return parts.includes(undefined) || inRange(version, parts.join(' '));
  });
}

/** `^1.2.3`, `~1.2`, `1.x` and `1` as the comparators that {@link inRange} takes. */
function comparators(part: string): string | undefined {
  if (part === '' || part === '*' || part === 'x') return '>=0.0.0';
  if (/^[<>]?=?\d+(\.\d+){0,2}$/.test(part) && part.search(/[<>=]/) === 0) return part;
  const found = /^([\^~]?)(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?$/.exec(part);
  if (found === null) return undefined;
  const [, sign, major = '0', minor, patch] = found;
  const [a, b, c] = [major, minor, patch].map((digits) => Number(digits));
  if (a === undefined || b === undefined || c === undefined) return undefined;
  if (Number.isNaN(b) || (sign === '^' && a > 0)) {
    return `>=${a}.${b || 0}.${c || 0} <${a + 1}.0.0`;
  }
  if (Number.isNaN(c) || sign !== '') return `>=${a}.${b}.${c || 0} <${a}.${b + 1}.0`;
  return `=${a}.${b}.${c}`;
}
