/**
 * The files of the spool: `<time>-<random>.<destination>.<form>.spans` is free, with `.<owner>` behind it somebody's,
 * with `.<owner>.tmp` not finished; `<owner>.alive` is an owner's sign of life. A file under its name is whole:
 * it gets there by `rename`.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isGone, type Owner, ownOwner, readOwner } from './lease';

const ALIVE = '.alive';
const TEMPORARY = '.tmp';
const KIND = 'spans';
/** Spans may say more than others should read. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The name of a free file, and what of it is known. */
export interface SpoolFile {
  readonly name: string;
  readonly id: string;
  readonly form: string;
  readonly owner: Owner | undefined;
  /** As it lies in the folder. */
  readonly path: string;
  readonly isTemporary: boolean;
}

export interface FreeFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

export class SpoolFolder {
  readonly self = ownOwner();
  private readonly folder: string;
  private isReady = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  nameFor(id: string, form: string): string {
    const time = Date.now().toString(36).padStart(9, '0'); // so that names sort by age
    return `${time}-${randomBytes(4).toString('hex')}.${id}.${form}.${KIND}`;
  }

  pathOf(name: string, owned: boolean): string {
    return path.join(this.folder, owned ? `${name}.${this.self.token}` : name);
  }

  /** Makes the folder, and shows that we are alive before anything is ours. Throws. */
  prepare(): void {
    if (this.isReady) return;
    fs.mkdirSync(this.folder, { recursive: true, mode: FOLDER_MODE });
    fs.writeFileSync(this.alivePath(this.self.token), '', { mode: FILE_MODE });
    this.isReady = true;
  }

  showLife(): void {
    const now = new Date();
    fs.utimes(this.alivePath(this.self.token), now, now, () => {});
  }

  /** Nothing in the folder is ours any more. */
  leave(): void {
    if (!this.isReady) return;
    this.isReady = false;
    fs.rmSync(this.alivePath(this.self.token), { force: true });
  }

  write(name: string, record: Buffer, done: (error: Error | null) => void): void {
    const temporary = this.temporaryPath(name);
    fs.writeFile(temporary, record, { mode: FILE_MODE }, (error) => {
      if (error === null) fs.rename(temporary, this.pathOf(name, true), done);
      else fs.rm(temporary, { force: true }, () => done(error));
    });
  }

  /** Throws. */
  writeNow(name: string, record: Buffer, owned: boolean): void {
    const temporary = `${this.temporaryPath(name)}2`; // an asynchronous write may be under way
    try {
      fs.writeFileSync(temporary, record, { mode: FILE_MODE });
      fs.renameSync(temporary, this.pathOf(name, owned));
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  remove(file: string): void {
    try {
      fs.rmSync(file, { force: true });
    } catch {
      // a file too many is better than an app that ends
    }
  }

  /** False: somebody else was faster. */
  async claim(file: SpoolFile): Promise<boolean> {
    try {
      await fs.promises.rename(file.path, this.pathOf(file.name, true));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** What nobody holds, the oldest first; clears away what those who are gone have left unfinished. */
  async unclaimed(): Promise<SpoolFile[]> {
    const all = await fs.promises.readdir(this.folder);
    const gone = new Map<string, boolean>();
    const isFree = async ({ owner }: SpoolFile): Promise<boolean> => {
      if (owner === undefined) return true;
      const known =
        gone.get(owner.token) ?? isGone(owner, this.self, await this.lifeSign(owner.token), Date.now());
      gone.set(owner.token, known);
      return known;
    };
    const files: SpoolFile[] = [];
    for (const entry of all.sort()) {
      const file = this.parse(entry);
      if (file === undefined || !(await isFree(file))) continue;
      if (file.isTemporary) this.remove(file.path);
      else files.push(file);
    }
    for (const [token, isOver] of gone) if (isOver) this.remove(this.alivePath(token));
    return files;
  }

  /** Bytes in the folder, and its free files, the oldest first. */
  usage(): { bytes: number; free: FreeFile[] } {
    let bytes = 0;
    const free: FreeFile[] = [];
    for (const entry of fs.readdirSync(this.folder).sort()) {
      const file = this.parse(entry);
      if (file === undefined) continue;
      const size = fs.statSync(file.path, { throwIfNoEntry: false })?.size ?? 0;
      bytes += size;
      if (file.owner === undefined) free.push({ name: file.name, path: file.path, bytes: size });
    }
    return { bytes, free };
  }

  private async lifeSign(token: string): Promise<number | undefined> {
    try {
      return (await fs.promises.stat(this.alivePath(token))).mtimeMs;
    } catch {
      return undefined;
    }
  }

  private parse(entry: string): SpoolFile | undefined {
    const [time, id, form, kind, token, suffix] = entry.split('.');
    if (time === undefined || id === undefined || form === undefined || kind !== KIND) return undefined;
    const owner = token === undefined ? undefined : readOwner(token);
    if (token !== undefined && owner === undefined) return undefined;
    const name = [time, id, form, kind].join('.');
    return { name, id, form, owner, path: path.join(this.folder, entry), isTemporary: suffix !== undefined };
  }

  private temporaryPath(name: string): string {
    return `${this.pathOf(name, true)}${TEMPORARY}`;
  }

  private alivePath(token: string): string {
    return path.join(this.folder, `${token}${ALIVE}`);
  }
}
