/** What the spools of all destinations share: the folder, its size limit, and its failures. */
import type { Log } from '../../diagnostics/log';
import type { Resource } from '../../tracing/types';
import { SpoolFiles } from './files';

/** After an error the disk is not used for this long. */
const PAUSE_MS = 60_000;
/** Other processes write to the folder too, so its size is counted again after this long. */
const USAGE_IS_FRESH_MS = 60_000;

export interface SpoolOptions {
  readonly folder: string;
  /** Limit of all files in the folder, in bytes. */
  readonly maxBytes: number;
  /** Written to disk with the spans of this process. */
  readonly resource: Resource;
  readonly log: Log;
  /** Runs a function outside of the app's requests. */
  readonly runDetached: (fn: () => void) => void;
  /** The current time in milliseconds, on a clock that does not jump. */
  readonly now: () => number;
}

export class SpoolStore {
  readonly files: SpoolFiles;
  readonly options: SpoolOptions;
  /** Whether the process ends. Nothing more is adopted then. */
  isOver = false;
  private readonly onDeleted: (name: string) => void;
  private brokenUntil = Number.NEGATIVE_INFINITY;
  private isFailureReported = false;
  private isFullReported = false;
  private bytes = 0;
  /** Bytes of writes that have begun. Their files may be missing in the folder. */
  private bytesUnderWay = 0;
  private countedAt = Number.NEGATIVE_INFINITY;

  /** @param onDeleted Called with the name of a free file that was deleted to make room. */
  constructor(options: SpoolOptions, onDeleted: (name: string) => void) {
    this.options = options;
    this.onDeleted = onDeleted;
    this.files = new SpoolFiles(options.folder);
  }

  /** Whether no error of the disk is recent. */
  get isUsable(): boolean {
    return this.options.now() >= this.brokenUntil;
  }

  /**
   * Reserves room in the folder. Deletes the oldest free files where that makes enough of it.
   *
   * @param size In bytes.
   * @returns Whether so much may be written.
   * @throws What `fs` throws when it cannot list the folder.
   */
  reserve(size: number): boolean {
    const { maxBytes, now, log } = this.options;
    if (now() - this.countedAt > USAGE_IS_FRESH_MS || this.bytes + size > maxBytes) {
      const { bytes, free } = this.files.usage();
      this.bytes = bytes + this.bytesUnderWay;
      this.countedAt = now();
      for (const file of free) {
        if (this.bytes + size <= maxBytes) break;
        this.files.remove(file.path);
        this.bytes -= file.bytes;
        this.onDeleted(file.name);
        if (!this.isFullReported) log.warn('CANVASOPS_SPOOL_DIR is full: the oldest spans in it are dropped');
        this.isFullReported = true;
      }
    }
    if (this.bytes + size > maxBytes) return false;
    this.bytes += size;
    return true;
  }

  /** @param size Bytes of a file that has been deleted. */
  freed(size: number): void {
    this.bytes -= size;
  }

  /**
   * @param size Bytes of an asynchronous write that begins.
   * @returns To be called when it has ended.
   */
  writing(size: number): () => void {
    this.bytesUnderWay += size;
    return () => {
      this.bytesUnderWay -= size;
    };
  }

  /** Called when the process ends and all batches are settled. Gives up the lease on the folder. */
  end(): void {
    this.isOver = true;
    try {
      this.files.releaseLease();
    } catch (error) {
      this.failed(error);
    }
  }

  /** Stops using the disk for a while. Only the first error of the process is reported. */
  failed(error: unknown): void {
    this.brokenUntil = this.options.now() + PAUSE_MS;
    if (this.isFailureReported) return;
    this.isFailureReported = true;
    const why = error instanceof Error ? error.message : String(error);
    this.options.log.warn(
      `spans cannot be kept in CANVASOPS_SPOOL_DIR: ${why}. To fix: name a directory that this process may write to, with free space.`,
    );
  }
}
