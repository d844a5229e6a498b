/** NestJS seen from outside: what its own exception handling would keep from express and fastify. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertFailures,
  assertRoutes,
  assertSameBehaviour,
  type Failure,
  manyRoutes,
  thrown,
  withApp,
} from './framework-harness';

const routes: Record<string, string> = {
  'GET /things/7': '/things/:id',
  'GET /numbers/7': '/numbers/:id',
  'GET /nowhere': '',
};

const failures: Record<string, Failure> = {
  'GET /throws': thrown(500, '/throws', 'TypeError: thrown by a handler'),
  'POST /rejects': thrown(500, '/rejects', 'SyntaxError: rejected by a handler'),
  'GET /text': thrown(500, '/text', 'Error: just a text'),
  'GET /intercepted': thrown(500, '/intercepted', 'RangeError: thrown by an interceptor'),
  'GET /broken': thrown(503, '/broken', 'ServiceUnavailableException: out of order'),
  // The client's fault: the exception is there, and the span is no error.
  'GET /teapot': thrown(418, '/teapot', 'ImATeapotException: short and stout'),
  'GET /missing/1': thrown(404, '/missing/:id', 'NotFoundException: no such thing'),
  'GET /guarded': thrown(401, '/guarded', 'UnauthorizedException: who are you?'),
  'GET /forbidden': thrown(403, '/forbidden', 'ForbiddenException: Forbidden resource'),
  'GET /numbers/x': thrown(
    400,
    '/numbers/:id',
    'BadRequestException: Validation failed (numeric string is expected)',
  ),
  // Answered by a filter of the app: it decides by its status.
  'GET /refused': thrown(409, '/refused', 'Refused: by a rule'),
  'GET /unavailable': thrown(503, '/unavailable', 'Unavailable: by a rule, too'),
};

/** express matches the middleware's path like a route, fastify runs it before there is one. */
const middleware: Record<string, string> = { express: '/middleware', fastify: '' };

for (const platform of ['express', 'fastify']) {
  test(`the exception of a request is recorded, whoever answers it, on ${platform}`, async () => {
    await withApp('fixtures/nestjs/app.cjs', { PLATFORM: platform }, async (ask) => {
      await assertRoutes(ask, routes);
      await assertFailures(ask, {
        ...failures,
        'GET /middleware': thrown(
          403,
          middleware[platform] ?? '',
          'ForbiddenException: stopped by a middleware',
        ),
      });
    });
  });

  test(`switched off there is none, on ${platform}`, async () => {
    const env = { PLATFORM: platform, CANVASOPS_INSTRUMENTATIONS_DISABLED: 'nestjs-core' };
    await withApp('fixtures/nestjs/app.cjs', env, async (ask) => {
      const { span } = await ask('GET /throws');
      assert.deepEqual([span.status.code, span.events], ['error', []]);
    });
  });
}

test('clients get the same answers', () => assertSameBehaviour('fixtures/nestjs/behaviour.cjs', manyRoutes));
