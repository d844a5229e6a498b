/** Where things lie, said once. */
import path from 'node:path';

export const repoRoot = path.resolve(__dirname, '../..');

/** A path given relative to the repository's root; absolute paths stay as they are. */
export function fromRoot(...parts: string[]): string {
  return path.resolve(repoRoot, ...parts);
}
