/** What meets a text that somebody sent, or a server answered, costs as much as the text is long, and no more. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadBundled } from './bundled';

const SRC = join(__dirname, '../../src');
const KIB = 1024;

/** The cheapest of several runs: other work on the machine only adds to it. */
function cost(work: () => void, repetitions: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = process.cpuUsage();
    for (let k = 0; k < repetitions; k++) work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best;
}

/** 16 times the text: linear code takes 16 times as long, quadratic code 256 times. */
function assertLinear(name: string, piece: string, work: (text: string) => void): void {
  const of = (length: number): string => piece.repeat(Math.ceil(length / piece.length));
  const [small, large] = [of(4 * KIB), of(64 * KIB)];
  let ratio = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && ratio > 48; i++) {
    ratio = Math.min(
      ratio,
      cost(() => work(large), 2) /
        Math.max(
          100,
          cost(() => work(small), 2),
        ),
    );
  }
  assert.ok(
    ratio <= 48,
    `${name}, ${JSON.stringify(piece)}: ${ratio.toFixed(1)} times as long for 16 times the text`,
  );
}

const PIECES = [
  ...['a', ' ', ',', ';', '=', '%', '"', '\\', '@', ':', '/', '-', '\t', 'é', '\0', '\ud800', '[', '*', '.'],
  ...['a=b,', 'a=b;c,', '=,', 'a=,', '%2', '%20=', 'a=%,', ' a = b , ', 'for=a;', 'for="', 'host="a,', '\\"'],
  ...[
    '00-',
    '%3A',
    'Root=1-',
    ';Parent=',
    'user:pass@',
    'http://a@',
    '[::1]:',
    'password=',
    'Bearer ',
    '/*',
    '/**/',
  ],
];

/** Split once: what is measured is not the splitting. */
const split = new Map<string, string[]>();

function charactersOf(text: string): string[] {
  let characters = split.get(text);
  if (characters === undefined) {
    if (split.size > 4) split.clear();
    characters = Array.from(text);
    split.set(text, characters);
  }
  return characters;
}

type AnyText = (text: string) => unknown;

async function exportsOf(file: string): Promise<Record<string, (...args: unknown[]) => unknown>> {
  return loadBundled(join(SRC, file));
}

async function scanners(): Promise<Record<string, AnyText>> {
  const [baggage, state, w3c, xray, jaeger, b3] = await Promise.all([
    exportsOf('tracing/propagation/baggage.ts'),
    exportsOf('tracing/propagation/trace-state.ts'),
    exportsOf('tracing/propagation/w3c.ts'),
    exportsOf('tracing/propagation/xray.ts'),
    exportsOf('tracing/propagation/jaeger.ts'),
    exportsOf('tracing/propagation/b3.ts'),
  ]);
  const [forwarded, target, ignore, headers, keys, clean, command, documents, url, message, exception, log] =
    await Promise.all([
      exportsOf('instrumentations/operations/proxy-headers.ts'),
      exportsOf('instrumentations/operations/request-target.ts'),
      exportsOf('instrumentations/operations/ignore-paths.ts'),
      exportsOf('redaction/http/headers.ts'),
      exportsOf('redaction/secrets/names.ts'),
      exportsOf('redaction/sanitized.ts'),
      exportsOf('redaction/database/redis.ts'),
      exportsOf('redaction/database/document.ts'),
      exportsOf('redaction/http/url.ts'),
      exportsOf('redaction/database/error-message.ts'),
      exportsOf('tracing/exception.ts'),
      exportsOf('diagnostics/log.ts'),
    ]);
  const extracting = (
    module: Record<string, unknown>,
    name: string,
    header: string,
    ...args: unknown[]
  ): AnyText => {
    const Propagator = module[name] as new (...args: unknown[]) => { extract(...args: unknown[]): unknown };
    const propagator = new Propagator(...args);
    const context = { getValue: () => undefined };
    return (text) =>
      propagator.extract(context, text, {
        get: (carrier: string, key: string) => (key === header ? carrier : undefined),
      });
  };
  const described = { getAllEntries: () => [] as [string, { value: string }][] };
  return {
    baggage: (text) => baggage.parseBaggage?.(text),
    'baggage to be sent': (text) =>
      baggage.formatBaggage?.({ ...described, getAllEntries: () => [[text, { value: text }]] }),
    'many lines of baggage': (text) =>
      baggage.formatBaggage?.({
        getAllEntries: () =>
          charactersOf(text)
            .slice(0, 9999)
            .map((c) => [c, { value: c }]),
      }),
    tracestate: (text) => state.parseTraceState?.(text),
    traceparent: (text) => w3c.parseTraceparent?.(text, text),
    'a later traceparent': (text) =>
      w3c.parseTraceparent?.(`01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${text}`, text),
    'X-Ray': extracting(xray, 'XRayPropagator', 'x-amzn-trace-id'),
    Jaeger: extracting(jaeger, 'JaegerPropagator', 'uber-trace-id'),
    B3: extracting(b3, 'B3Propagator', 'b3', 'single'),
    Forwarded: (text) => forwarded.forwardedParameter?.(text, 'host'),
    'X-Forwarded-For': (text) => forwarded.firstOf?.(text),
    Host: (text) => forwarded.splitHost?.(text),
    'request target': (text) => target.splitTarget?.(text),
    'ignored path': (text) => ignore.matchesGlob?.(text, '/a/**/b/*'),
    header: (text) => headers.redactHeader?.('x-debug', text),
    'name of a header': (text) => headers.redactHeader?.(text, 'a'),
    key: (text) => keys.isSecretKey?.(text),
    name: (text) => clean.sanitizeName?.(text, Number.POSITIVE_INFINITY),
    path: (text) => url.redactPath?.(text),
    query: (text) => url.redactQuery?.(text),
    'Redis key': (text) => command.describeRedisCommand?.('GET', [text]),
    'Redis keys': (text) => command.describeRedisCommand?.('DEL', charactersOf(text)),
    'Redis command': (text) => command.describeRedisCommand?.(text, []),
    'Redis batch': (text) =>
      command.describeRedisCommands?.(
        charactersOf(text)
          .slice(0, 9999)
          .map((name) => ({ name, args: [name] })),
      ),
    document: (text) => documents.sanitizeDocument?.(text),
    'values in a document': (text) => documents.sanitizeDocument?.(`{a:${text}`),
    'message of a database': (text) => message.redactDatabaseMessage?.(text, text),
    'sent values': (text) =>
      message.maskSentValues?.(
        text,
        Array.from({ length: 64 }, (_, i) => text.slice(i, i + 8)),
      ),
    'message of an error': (text) => exception.safeText?.(text),
    'line of the log': (text) => log.singleLine?.(text),
  };
}

test('headers, targets, names, commands and messages are read in linear time', async () => {
  for (const [name, scan] of Object.entries(await scanners())) {
    for (const piece of PIECES) assertLinear(name, piece, (text) => void scan(text));
  }
});
