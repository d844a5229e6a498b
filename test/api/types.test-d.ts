/** Not run: the type checker reads it. A wrong line fails `npm run check:types`, as does an error that is expected and missing. */
import type { Span, Tracer } from '@opentelemetry/api';
import {
  addEvent,
  addMetadata,
  getCurrentSpan,
  getTracer,
  span,
  startSpan,
  traceBulkCreate,
  traceDatabaseQuery,
  traceExternalRequest,
  traceFunction,
  tracer,
  traceSave,
} from '../../src/api';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function exactly<Expected>() {
  return <Actual>(_value: Actual, _same: Equal<Actual, Expected>): void => undefined;
}

export function checked(given: Span, user: { load(id: string, deep?: boolean): Promise<number> }): void {
  // results keep their type
  exactly<number>()(
    span('x', () => 1 as number),
    true,
  );
  exactly<Promise<string>>()(
    span('x', async () => 'a' as string),
    true,
  );
  exactly<Promise<string>>()(
    span('x', { kind: 1, root: true, attributes: { any: new Date() } }, async (s) => s.spanContext().traceId),
    true,
  );
  exactly<Generator<number, void, boolean>>()(
    span('x', function* (): Generator<number, void, boolean> {}),
    true,
  );
  const both: Span & Disposable = startSpan('x');
  both.end();
  exactly<Span | undefined>()(getCurrentSpan(), true);
  exactly<Tracer>()(getTracer(), true);
  exactly<number[]>()(
    traceDatabaseQuery('SELECT 1', { system: 'mysql' }, () => [1] as number[]),
    true,
  );
  exactly<Promise<Response>>()(
    traceExternalRequest('GET', new URL('http://a/'), () => fetch('http://a/')),
    true,
  );

  // functions keep their signature
  exactly<(id: string, deep?: boolean) => Promise<number>>()(traceFunction('x')(user.load), true);
  const generic = traceFunction()(<T>(value: T): T[] => [value]);
  exactly<number[]>()(generic(1 as number), true);
  exactly<(rows: string[]) => number>()(
    traceBulkCreate({ name: 'User' })((rows: string[]) => rows.length),
    true,
  );

  // the two forms of addMetadata
  exactly<boolean>()(addMetadata('key', { any: 'value' }), true);
  exactly<boolean>()(addMetadata('key', 1, given), true);
  exactly<boolean>()(addMetadata({ a: 1, b: undefined }), true);
  exactly<boolean>()(addMetadata({ a: 1 }, given), true);
  exactly<boolean>()(addEvent('name', { a: 1n }, given), true);
  exactly<boolean>()(tracer.addMetadata('key', 1), true);

  // @ts-expect-error a key needs a value
  addMetadata('key');
  // @ts-expect-error several values leave no room for another one
  addMetadata({ a: 1 }, 'value', given);
  // @ts-expect-error a span needs a function
  span('x');
  // @ts-expect-error only functions are wrapped
  traceFunction('x')(1);
  // @ts-expect-error the arguments are still checked
  traceFunction('x')(user.load)(1);
}

export class Decorated {
  @traceFunction()
  plain(n: number): string {
    return String(n);
  }

  @traceSave('Decorated')
  static async save(): Promise<void> {}

  // @ts-expect-error fields are no methods
  @traceFunction()
  field = 1;
}
