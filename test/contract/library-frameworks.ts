/** The spans of web frameworks: each request of a library's fixture has the route, the errors and the user that it says. */
import assert from 'node:assert/strict';
import { callerTrace } from '../helpers/traceparent';
import { inTrace } from '../helpers/tree';
import { type Subject, withApp } from './libraries';
import { recordResult } from './library-results';

/** What a request of `library.cjs` says of itself. */
interface Expected {
  /** As it is written in the app; empty where none is reached. */
  readonly route: string;
  /** 200 unless told. */
  readonly status?: number;
  /** `Type: message`, in order. Not looked at for a failure that says nothing of them. */
  readonly exceptions?: readonly string[];
  /** The id that `user.id` has. */
  readonly user?: string;
}

/** All of them at once, `times` over. */
export async function assertRequests(subject: Subject, times: number): Promise<void> {
  const env = { CANVASOPS_CAPTURE_USER: 'true' };
  await withApp(
    subject,
    async ({ app, receiver }) => {
      const requests = (await app.get('/requests')).json<Record<string, Expected>>();
      const asked = Array.from({ length: times }, () =>
        Object.entries(requests).map(([request, expected]) => ({ request, expected, ...callerTrace() })),
      ).flat();
      const answered = await Promise.all(
        asked.map(async ({ request, headers, ...others }) => {
          const [method = '', path = ''] = request.split(' ');
          const { status } = await app.request({ method, path, headers });
          return { request, status, ...others };
        }),
      );
      const spans = await receiver.waitForSpans(asked.length + 1).catch((error: unknown) => {
        recordResult(subject, receiver.spans().length, asked.length);
        throw error;
      });
      recordResult(subject, spans.length - 1, asked.length);
      for (const { request, status, expected, traceId, spanId } of answered) {
        assert.equal(status, expected.status ?? 200, request);
        const [span, ...others] = inTrace(spans, traceId);
        assert.deepEqual(others, [], 'middleware and hooks have no spans');
        assert.ok(span, request);
        assert.equal(span.parentSpanId, spanId);
        const [method = ''] = request.split(' ');
        const isFault = status >= 500;
        const exceptions = span.events.map(
          ({ attributes }) => `${attributes['exception.type']}: ${attributes['exception.message']}`,
        );
        assert.deepEqual(
          {
            name: span.name,
            route: span.attributes['http.route'] ?? '',
            status: span.status.code,
            user: span.attributes['user.id'],
            exceptions,
          },
          {
            name: expected.route === '' ? method : `${method} ${expected.route}`,
            route: expected.route,
            status: isFault ? 'error' : 'unset',
            user: expected.user,
            exceptions: expected.exceptions ?? (isFault ? exceptions : []),
          },
          request,
        );
      }
      for (const { body } of receiver.requests)
        assert.equal(body.includes('example.com'), false, 'nothing of a user gets out but the id');
    },
    env,
  );
}
