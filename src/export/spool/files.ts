/**
 * The files in the spool's folder.
 *
 * | name | meaning |
 * |---|---|
 * | `<time>-<random>.<destination>.<form>.spans` | free: any process may take it |
 * | the same with `.<token>` | held by the lease with this token |
 * | the same with `.<token>.tmp` | being written |
 * | `<token>.alive` | heartbeat of a lease: the file's modification time |
 *
 * A file under one of the first two names is complete, since it gets that name by `rename`.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isExpired, type Lease, newLease, parseLease } from './lease';

const HEARTBEAT = '.alive';
const TEMPORARY = '.tmp';
const KIND = 'spans';
/** Only the user of the process may read spans. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export interface SpoolFile {
  /** Its name while it is free. */
  readonly name: string;
  readonly id: string;
  readonly form: string;
  readonly lease: Lease | undefined;
  /** Where it is now. */
  readonly path: string;
  readonly isTemporary: boolean;
}

export interface FreeFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

export class SpoolFiles {
  private readonly lease = newLease();
  private readonly folder: string;
  private isReady = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @returns A new name for a file. Names sort by age. */
  nameFor(id: string, form: string): string {
    const time = Date.now().toString(36).padStart(9, '0');
    return `${time}-${randomBytes(4).toString('hex')}.${id}.${form}.${KIND}`;
  }

  /** @param isHeld Whether the file is held by this thread, or free. */
  pathOf(name: string, isHeld: boolean): string {
    return path.join(this.folder, isHeld ? `${name}.${this.lease.token}` : name);
  }

  /**
   * Creates the folder and the first heartbeat. To be called before a file is written or claimed.
   *
   * @throws What `fs` throws.
   */
  prepare(): void {
    if (this.isReady) return;
    fs.mkdirSync(this.folder, { recursive: true, mode: FOLDER_MODE });
    fs.writeFileSync(this.heartbeatPath(this.lease.token), '', { mode: FILE_MODE });
    this.isReady = true;
  }

  heartbeat(): void {
    const now = new Date();
    fs.utimes(this.heartbeatPath(this.lease.token), now, now, () => {});
  }

  /**
   * Takes the heartbeat back. Called when this thread holds no file any more.
   *
   * @throws What `fs` throws.
   */
  releaseLease(): void {
    if (!this.isReady) return;
    this.isReady = false;
    fs.rmSync(this.heartbeatPath(this.lease.token), { force: true });
  }

  /** Writes a file that this thread holds. */
  write(name: string, record: Buffer, done: (error: Error | null) => void): void {
    const temporary = this.temporaryPath(name);
    fs.writeFile(temporary, record, { mode: FILE_MODE }, (error) => {
      if (error === null) fs.rename(temporary, this.pathOf(name, true), done);
      else fs.rm(temporary, { force: true }, () => done(error));
    });
  }

  /**
   * Writes a free file synchronously.
   *
   * @throws What `fs` throws. No unfinished file is left then.
   */
  writeNow(name: string, record: Buffer): void {
    const temporary = `${this.temporaryPath(name)}2`; // an asynchronous write may be under way
    try {
      fs.writeFileSync(temporary, record, { mode: FILE_MODE });
      fs.renameSync(temporary, this.pathOf(name, false));
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Deletes a file if it can. */
  remove(file: string): void {
    try {
      fs.rmSync(file, { force: true });
    } catch {
      // The file stays. An exception would end the app.
    }
  }

  /**
   * Takes a free file, or one of an expired lease.
   *
   * @returns Whether this thread holds it now. Otherwise another process has taken it before.
   * @throws (rejects with) What `fs` throws.
   */
  async claim(file: SpoolFile): Promise<boolean> {
    try {
      await fs.promises.rename(file.path, this.pathOf(file.name, true));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /**
   * Lists the files that nobody holds. Deletes the unfinished files and the heartbeats of expired leases.
   *
   * @returns The files, the oldest first.
   * @throws (rejects with) What `fs` throws.
   */
  async unclaimed(): Promise<SpoolFile[]> {
    const all = await fs.promises.readdir(this.folder);
    const expired = new Map<string, boolean>();
    const isFree = async ({ lease }: SpoolFile): Promise<boolean> => {
      if (lease === undefined) return true;
      const known =
        expired.get(lease.token) ??
        isExpired(lease, this.lease, await this.heartbeatOf(lease.token), Date.now());
      expired.set(lease.token, known);
      return known;
    };
    const files: SpoolFile[] = [];
    for (const entry of all.sort()) {
      const file = this.parse(entry);
      if (file === undefined || !(await isFree(file))) continue;
      if (file.isTemporary) this.remove(file.path);
      else files.push(file);
    }
    for (const [token, isOver] of expired) if (isOver) this.remove(this.heartbeatPath(token));
    return files;
  }

  /**
   * @returns The size of all files in bytes, and the free files, the oldest first.
   * @throws What `fs` throws.
   */
  usage(): { bytes: number; free: FreeFile[] } {
    let bytes = 0;
    const free: FreeFile[] = [];
    for (const entry of fs.readdirSync(this.folder).sort()) {
      const file = this.parse(entry);
      if (file === undefined) continue;
      const size = fs.statSync(file.path, { throwIfNoEntry: false })?.size ?? 0;
      bytes += size;
      if (file.lease === undefined) free.push({ name: file.name, path: file.path, bytes: size });
    }
    return { bytes, free };
  }

  private async heartbeatOf(token: string): Promise<number | undefined> {
    try {
      return (await fs.promises.stat(this.heartbeatPath(token))).mtimeMs;
    } catch {
      return undefined;
    }
  }

  private parse(entry: string): SpoolFile | undefined {
    const [time, id, form, kind, token, suffix] = entry.split('.');
    if (time === undefined || id === undefined || form === undefined || kind !== KIND) return undefined;
    const lease = token === undefined ? undefined : parseLease(token);
    if (token !== undefined && lease === undefined) return undefined;
    const name = [time, id, form, kind].join('.');
    return { name, id, form, lease, path: path.join(this.folder, entry), isTemporary: suffix !== undefined };
  }

  private temporaryPath(name: string): string {
    return `${this.pathOf(name, true)}${TEMPORARY}`;
  }

  private heartbeatPath(token: string): string {
    return path.join(this.folder, `${token}${HEARTBEAT}`);
  }
}
