/**
 * Attributes that many spans may have in common, such as all that is known of a statement before it runs. From the second
 * span on, spans keep a reference to them instead of copies, and an encoder turns them into bytes once. The first span
 * takes copies, because many statements and clients occur only once.
 */
import type { AttributeValue } from '@opentelemetry/api';
import type { SanitizedValue } from '../redaction/sanitized';
import type { FlatAttributes } from './types';

export class AttributeBlock {
  readonly list: FlatAttributes = [];
  /** The length of the longest text in it, in characters. */
  longest = 0;
  /** A span has had it. */
  isUsed = false;
  /** What the encoder made of it; nobody else's to read. */
  encoded: Uint8Array | undefined = undefined;

  /**
   * Adds an attribute whose key is not there yet. No more once a span has the block.
   * @param value has passed redaction/, as with `RecordingSpan.put()`
   */
  put<T extends string>(key: string, value: SanitizedValue<T> | undefined): this {
    if (value === undefined) return this;
    this.list.push(key, value as AttributeValue);
    if (typeof value === 'string' && value.length > this.longest) this.longest = value.length;
    return this;
  }

  /** How many attributes it has. */
  get count(): number {
    return this.list.length / 2;
  }
}
