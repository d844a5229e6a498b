/** The ways to end that `fixtures/endings` knows, and the spans each of them makes. */

export interface Ending {
  /** How many, by the first part of their names. */
  spans: Record<string, number>;
  /** Spans beside these: those that the end came before say so, and with which error if it was one. */
  others?: string[];
  /** Sent by the test when the app says `ready`. */
  signal?: NodeJS.Signals;
  /** Most lines of ours before a backend that takes nothing: one for whatever loses spans at its end, and one during its life. */
  lines?: number;
  entry?: string;
}

const main = { main: 10 };
const unfinished = (name: string, error = ''): string =>
  `${name}, unfinished${error === '' ? '' : `, error: ${error}`}`;
const open = ['request', 'work', 'other 0'];
/** Of `fixtures/endings/open.cjs`: an error is that of the request, and not of what else is under way. */
const cutOff = ['query 0', ...open.map((name) => unfinished(name))];
const failed = [
  'query 0',
  ...['request', 'work'].map((name) => unfinished(name, 'thrown in work')),
  unfinished('other 0'),
];
const lived = ['query 0', 'request', 'work', unfinished('other 0')];
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
  'thread, throw, open': { ...thread, others: failed },
  'thread, process.exit, open': { ...thread, others: cutOff },
  'thread, terminate': thread,
  'thread, blocked, terminate': thread,
  'thread, blocked, process.exit of the main one': thread,
  'thread, blocked, SIGTERM': { ...thread, signal: 'SIGTERM' },
  'thread, process.exit of the main one': thread,
  fork: child,
  'fork, kill': child,
  'open, throw in a timer': { spans: main, others: failed },
  'open, reject': { spans: main, others: failed },
  'open, process.exit': { spans: main, others: cutOff },
  'open, natural': { spans: main, others: [unfinished('other 0')] },
  'open, ended in an exit listener': { spans: { main: 10, late: 1 } },
  'open, SIGTERM': { spans: main, signal: 'SIGTERM', others: cutOff },
  'open, process.kill': { spans: main, others: cutOff },
  'open, throw, listened to': { spans: main, others: lived },
  'open, throw, the listener exits': { spans: main, others: failed },
  'open, throw, the listener exits later': { spans: main, others: failed },
  "open, a library emits 'exit'": { spans: main, others: lived, lines: 2 },
  cluster: { spans: { main: 10, 'cluster worker': 10 }, lines: 2 },
};

export const names = Object.keys(endings);
