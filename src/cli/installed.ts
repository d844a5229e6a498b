import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * @param specifier A package, or a file of one.
 * @param cwd The app's directory.
 * @returns Whether Node would find it from there.
 */
export function isInstalled(specifier: string, cwd: string): boolean {
  try {
    createRequire(join(cwd, 'any.js')).resolve(specifier);
    return true;
  } catch (error) {
    // A package for `import` only is refused to `require`, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}
