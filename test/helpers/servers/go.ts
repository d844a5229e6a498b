/** Builds programs that are Go modules, where the machine has Go. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './binaries';

const run = promisify(execFile);
const boundMs = 10 * 60_000;

export interface GoProgram {
  readonly module: string;
  readonly version: string;
  /** Package of the program, from the module's root. */
  readonly program: string;
  /** Put into the sources first: content by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the program is put. */
  readonly output: string;
}

/** @throws where there is no Go, or it takes longer than ten minutes */
export async function buildGoProgram({ module, version, program, files, output }: GoProgram): Promise<void> {
  const go = findProgram('go', ['/usr/local/go/bin', '/usr/bin']);
  if (go === undefined) throw new Error('neither its programs nor Go are on this machine');
  const until = Date.now() + boundMs;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'canvasops-go-'));
  const goIn = async (cwd: string, ...args: string[]): Promise<string> => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
    return (await run(go, args, { cwd, env, timeout: Math.max(1, until - Date.now()) })).stdout;
  };
  try {
    const downloaded = await goIn(folder, 'mod', 'download', '-json', `${module}@${version}`);
    const { Dir } = JSON.parse(downloaded) as { Dir: string };
    // The module's own go.sum says what its dependencies are. Go's cache is read-only.
    const source = path.join(folder, 'source');
    cpSync(Dir, source, { recursive: true });
    await run('chmod', ['-R', 'u+w', source]);
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(source, name), content);
    const fresh = path.join(folder, 'program');
    await goIn(source, 'build', '-trimpath', '-ldflags=-s', '-o', fresh, program);
    mkdirSync(path.dirname(output), { recursive: true });
    // Somebody else may be building the same: whole files take the place of whole files.
    const aside = `${output}.${process.pid}`;
    cpSync(fresh, aside);
    renameSync(aside, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
