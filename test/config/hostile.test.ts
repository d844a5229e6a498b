import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROWS } from '../../src/config/settings';
import { loadFrom } from './loading';

const NAMES = ROWS.flatMap(([, row]) => row.names);

const VALUES: readonly (readonly [what: string, value: string])[] = [
  ['10 kB', 'x'.repeat(10_000)],
  ['100 kB of commas', ','.repeat(100_000)],
  ['100 kB of pairs', 'a=b,'.repeat(25_000)],
  ['100 kB of slashes', `http://x${'/'.repeat(100_000)}y`],
  ['100 kB of colons', ':'.repeat(100_000)],
  ['100 kB of quotation marks', '"'.repeat(100_000)],
  ['100 kB of spaces around a letter', `${' '.repeat(50_000)}x${' '.repeat(50_000)}y`],
  ['100 kB of digits', '9'.repeat(100_000)],
  ['100 kB of percent signs', `a=${'%'.repeat(100_000)}`],
  ['a long host', `http://${'a.'.repeat(10_000)}b:4318`],
  ['NUL', 'a\0b'],
  ['a lone surrogate', '\ud800'],
  ['emoji', '👩‍💻=👩‍💻'],
  ['right to left', '\u202eevil\u202c'],
  ['a URL in Cyrillic', 'http://пример.испытание:4318'],
  ['prototype names', '__proto__=x,constructor=y,toString=z'],
  ['JSON', '{"a":1}'],
  ['a template', '${OTEL_SERVICE_NAME'],
  ['a shell command', '$(rm -rf /)'],
  ['a lone quotation mark', '"'],
  ['a lone equals sign', '='],
];

describe('no value makes loading throw, hang or say something that is no sentence', () => {
  for (const [what, value] of VALUES) {
    it(`${what}, in every variable at once and one by one`, () => {
      const started = performance.now();
      const all = Object.fromEntries(NAMES.map((name) => [name, value]));
      const results = [loadFrom(all), loadFrom({}, all), ...NAMES.map((name) => loadFrom({ [name]: value }))];
      for (const { config, problems, settings } of results) {
        assert.ok(Array.isArray(config.destinations));
        assert.ok(problems.length < 200, `${problems.length} problems`);
        for (const problem of problems) {
          const sentence = problem.why + problem.fix;
          assert.ok(sentence.length < 1500, problem.code);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
          assert.doesNotMatch(sentence, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        }
        for (const { shown } of settings) assert.ok(shown.length < 40_000);
      }
      assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
    });
  }
});

describe('an object that is not quite an environment', () => {
  it('undefined values', () =>
    assert.equal(loadFrom({ OTEL_SERVICE_NAME: undefined }).config.serviceName, undefined));
  it('no prototype', () => {
    const env: Record<string, string> = Object.create(null);
    env.OTEL_SERVICE_NAME = 'x';
    assert.equal(loadFrom(env).config.serviceName, 'x');
  });
  it('inherited variables are none', () => {
    const env: Record<string, string> = Object.create({ OTEL_SERVICE_NAME: 'inherited' });
    assert.equal(loadFrom(env).config.serviceName, undefined);
  });
  it('is not changed', () => {
    const env = Object.freeze({ OTEL_SERVICE_NAME: 'x', JAEGER_HOST: 'j', OTEL_RESOURCE_ATTRIBUTES: 'a=b' });
    loadFrom(env);
  });
});

it('loading is pure: the same sources give the same result', () => {
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: 'a=b',
    JAEGER_HOST: 'j',
    OTEL_PROPAGATORS: 'none',
    OTEL_TRACE_SAMPLER: 'x',
  };
  assert.deepEqual(loadFrom(env), loadFrom(env));
});

it('loading takes about a millisecond', () => {
  const env = {
    OTEL_SERVICE_NAME: 'x',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
    JAEGER_HOST: 'j',
  };
  // The best of many runs: a busy machine slows some of them down, but not all.
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) {
    const started = performance.now();
    loadFrom(env);
    best = Math.min(best, performance.now() - started);
  }
  assert.ok(best < 2, `${best} ms`);
});
