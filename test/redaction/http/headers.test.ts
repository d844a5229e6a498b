import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactHeader } from '../../../src/redaction/http/headers';

for (const name of [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
  'x-xsrf-token',
  'x-amz-security-token',
  'x-functions-key',
  'ocp-apim-subscription-key',
  'x-session-id',
  'x-auth-user',
  'authentication-info',
  'cf-access-jwt-assertion',
  'x-hub-signature',
  'x-client-secret',
  'x-forwarded-access-token',
]) {
  test(`${name} is secret`, () => assert.equal(redactHeader(name, 'abc'), 'REDACTED'));
}

for (const name of [
  'content-type',
  'accept',
  'x-request-id',
  'x-author',
  'user-agent',
  'x-keyboard',
  'etag',
  'traceparent',
]) {
  test(`${name} is not secret`, () => assert.equal(redactHeader(name, 'abc; def'), 'abc; def'));
}

test('secrets in other headers', () => {
  assert.equal(
    redactHeader('referer', 'https://u:p@h/?token=abc&a=1'),
    'https://REDACTED:REDACTED@h/?token=REDACTED&a=1',
  );
  assert.equal(redactHeader('x-forwarded-uri', '/cb?code=abc'), '/cb?code=REDACTED');
  assert.equal(redactHeader('x-custom', 'Bearer abc'), 'Bearer REDACTED');
});
