/** Collects encoded spans, one `scope_spans` field of a ResourceSpans per instrumentation scope. */
import type { EndedSpan, InstrumentationScope } from '../tracing/types';
import { writeScope, writeSpan } from './encode';
import { ProtobufWriter, varintSize } from './protobuf-writer';

const RESOURCE_SPANS_SCOPE_SPANS = 0x12;
const SCOPE_SPANS_SCHEMA_URL = 0x1a;
/** Tag and the longest length that may have to go in front of a group. */
const HEADROOM = 6;
/** Tracers made without end (a name per request) must not collect buffers: then all are let go. */
const MAX_SCOPES = 64;

class ScopeGroup {
  readonly writer = new ProtobufWriter();
  readonly scope: InstrumentationScope;
  private readonly header: Uint8Array;
  private readonly trailer: Uint8Array;

  constructor(scope: InstrumentationScope) {
    this.scope = scope;
    writeScope(this.writer, scope);
    this.header = this.writer.take(0);
    if (scope.schemaUrl) this.writer.string(SCOPE_SPANS_SCHEMA_URL, scope.schemaUrl);
    this.trailer = this.writer.take(0);
  }

  begin(): void {
    this.writer.reserve(HEADROOM + this.header.length);
    this.writer.pos = HEADROOM;
    this.writer.putBytes(this.header);
  }

  /** The group as a field of its own; the group is empty afterwards. */
  finish(): Uint8Array {
    const { writer } = this;
    writer.reserve(this.trailer.length);
    writer.putBytes(this.trailer);
    const length = writer.pos - HEADROOM;
    const end = writer.pos;
    const start = HEADROOM - 1 - varintSize(length);
    writer.pos = start;
    writer.putByte(RESOURCE_SPANS_SCOPE_SPANS);
    writer.putVarint(length);
    writer.pos = end;
    return writer.take(start);
  }
}

export class ScopeSpansBuilder {
  /** Bytes collected so far, without the scopes themselves. */
  bytes = 0;
  private readonly openInference: boolean;
  /** Tracers keep one scope object each, so identity finds the group without making a key. */
  private readonly byIdentity = new Map<InstrumentationScope, ScopeGroup>();
  private readonly byName = new Map<string, ScopeGroup>();
  private readonly open: ScopeGroup[] = [];
  private last: ScopeGroup | undefined;

  constructor(openInference: boolean) {
    this.openInference = openInference;
  }

  /** Appends a span; when encoding throws, nothing of it is left behind. */
  add(span: EndedSpan): void {
    const group =
      this.last !== undefined && this.last.scope === span.scope ? this.last : this.groupOf(span.scope);
    const { writer } = group;
    const start = writer.pos;
    try {
      writeSpan(writer, span, this.openInference);
    } catch (error) {
      writer.pos = start;
      throw error;
    }
    this.bytes += writer.pos - start;
  }

  /** Everything collected, one complete field per scope; the builder is empty afterwards. */
  finish(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (const group of this.open) pieces.push(group.finish());
    this.open.length = 0;
    this.last = undefined;
    this.bytes = 0;
    if (this.byIdentity.size > MAX_SCOPES) {
      this.byIdentity.clear();
      this.byName.clear();
    }
    return pieces;
  }

  private groupOf(scope: InstrumentationScope): ScopeGroup {
    let group = this.byIdentity.get(scope);
    if (group === undefined) {
      const name = `${scope.name}\0${scope.version ?? ''}\0${scope.schemaUrl ?? ''}`;
      group = this.byName.get(name);
      if (group === undefined) {
        group = new ScopeGroup(scope);
        this.byName.set(name, group);
      }
      this.byIdentity.set(scope, group);
    }
    if (group.writer.pos === 0) {
      group.begin();
      this.open.push(group);
    }
    this.last = group;
    return group;
  }
}
