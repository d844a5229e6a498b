/** Database servers refuse to run as root: an unprivileged account for them. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Account {
  uid: number;
  gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Undefined when we are nobody special ourselves. */
export function unprivileged(...preferred: string[]): Account | undefined {
  if (!isRoot()) return undefined;
  for (const name of [...preferred, 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such account here; the next one.
    }
  }
  throw new Error('running as root, and there is no unprivileged account to start a server under');
}

/** A new folder which that account may write to. */
export function dataFolder(server: string, account: Account | undefined): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `canvasops-${server}-`));
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  return folder;
}
