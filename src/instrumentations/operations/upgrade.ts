/** Requests that take the connection over (`upgrade`, `CONNECT`): their span ends with the first answer on it. */
import type { Duplex } from 'node:stream';

const METHODS = ['write', 'end', 'destroy'] as const;

/**
 * Calls `answered` once: with the status code of the first thing that is written, or without one if the socket
 * is closed unanswered. Afterwards the socket has its own methods back, or those that the app has put there since.
 */
export function onFirstAnswer(socket: Duplex, answered: (status: number | undefined) => void): void {
  let isAnswered = false;
  const uncover: (() => void)[] = [];
  for (const method of METHODS) {
    const original = socket[method] as (...args: unknown[]) => unknown;
    const own = Object.getOwnPropertyDescriptor(socket, method);
    const shadow = function (this: Duplex, ...args: unknown[]): unknown {
      if (!isAnswered) {
        isAnswered = true;
        for (const restore of uncover) restore();
        answered(method === 'destroy' ? undefined : statusOf(args[0]));
      }
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(socket, method, {
      value: shadow,
      configurable: true,
      enumerable: false,
      writable: true,
    });
    uncover.push(() => {
      if (socket[method] !== shadow) return; // the app has wrapped it; its wrapper calls us, and we the original
      if (own === undefined) delete (socket as Partial<Duplex>)[method];
      else Object.defineProperty(socket, method, own);
    });
  }
}

/** `HTTP/1.1 101 ...` -> 101 */
function statusOf(chunk: unknown): number | undefined {
  const start = textOf(chunk);
  const status = start.startsWith('HTTP/1.') ? Number(start.slice(9)) : Number.NaN;
  return Number.isInteger(status) && status >= 100 && status <= 999 ? status : undefined;
}

function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk.slice(0, 12);
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(12, chunk.length)).toString('latin1')
    : '';
}
