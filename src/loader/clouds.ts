/**
 * Asks the clouds named in OTEL_NODE_RESOURCE_DETECTORS, by the official detectors that the app has installed, in a thread of
 * its own. Loaded when the first span has begun and a cloud is named.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Attributes } from '@opentelemetry/api';
import { firstLine } from '../text/thrown';
import { clearTimer, setTimer } from '../timers';
import { CLOUD_PACKAGES, type CloudName } from '../tracing/names';
import type { CloudAnswer, CloudJob } from './cloud-worker';

/** Longer than any official detector waits for an answer (5 s). */
const LIMIT_MS = 10_000;

export interface CloudOptions {
  readonly clouds: readonly CloudName[];
  /** Whether each of them was named; a missing one is told then. */
  readonly named: boolean;
  /** Where the app lies, to find the packages from there. */
  readonly folder: string;
  /** `dist/loader/cloud-worker.cjs` */
  readonly workerFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets what was found, once per cloud that knows something. */
  readonly onFound: (attributes: Attributes) => void;
  readonly warn: (message: string) => void;
  readonly debug: (message: string) => void;
}

/** Returns at once and never throws. Nothing of it keeps the process alive. */
export function askClouds(options: CloudOptions): void {
  const { workerFile, env, warn, debug } = options;
  const detectors = installed(options);
  const waiting = new Set(detectors.map(({ name }) => name));
  if (waiting.size === 0) return;
  try {
    const job: CloudJob = { detectors };
    const worker = new Worker(workerFile, {
      workerData: job,
      // Neither our preload nor anything else that this process was started with may run in there.
      execArgv: [],
      env: { ...env, NODE_OPTIONS: '' },
      // Not passed on to those of the process.
      stdout: true,
      stderr: true,
    });
    const end = (): void => {
      clearTimer(timer);
      void worker.terminate();
    };
    const timer = setTimer(() => {
      debug(`no answer within ${LIMIT_MS} ms from the detectors of ${[...waiting].join(', ')}`);
      end();
    }, LIMIT_MS);
    timer.unref();
    worker.on('message', (answer: CloudAnswer) => {
      tell(answer, options);
      waiting.delete(answer.name);
      if (waiting.size === 0) end();
    });
    worker.on('error', (error) => {
      warn(`the detectors of ${[...waiting].join(', ')} failed: ${firstLine(error)}`);
      clearTimer(timer);
    });
    worker.unref();
  } catch (error) {
    warn(
      `the clouds of OTEL_NODE_RESOURCE_DETECTORS cannot be asked without a worker thread (${firstLine(error)}); under --permission, --allow-worker lets it start`,
    );
  }
}

function tell({ name, attributes, error }: CloudAnswer, { onFound, warn, debug }: CloudOptions): void {
  if (error !== undefined) {
    warn(
      `the detector of ${name} failed (${error}); take it out of OTEL_NODE_RESOURCE_DETECTORS, or mend it`,
    );
    return;
  }
  const keys = Object.keys(attributes);
  debug(`${name}: ${keys.join(', ') || 'nothing found'}`);
  if (keys.length > 0) onFound(attributes);
}

function installed({ clouds, named, folder, warn }: CloudOptions): { name: string; file: string }[] {
  const fromApp = createRequire(join(folder, 'package.json'));
  return clouds.flatMap((name) => {
    try {
      return [{ name, file: fromApp.resolve(CLOUD_PACKAGES[name]) }];
    } catch {
      if (named)
        warn(
          `OTEL_NODE_RESOURCE_DETECTORS names ${name}, whose detector is not installed: npm i ${CLOUD_PACKAGES[name]}`,
        );
      return [];
    }
  });
}
