/** What a proxy read on the wire, compared with the spans of it. */
import assert from 'node:assert/strict';
import type { ReceivedSpan } from '../helpers/span';
import type { Statement } from '../helpers/statement-proxy';
import { comparable } from './pg-harness';

/** What an ORM sends is traced, whoever it sends it for: each statement once. */
export function assertOnTheWire(statements: readonly Statement[], spans: readonly ReceivedSpan[]): void {
  assert.ok(statements.length > 10);
  // The text of a long statement is cut.
  const start = (text: unknown): string => comparable(text).slice(0, 200);
  assert.deepEqual(
    spans.map(({ attributes }) => start(attributes['db.query.text'])).sort(),
    statements.map(({ text }) => start(text)).sort(),
  );
}

/** Every command of the app's on the wire has one span, and there is no other. A driver's own errors are of what was not sent. */
export function assertCommands(
  made: readonly ReceivedSpan[],
  sent: readonly Statement[],
  port: number | undefined,
  route: string,
): void {
  const told = made.filter(
    ({ attributes }) =>
      attributes['server.port'] === port && !String(attributes['error.type'] ?? '').startsWith('Mongo'),
  );
  assert.deepEqual(
    told.map(({ attributes }) => [attributes['db.operation.name'], attributes['db.namespace']].join()).sort(),
    sent.map(({ text, args = [] }) => [text, args[0]].join()).sort(),
    `${route}: spans and commands on the wire`,
  );
  for (const { attributes } of told) {
    const { 'db.collection.name': collection, 'db.operation.name': operation } = attributes;
    assert.ok(
      collection === undefined ||
        sent.some(({ text, args }) => text === operation && args?.includes(String(collection))),
      `${route}: ${String(operation)} is of ${String(collection)}`,
    );
  }
}
