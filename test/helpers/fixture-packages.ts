/**
 * Packages of a fixture that are too heavy for everybody's `npm ci`: its `packages.json` lists them, they are installed on
 * first use, and `require` finds them by NODE_PATH.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages } from './npm-packages';
import { fromRoot } from './paths';

/**
 * @param folder `fixtures/nestjs`
 * @returns what the fixture's environment needs; nothing where there is no list
 */
export async function fixturePackages(folder: string): Promise<{ NODE_PATH?: string }> {
  const list = fromRoot(folder, 'packages.json');
  if (!existsSync(list)) return {};
  const specs = JSON.parse(readFileSync(list, 'utf8')) as string[];
  return { NODE_PATH: await installPackages(path.basename(folder), specs) };
}
