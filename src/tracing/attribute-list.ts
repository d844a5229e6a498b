/** The attributes of a span while it runs: a flat list, in which blocks may stand for many attributes at once. */
import type { AttributeValue } from '@opentelemetry/api';
import { cutText } from '../text/cut';
import { AttributeBlock } from './attribute-block';
import { indexOfKey } from './attributes';
import type { FlatAttributes, SpanLimits } from './types';

export type AttributePart = string | AttributeValue | AttributeBlock;

export class AttributeList {
  /** Attributes that were left out because the list was full. */
  dropped = 0;
  /** How many there are, those in blocks included. */
  private count = 0;
  private parts: AttributePart[] = [];
  private hasBlocks = false;

  /** Adds an attribute whose key is not there yet. */
  add(key: string, value: AttributeValue, limits: SpanLimits): void {
    if (this.count >= limits.attributeCount) {
      this.dropped++;
      return;
    }
    this.count++;
    const isLong = typeof value === 'string' && value.length > limits.attributeValueLength;
    this.parts.push(key, isLong ? cutText(value, limits.attributeValueLength) : value);
  }

  /** Adds all attributes of a block, none of whose keys may be there yet. */
  addBlock(block: AttributeBlock, limits: SpanLimits): void {
    const { list, count, longest, isUsed } = block;
    block.isUsed = true;
    if (isUsed && this.count + count <= limits.attributeCount && longest <= limits.attributeValueLength) {
      this.count += count;
      this.parts.push(block);
      this.hasBlocks = true;
    } else {
      for (let i = 0; i < list.length; i += 2)
        this.add(list[i] as string, list[i + 1] as AttributeValue, limits);
    }
  }

  /** Adds an attribute, or gives the one with this key another value. */
  set(key: string, value: AttributeValue, limits: SpanLimits): void {
    if (this.hasBlocks && this.isInBlock(key)) this.expand();
    const at = this.indexOf(key);
    if (at < 0) this.add(key, value, limits);
    else this.parts[at + 1] = value;
  }

  /** Like {@link set}; where the list is full, an older attribute gives way. */
  setEvenIfFull(key: string, value: AttributeValue, limits: SpanLimits): void {
    if (this.count >= limits.attributeCount && this.get(key) === undefined) {
      if (this.hasBlocks) this.expand();
      // Not the last one, which may have been put like this.
      const given = this.parts.splice(-4, 2).length / 2;
      this.dropped += given;
      this.count -= given;
    }
    this.set(key, value, limits);
  }

  get(key: string): AttributeValue | undefined {
    const at = this.indexOf(key);
    if (at >= 0) return this.parts[at + 1] as AttributeValue;
    if (!this.hasBlocks) return undefined;
    for (const part of this.parts) {
      if (!(part instanceof AttributeBlock)) continue;
      const inBlock = indexOfKey(part.list, key);
      if (inBlock >= 0) return part.list[inBlock + 1];
    }
    return undefined;
  }

  /** Without blocks. */
  get flat(): FlatAttributes {
    if (this.hasBlocks) this.expand();
    return this.parts as FlatAttributes;
  }

  /** `[key, value, block, key, value, ...]`; undefined where there are no blocks. */
  get mixed(): readonly AttributePart[] | undefined {
    return this.hasBlocks ? this.parts : undefined;
  }

  /** Of an attribute that is in no block. */
  private indexOf(key: string): number {
    const { parts } = this;
    if (!this.hasBlocks) return indexOfKey(parts as FlatAttributes, key);
    // In the place of a key there is a text or a block.
    for (let i = 0; i < parts.length; i += typeof parts[i] === 'string' ? 2 : 1) {
      if (parts[i] === key) return i;
    }
    return -1;
  }

  private isInBlock(key: string): boolean {
    for (const part of this.parts)
      if (part instanceof AttributeBlock && indexOfKey(part.list, key) >= 0) return true;
    return false;
  }

  private expand(): void {
    const flat: FlatAttributes = [];
    const { parts } = this;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as AttributePart;
      if (part instanceof AttributeBlock) flat.push(...part.list);
      else flat.push(part as string, parts[++i] as AttributeValue);
    }
    this.parts = flat;
    this.hasBlocks = false;
  }
}
