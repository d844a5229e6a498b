/**
 * Who a file in the spool belongs to, as part of its name: host, process, when that process started, and a random part
 * per thread. A name changes hands by `rename`, which only one of several processes can win.
 */
import { randomBytes } from 'node:crypto';
import os from 'node:os';

/** A process whose sign of life is older is taken for gone. Only asked where its pid does not tell. */
export const LIFE_SIGN_MS = 60_000;
/** The start of a process is reckoned from two clocks. */
const START_TOLERANCE_S = 2;

const { kill } = process;

export interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly token: string;
}

export function ownOwner(): Owner {
  const host = hostName();
  const startedAt = processStart();
  const token = [host, process.pid, startedAt, randomBytes(4).toString('hex')].join('-');
  return { host, pid: process.pid, startedAt, token };
}

export function readOwner(token: string): Owner | undefined {
  const [host, pid, startedAt, random, ...more] = token.split('-');
  if (host === undefined || random === undefined || more.length > 0) return undefined;
  return { host, pid: Number(pid), startedAt: Number(startedAt), token };
}

/** `lifeSignAt`: when it last gave one, in milliseconds since 1970; undefined: never, or it has taken it back. */
export function isGone(owner: Owner, self: Owner, lifeSignAt: number | undefined, now: number): boolean {
  if (owner.token === self.token) return false;
  if (owner.host === self.host) {
    const isSameNumber = owner.pid === self.pid;
    // In a container every process is number 1, one after the other.
    if (isSameNumber && Math.abs(owner.startedAt - self.startedAt) > START_TOLERANCE_S) return true;
    if (!isSameNumber && !isRunning(owner.pid)) return true;
    // It runs. Without a sign it is about to end, and gives back what it holds; a thread of it may be gone, though.
    return lifeSignAt !== undefined && now - lifeSignAt > LIFE_SIGN_MS;
  }
  return lifeSignAt === undefined || now - lifeSignAt > LIFE_SIGN_MS;
}

function isRunning(pid: number): boolean {
  try {
    kill.call(process, pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Without the separators of file names; only equality matters. */
function hostName(): string {
  let clean = '';
  for (const character of os.hostname().toLowerCase()) if (/[a-z0-9]/.test(character)) clean += character;
  return clean.slice(0, 40) || 'host';
}

function processStart(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}
