/** The ways to end that `fixtures/endings` knows, and the spans each of them makes. */

export interface Ending {
  /** How many, by the first part of their names. */
  spans: Record<string, number>;
  /** Sent by the test when the app says `ready`. */
  signal?: NodeJS.Signals;
  /** Most lines of ours before a backend that takes nothing: one for whatever loses spans at its end, and one during its life. */
  lines?: number;
  entry?: string;
}

const main = { main: 10 };
const thread: Ending = { spans: { main: 10, thread: 10 }, lines: 2 };
const child: Ending = { spans: { main: 10, child: 10 }, lines: 2 };

export const endings: Record<string, Ending> = {
  natural: { spans: main },
  'natural, late': { spans: { main: 10, late: 10 } },
  'process.exit': { spans: main },
  'process.exit, late': { spans: main },
  'process.exit, connected': { spans: { main: 10, more: 10 }, lines: 2 },
  'process.exitCode': { spans: main },
  throw: { spans: main },
  reject: { spans: main },
  'exit listener': { spans: { main: 10, 'exit listener': 10 } },
  'exit listener throws': { spans: main },
  'exit listener exits': { spans: main },
  'beforeExit listener': { spans: { main: 10, beforeExit: 10 } },
  'beforeExit listener that stays': { spans: { main: 10, beforeExit: 2 } },
  SIGTERM: { spans: main, signal: 'SIGTERM' },
  SIGINT: { spans: main, signal: 'SIGINT' },
  SIGHUP: { spans: main, signal: 'SIGHUP' },
  'SIGTERM, server.close': { spans: main, signal: 'SIGTERM' },
  'SIGTERM, 300 ms of work': { spans: { main: 10, shutdown: 10 }, signal: 'SIGTERM' },
  'SIGTERM, twice listened to': { spans: main, signal: 'SIGTERM' },
  'process.kill': { spans: main },
  'process.kill SIGINT, later': { spans: main },
  'process.kill, own listener': { spans: main },
  'never settled': { spans: main, entry: 'fixtures/endings/never-settled.mjs' },
  'SIGINT, computing': { spans: {}, signal: 'SIGINT', entry: 'fixtures/endings/computing.cjs' },
  'thread, natural': thread,
  'thread, process.exit': thread,
  'thread, throw': thread,
  'thread, terminate': thread,
  'thread, process.exit of the main one': thread,
  fork: child,
  'fork, kill': child,
  cluster: { spans: { main: 10, 'cluster worker': 10 }, lines: 2 },
};

export const names = Object.keys(endings);
