/** The one place that reads `process.env`, and the `.env` file beside it. */
import { readEnvFile } from './env-file';
import type { Sources } from './types';

/** The working directory may have been deleted under the process. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

export function readSources(env: Sources['env'] = process.env, cwd: string = currentDirectory()): Sources {
  const named = env.CANVASOPS_ENV_FILE?.trim();
  const { file, problem } = readEnvFile(named || undefined, cwd);
  return { env, cwd, ...(file && { file }), ...(problem && { problems: [problem] }) };
}
