/** A process that makes spans and ends in the way it is told: `node app.cjs <settings as JSON>`. */
import path from 'node:path';
import type { Destination } from '../../../src/config/types';
import { createLog } from '../../../src/diagnostics/log';
import { createPipeline, type Pipeline } from '../../../src/export/pipeline';
import { deliverAtProcessEnd } from '../../../src/export/shutdown';
import type { CreateTransport } from '../../../src/export/types';
import type { EndedSpan, ReadableSpanView } from '../../../src/tracing/types';
import { plainSpan } from '../../otlp/random-span';
import { config } from '../config';

export interface EndingSettings {
  destinations: Destination[];
  spans: number;
  /** Name of a way to end, see below. */
  end: string;
  exitTimeoutMs?: number;
  maxBatchSize?: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as EndingSettings;
const log = createLog('warn');
const effective = config(settings.destinations, { maxBatchSize: settings.maxBatchSize ?? 512 });
const pipeline: Pipeline = createPipeline(
  effective,
  { attributes: { 'service.name': 'ending' } },
  {
    log,
    loadTransport: (name) =>
      (
        require(path.join(__dirname, 'export/transports', `${name}.cjs`)) as {
          createTransport: CreateTransport;
        }
      ).createTransport,
    runDetached: (fn) => fn(),
    workerFile: path.join(__dirname, 'export/shutdown/worker.cjs'),
    now: performance.now.bind(performance),
  },
);
deliverAtProcessEnd({
  pipeline,
  log,
  timeoutMs: settings.exitTimeoutMs ?? 5000,
  now: performance.now.bind(performance),
  lastLine: undefined,
  onUncaught: () => undefined,
  endOpenSpans: () => undefined,
  whenFirstSpanBegins: (listener) => listener(),
});

let made = 0;
function span(): void {
  pipeline.onEnd(plainSpan(made++) as EndedSpan & ReadableSpanView);
}
for (let i = 0; i < settings.spans; i++) span();

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const ends: Record<string, () => void> = {
  natural: () => {},
  'natural with beforeExit listener': () => {
    process.on('beforeExit', (code) => say(`beforeExit ${code}`));
  },
  exit: () => process.exit(3),
  'exit code': () => {
    process.exitCode = 4;
  },
  'exit listener': () => {
    process.on('exit', (code) => {
      span();
      say(`exit ${code}`);
    });
    process.exit(5);
  },
  'exit listener throws': () => {
    process.on('exit', () => {
      throw new Error('thrown in exit');
    });
  },
  'exit listener exits': () => {
    process.on('exit', () => process.exit(6));
  },
  throw: () => {
    throw new Error('uncaught on purpose');
  },
  reject: () => {
    void Promise.reject(new Error('unhandled on purpose'));
  },
  'exit while under way': () => {
    setTimeout(() => process.exit(0), 20);
  },
  wait: () => {
    setInterval(() => {}, 1000);
    say('ready');
  },
  'wait with own handler': () => {
    setInterval(() => {}, 1000);
    process.on('SIGTERM', () => {
      say(`own handler of ${process.listeners('SIGTERM').length} ${process.listenerCount('SIGTERM')}`);
      process.exit(7);
    });
    say('ready');
  },
  'wait like signal-exit': () => {
    setInterval(() => {}, 1000);
    const handler = (signal: NodeJS.Signals): void => {
      if (process.listeners(signal).length !== 1) return;
      process.removeListener(signal, handler);
      process.kill(process.pid, signal);
    };
    process.on('SIGTERM', handler);
    say('ready');
  },
  'wait with a handler that was taken off': () => {
    setInterval(() => {}, 1000);
    const handler = (): void => {};
    process.on('SIGTERM', handler);
    process.removeListener('SIGTERM', handler);
    say(`ready ${process.listenerCount('SIGTERM')}`);
  },
  'flush and exit': () => {
    void pipeline.flush(5000).then((ok) => {
      say(`flushed ${ok}`);
      process.exit(0);
    });
  },
};
ends[settings.end]?.();
