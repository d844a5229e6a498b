import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { displayUrl, describe as inWords, withoutSecrets } from '../../../src/export/delivery/describe';
import { otlp } from '../config';

describe('destinations in words', () => {
  it('have no secrets', () => {
    assert.equal(
      displayUrl('https://user:pass@host:4318/v1/traces?api_key=secret#x'),
      'https://host:4318/v1/traces?…',
    );
    assert.equal(displayUrl('http://host:4317/'), 'http://host:4317');
    assert.equal(
      displayUrl('https://host/receiver/v1/otlp/ZaVnC4dhaV39Tn37Qq==/v1/traces'),
      'https://host/receiver/v1/otlp/REDACTED/v1/traces',
    );
    assert.equal(displayUrl('nonsense'), 'an invalid URL');
    assert.equal(
      inWords({ id: 'j', label: 'Jaeger', transport: 'jaeger-udp', host: 'h', port: 6831 }),
      'Jaeger, udp://h:6831',
    );
    assert.equal(
      inWords({ id: 'c', label: 'Custom', transport: 'custom', module: './x.mjs', timeoutMs: 1 }),
      'Custom, ./x.mjs',
    );
    assert.equal(inWords({ id: 't', label: 'Terminal', transport: 'console' }), 'Terminal');
    assert.equal(inWords(otlp('http://h:1/p')), 'OTLP, http://h:1/p');
  });
});

describe('what others say, without our keys', () => {
  const pair = Buffer.from('ann:p4ssw0rd').toString('base64');
  const rows: [said: string, headers: Record<string, string>, shown: string][] = [
    ['no key abcdef here', { authorization: 'Bearer abcdef' }, 'no key *** here'],
    ['Bearer abcdef', { authorization: 'Bearer abcdef' }, '***'],
    ['bearer and ApiKey: abcdef', { authorization: 'ApiKey abcdef' }, 'bearer and ApiKey: ***'],
    ['nor ghijkl', { 'x-key': 'ghijkl', short: 'no' }, 'nor ***'],
    [`got Basic ${pair}`, { authorization: `Basic ${pair}` }, 'got ***'],
    [`cannot decode ${pair}`, { authorization: `Basic ${pair}` }, 'cannot decode ***'],
    ['wrong password p4ssw0rd of ann', { authorization: `Basic ${pair}` }, 'wrong password *** of ann'],
    ['abc%2Fdef%3D', { 'x-key': 'abc/def=' }, '***'],
    ['{"key":"ab\\"cd"}', { 'x-key': 'ab"cd' }, '{"key":"***"}'],
    ['first-and-more', { a: 'first', b: 'first-and-more' }, '***'],
    ['Cannot POST /v1/traces?api_key=q%20uery', {}, 'Cannot POST /v1/traces?***'],
    ['no such tenant: q uery', {}, 'no such tenant: ***'],
  ];
  for (const [said, headers, shown] of rows) {
    it(said, () => {
      const destination = { ...otlp('https://host/v1/traces?api_key=q%20uery'), headers };
      assert.equal(withoutSecrets(said, destination), shown);
    });
  }
});
