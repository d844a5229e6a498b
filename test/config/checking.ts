import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { checkConfig } from '../../src/cli/check-config';

/** An empty working directory, removed when the tests of the file are through. */
export const cwd = mkdtempSync(join(tmpdir(), 'canvasops-check-'));
after(() => rmSync(cwd, { recursive: true, force: true }));

export type Variables = Record<string, string>;

/** Runs check-config with a made-up environment and collects what it prints. */
export async function run(
  env: Variables,
  args: string[] = [],
  options: { stdoutIsTTY?: boolean; cwd?: string } = {},
) {
  let stdout = '';
  let stderr = '';
  const code = await checkConfig(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env,
    cwd,
    ...options,
  });
  return { code, stdout, stderr };
}
