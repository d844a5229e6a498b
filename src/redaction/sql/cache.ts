/**
 * A bounded cache of what was found out about statements. It has two generations: when the young one is full it becomes
 * the old one, and an entry that is asked for again moves back to the young one. Entries are neither sorted nor counted.
 */
import { hashStep } from './keywords';

const MAX_KEY_LENGTH = 4096;
const MAX_ENTRIES = 500; // per generation
const MAX_CHARACTERS = 262_144; // per generation; 1 MiB for both if every character takes two bytes

export class StatementCache<Value extends object> {
  private young: Map<string, Value>[];
  private old: Map<string, Value>[];
  private entries = 0;
  private characters = 0;
  /** Hashes of texts that were seen once, each in the slot its lower bits name. */
  private readonly seen = new Int32Array(1024);

  /**
   * @param spaces how many separate sets of keys there are
   * @param weigh how many characters a value has
   */
  constructor(
    private readonly spaces: number,
    private readonly weigh: (value: Value) => number,
  ) {
    this.young = emptyMaps(spaces);
    this.old = emptyMaps(spaces);
  }

  get(space: number, key: string): Value | undefined {
    const value = this.young[space]?.get(key);
    if (value !== undefined) return value;
    const older = this.old[space]?.get(key);
    if (older !== undefined) this.put(space, key, older);
    return older;
  }

  /** @param isLikelyUnique the key may well never come again: it is only kept when it comes a second time */
  set(space: number, key: string, value: Value, isLikelyUnique: boolean): void {
    if (key.length > MAX_KEY_LENGTH) return;
    if (isLikelyUnique && !this.isKnown(space, key)) return;
    this.put(space, key, value);
  }

  private put(space: number, key: string, value: Value): void {
    const weight = key.length + this.weigh(value);
    if (this.entries >= MAX_ENTRIES || this.characters + weight > MAX_CHARACTERS) {
      this.old = this.young;
      this.young = emptyMaps(this.spaces);
      this.entries = this.characters = 0;
    }
    this.young[space]?.set(key, value);
    this.entries++;
    this.characters += weight;
  }

  private isKnown(space: number, key: string): boolean {
    let hash = space + 1;
    for (let i = 0; i < key.length; i++) hash = hashStep(hash, key.charCodeAt(i));
    const slot = (hash ^ (hash >>> 16)) & (this.seen.length - 1);
    if (this.seen[slot] === hash) return true;
    this.seen[slot] = hash;
    return false;
  }

  /** Entries in both generations. */
  get size(): number {
    return countEntries(this.young) + countEntries(this.old);
  }
}

function emptyMaps<Value>(count: number): Map<string, Value>[] {
  return Array.from({ length: count }, () => new Map<string, Value>());
}

function countEntries(maps: readonly Map<string, unknown>[]): number {
  return maps.reduce((sum, map) => sum + map.size, 0);
}
