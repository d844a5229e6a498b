/** A UDP listener in a process of its own, with the buffer that the system gives to everyone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fromRoot } from './paths';
import { decodeEmitBatch, type JaegerSpan } from './thrift-official';
import { killWhenWeAreGone } from './watchdog';

export interface UdpListener {
  readonly host: string;
  /** Ends the process. @returns the spans of every datagram that it got */
  stop(): Promise<JaegerSpan[]>;
}

const running = new Set<ChildProcess>();
// Of a test that failed before it stopped its listener: the process of the tests would wait for it.
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** @param host an address of its own, such as 127.0.0.21, where the port has to be a fixed one */
export async function startUdpListener(host: string, port: number): Promise<UdpListener> {
  const script = fromRoot('fixtures/conservation/udp-receiver.cjs');
  const child = spawn(process.execPath, [script, host, String(port)], { stdio: 'pipe' });
  if (child.pid !== undefined) killWhenWeAreGone(child.pid, 'SIGKILL');
  running.add(child);
  let printed = '';
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    printed += chunk;
  });
  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  if (!said.toString().startsWith('bound')) throw new Error(said.toString());
  return {
    host,
    stop: async () => {
      child.stdin.end();
      await once(child, 'close');
      const lines = printed.split('\n').filter((line) => line !== '');
      return lines.flatMap((line) => decodeEmitBatch(Buffer.from(line, 'base64')).spans);
    },
  };
}
