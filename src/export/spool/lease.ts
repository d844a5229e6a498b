/**
 * A lease says which thread of which process holds a file in the spool. Its token is part of the file's name: host,
 * pid, start of the process, and a random part per thread. Files change hands by `rename`, which succeeds in only one
 * of several processes.
 */
import { randomBytes } from 'node:crypto';
import os from 'node:os';

/** A holder whose heartbeat is older counts as gone, unless its pid tells that already. */
export const HEARTBEAT_EXPIRES_MS = 60_000;
/** The start of a process is computed from two clocks, so it may differ by this much. */
const START_TOLERANCE_S = 2;

const { kill } = process;

export interface Lease {
  readonly host: string;
  readonly pid: number;
  /** Start of the process, in seconds since 1970. */
  readonly startedAt: number;
  readonly token: string;
}

/** @returns A new lease of this thread. */
export function newLease(): Lease {
  const host = hostName();
  const startedAt = processStart();
  const token = [host, process.pid, startedAt, randomBytes(4).toString('hex')].join('-');
  return { host, pid: process.pid, startedAt, token };
}

/** @returns The lease that the token belongs to; undefined where the text is no token. */
export function parseLease(token: string): Lease | undefined {
  const [host, pid, startedAt, random, ...more] = token.split('-');
  if (host === undefined || random === undefined || more.length > 0) return undefined;
  return { host, pid: Number(pid), startedAt: Number(startedAt), token };
}

/**
 * @param lease The lease in question.
 * @param own The lease of this thread.
 * @param heartbeatAt When its holder last gave a heartbeat, in milliseconds since 1970; undefined where it never did, or
 *   has taken it back.
 * @param now In milliseconds since 1970.
 * @returns Whether the holder is gone, so that its files may be taken.
 */
export function isExpired(lease: Lease, own: Lease, heartbeatAt: number | undefined, now: number): boolean {
  if (lease.token === own.token) return false;
  if (lease.host === own.host) {
    const isSamePid = lease.pid === own.pid;
    // In a container every process has the pid 1, one after the other.
    if (isSamePid && Math.abs(lease.startedAt - own.startedAt) > START_TOLERANCE_S) return true;
    if (!isSamePid && !isRunning(lease.pid)) return true;
    // The process runs. Without a heartbeat it is about to end, and releases its files by itself. With an old one, the
    // thread that held the lease is gone.
    return heartbeatAt !== undefined && now - heartbeatAt > HEARTBEAT_EXPIRES_MS;
  }
  return heartbeatAt === undefined || now - heartbeatAt > HEARTBEAT_EXPIRES_MS;
}

function isRunning(pid: number): boolean {
  try {
    kill.call(process, pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The host's name without the characters that separate the parts of file names. It is only compared for equality. */
function hostName(): string {
  let clean = '';
  for (const character of os.hostname().toLowerCase()) if (/[a-z0-9]/.test(character)) clean += character;
  return clean.slice(0, 40) || 'host';
}

function processStart(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}
