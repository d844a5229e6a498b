/** W3C baggage, bounded in both directions (W3C Baggage, section 3.3: 64 members, 8,192 bytes). */
import type {
  Baggage,
  BaggageEntry,
  Context,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { toText } from '../attributes';
import { toTraceContext } from '../context';
import { joined } from './carrier';

const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;

export class MapBaggage implements Baggage {
  constructor(private readonly entries: ReadonlyMap<string, BaggageEntry> = new Map()) {}

  getEntry(key: string): BaggageEntry | undefined {
    return this.entries.get(key);
  }
  getAllEntries(): [string, BaggageEntry][] {
    return [...this.entries];
  }
  setEntry(key: string, entry: BaggageEntry): Baggage {
    return new MapBaggage(new Map(this.entries).set(key, entry));
  }
  removeEntry(key: string): Baggage {
    return this.removeEntries(key);
  }
  removeEntries(...keys: string[]): Baggage {
    const entries = new Map(this.entries);
    for (const key of keys) entries.delete(key);
    return new MapBaggage(entries);
  }
  clear(): Baggage {
    return new MapBaggage();
  }
}

export class BaggagePropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const own = toTraceContext(context);
    if (own.suppressed || own.baggage === undefined) return;
    const header = formatBaggage(own.baggage);
    if (header !== '') setter.set(carrier, 'baggage', header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = joined(getter, carrier, 'baggage');
    const baggage = header === undefined ? undefined : parseBaggage(header);
    return baggage === undefined ? context : toTraceContext(context).withBaggage(baggage);
  }

  fields(): string[] {
    return ['baggage'];
  }
}

/** As many whole members as fit. */
export function formatBaggage(baggage: Baggage): string {
  let header = '';
  let count = 0;
  for (const [key, entry] of baggage.getAllEntries()) {
    if (count === MAX_MEMBERS) break;
    if (key === '') continue;
    const member = `${encode(key)}=${encode(entry.value)}${formatMetadata(entry)}`;
    const comma = count === 0 ? '' : ',';
    if (header.length + comma.length + member.length > MAX_BYTES) continue;
    header += comma + member;
    count++;
  }
  return header;
}

/** Metadata goes out as it is, so it must not be able to end the member or the header. */
function formatMetadata(entry: BaggageEntry): string {
  const text = entry.metadata === undefined ? '' : toText(entry.metadata);
  return text === '' || text.includes(',') || !isPrintableAscii(text) ? '' : `;${text}`;
}

/** The entries of a header; malformed members are passed over, what is beyond the limits is left out. */
export function parseBaggage(header: string): Baggage | undefined {
  const entries = new Map<string, BaggageEntry>();
  for (const part of splitBounded(header)) {
    if (entries.size === MAX_MEMBERS) break;
    const at = part.indexOf('=');
    if (at < 1 || !isKey(part.slice(0, at).trim())) continue;
    const semicolon = part.indexOf(';', at);
    const key = decode(part.slice(0, at).trim());
    const value = decode(part.slice(at + 1, semicolon < 0 ? undefined : semicolon).trim());
    if (key === undefined || key === '' || value === undefined) continue;
    entries.set(
      key,
      semicolon < 0 ? { value } : { value, metadata: metadataOf(part.slice(semicolon + 1).trim()) },
    );
  }
  return entries.size === 0 ? undefined : new MapBaggage(entries);
}

function splitBounded(header: string): string[] {
  // A cut member at the end must not become a shorter, different value.
  if (header.length <= MAX_BYTES) return header.split(',');
  const cut = header.lastIndexOf(',', MAX_BYTES);
  return cut < 0 ? [] : header.slice(0, cut).split(',');
}

/** The API's type has a private symbol as its mark, which nobody can read. */
function metadataOf(text: string): NonNullable<BaggageEntry['metadata']> {
  return { toString: () => text } as NonNullable<BaggageEntry['metadata']>;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** encodeURIComponent throws on lone surrogates. */
function encode(text: unknown): string {
  return encodeURIComponent(Buffer.from(toText(text), 'utf8').toString('utf8'));
}

/** Printable ASCII without the two characters that structure a member. */
function isKey(text: string): boolean {
  return isPrintableAscii(text) && !text.includes(';') && !text.includes(' ');
}

function isPrintableAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}
