/** Finds a server's programs on this machine. */
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** The first folder that has all the programs. Links stay: some programs go by the name they are called by. */
export function findPrograms<Name extends string>(
  programs: readonly Name[],
  usualFolders: readonly string[],
): Record<Name, string> | undefined {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const folder of [...usualFolders, ...onPath]) {
    const found = programs.map((program) => [program, executable(path.join(folder, program))] as const);
    if (found.every(([, file]) => file !== undefined))
      return Object.fromEntries(found) as Record<Name, string>;
  }
  return undefined;
}

/** `/usr/lib/postgresql/<version>/bin` and the like, the newest version first. */
export function versionedFolders(parent: string, below: string): string[] {
  try {
    const versions = readdirSync(parent).filter((name) => /^\d/.test(name));
    versions.sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a));
    return versions.map((version) => path.join(parent, version, below));
  } catch {
    return [];
  }
}

/** A program of its own somewhere on the machine. */
export function findProgram(program: string, usualFolders: readonly string[]): string | undefined {
  return findPrograms([program], usualFolders)?.[program];
}

function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    return undefined;
  }
}
