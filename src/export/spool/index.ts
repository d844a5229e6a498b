/**
 * CANVASOPS_SPOOL_DIR: batches that a backend does not take are kept on disk, up to a size limit, and the next start
 * sends them. Built to `dist/export/spool/index.cjs`, which is loaded only where the setting is set.
 */
import type { Destination } from '../../config/types';
import { setTimer } from '../../timers';
import { formOf } from '../destination';
import { DestinationSpool } from './destination';
import { type SpoolOptions, SpoolStore } from './store';
import type { SpoolSource, SpoolWriter } from './types';

export class Spool {
  private readonly store: SpoolStore;
  private readonly destinations: DestinationSpool[] = [];

  constructor(options: SpoolOptions) {
    this.store = new SpoolStore(options, (name) => {
      for (const destination of this.destinations) destination.deleted(name);
    });
  }

  /**
   * @returns The spool of the destination; undefined where its spans have no form that can be kept on disk. It writes
   *   nothing before `attach` was called.
   */
  writerFor(destination: Destination): (SpoolWriter & { attach(source: SpoolSource): void }) | undefined {
    const form = formOf(destination);
    if (form === 'spans') return undefined;
    const writer = new DestinationSpool(this.store, destination.id, form);
    this.destinations.push(writer);
    return writer;
  }

  /** Adopts what an earlier start has left. Waits for the next turn of the event loop, since the app is starting. */
  start(): void {
    const adopt = (): void => {
      for (const destination of this.destinations) void destination.adopt();
    };
    this.store.options.runDetached(() => void setTimer(adopt, 0).unref());
  }

  /** Called when the process ends and all batches are settled. */
  end(): void {
    this.store.end();
  }
}

export type CreateSpool = typeof createSpool;

/** @returns The spool in the given folder. The folder is created when it is needed. */
export function createSpool(options: SpoolOptions): Spool {
  return new Spool(options);
}
