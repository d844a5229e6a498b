/** Names of libraries in the four variables that switch them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { registry } from '../../src/instrumentations';
import { codes, loadFrom, problemWith } from './loading';

const ENABLED = ['CANVASOPS_INSTRUMENTATIONS_ENABLED', 'OTEL_NODE_ENABLED_INSTRUMENTATIONS'] as const;
const DISABLED = ['CANVASOPS_INSTRUMENTATIONS_DISABLED', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS'] as const;
const SWITCHES = [...new Set(registry.flatMap(({ name, group = name }) => [name, group]))];

describe('every name of the registry switches its library', () => {
  for (const variable of [...ENABLED, ...DISABLED]) {
    for (const name of SWITCHES) {
      it(`${variable}=${name}`, () => {
        const loaded = loadFrom({ [variable]: ` ${name.toUpperCase()},${name}` });
        assert.deepEqual(codes(loaded), []);
        const { enabledInstrumentations, disabledInstrumentations } = loaded.config;
        assert.deepEqual(variable.includes('ENABLED') ? enabledInstrumentations : disabledInstrumentations, [
          name,
        ]);
      });
    }
  }
});

describe('an unknown name is told, with the library that was probably meant', () => {
  const rows: [written: string, meant: string][] = [
    ['postgresql', 'pg'],
    ['node-postgres', 'pg'],
    ['pg-pool', 'pg'],
    ['@opentelemetry/instrumentation-pg', 'pg'],
    ['mysql3', 'mysql2'],
    ['mariadbs', 'mariadb'],
    ['https', 'http'],
    ['http-sever', 'http-server'],
    ['fetch', 'undici'],
    ['expres', 'express'],
  ];
  for (const [written, meant] of rows) {
    for (const variable of ['CANVASOPS_INSTRUMENTATIONS_ENABLED', 'CANVASOPS_INSTRUMENTATIONS_DISABLED']) {
      it(`${variable}=${written} -> ${meant}`, () => {
        const problem = problemWith(loadFrom({ [variable]: written }), 'LIBRARY_UNKNOWN');
        assert.equal(problem.severity, 'error');
        assert.equal(problem.variable, variable);
        assert.ok(problem.fix.startsWith(`Did you mean ${meant}? Known are: `), problem.fix);
      });
    }
  }
  it('one that is like none gets the list', () => {
    const { fix } = problemWith(
      loadFrom({ CANVASOPS_INSTRUMENTATIONS_DISABLED: 'frobnicator' }),
      'LIBRARY_UNKNOWN',
    );
    assert.ok(!fix.includes('Did you mean'));
    for (const name of SWITCHES) assert.ok(fix.includes(name), name);
  });
});

describe('the rest of a list counts', () => {
  it('of what is to be traced', () => {
    const loaded = loadFrom({ CANVASOPS_INSTRUMENTATIONS_ENABLED: 'http,postgresql' });
    assert.deepEqual(loaded.config.enabledInstrumentations, ['http']);
    assert.match(problemWith(loaded, 'LIBRARY_UNKNOWN').why, /left out/);
  });
  it('of what is not', () => {
    const loaded = loadFrom({ CANVASOPS_INSTRUMENTATIONS_DISABLED: 'postgresql,http' });
    assert.deepEqual(loaded.config.disabledInstrumentations, ['http']);
  });
  it('nothing known in a list of what is to be traced switches nothing off', () => {
    for (const variable of ENABLED) {
      const loaded = loadFrom({ [variable]: 'postgresql,postgress' });
      assert.equal(loaded.config.enabledInstrumentations, undefined);
      assert.match(problemWith(loaded, 'LIBRARY_UNKNOWN').why, /is ignored/);
    }
  });
  it('and the weaker variable is asked', () => {
    const env = {
      CANVASOPS_INSTRUMENTATIONS_ENABLED: 'postgresql',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
    };
    assert.deepEqual(loadFrom(env).config.enabledInstrumentations, ['http']);
  });
});

describe('a user of the official distribution keeps his variables', () => {
  it('names that this package does not cover are no problem there', () => {
    for (const value of ['fs,dns,net,http', 'grpc,socket.io,aws-lambda,pg', 'redis-4,nestjs-core,http']) {
      for (const variable of ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'OTEL_NODE_DISABLED_INSTRUMENTATIONS']) {
        assert.deepEqual(codes(loadFrom({ [variable]: value })), [], `${variable}=${value}`);
      }
    }
    assert.deepEqual(codes(loadFrom({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,dns' })), []);
  });
  it('the others are', () => {
    const { fix } = problemWith(
      loadFrom({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,postgresql' }),
      'LIBRARY_UNKNOWN',
    );
    assert.match(fix, /^Did you mean pg\?/);
  });
  it('under a name of ours they are, since they switch nothing', () => {
    assert.deepEqual(codes(loadFrom({ CANVASOPS_INSTRUMENTATIONS_DISABLED: 'fs' })), ['LIBRARY_UNKNOWN']);
  });
  it('a list of nothing but those is followed, and told', () => {
    const loaded = loadFrom({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'fs,grpc' });
    assert.deepEqual(loaded.config.enabledInstrumentations, ['fs', 'grpc']);
    assert.equal(problemWith(loaded, 'LIBRARIES_ALL_OFF').severity, 'warning');
  });
  it('an official name is that of the library whose spans it makes', () => {
    for (const { name, official } of registry) {
      if (official === undefined) continue;
      const short = official.slice('@opentelemetry/instrumentation-'.length);
      const { config } = loadFrom({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: short });
      const switches = registry.find((entry) => entry.name === name);
      const off = config.disabledInstrumentations;
      assert.ok(off.includes(name) || off.includes(switches?.group ?? name), `${short} -> ${off}`);
    }
  });
});
