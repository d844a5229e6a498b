/**
 * Ends a process which we started, by its pid, when we are gone ourselves, however that happened. An exit
 * handler cannot do that: SIGKILL and most signals run none. A shell waits for its standard input to close.
 */
import { spawn } from 'node:child_process';

const script = 'read _; kill -s "$2" "$1" 2>/dev/null; [ -z "$3" ] || { sleep 1; rm -rf "$3"; }';

/** Returns the function that calls the watch off; to be called as soon as the process has ended. */
export function killWhenWeAreGone(pid: number, signal: string, removeDir = ''): () => void {
  // Detached: Ctrl-C reaches our whole group, and the watchdog must outlive us.
  const child = spawn('sh', ['-c', script, 'sh', String(pid), signal.replace(/^SIG/, ''), removeDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return () => {
    child.kill('SIGKILL');
  };
}
