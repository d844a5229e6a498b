import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { load } from '../../src/config/load';
import { readSources } from '../../src/config/sources';
import { registry } from '../../src/instrumentations';

const scratch = mkdtempSync(join(tmpdir(), 'canvasops-env-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A fresh directory with a .env of that content, if any. */
function directory(content?: string | Uint8Array): string {
  const path = mkdtempSync(join(scratch, 'd-'));
  if (content !== undefined) writeFileSync(join(path, '.env'), content);
  return path;
}

const values = (cwd: string, env: Record<string, string> = {}) => readSources(env, cwd).file?.values;
const problem = (cwd: string, env: Record<string, string> = {}) => readSources(env, cwd).problems?.[0];

/** root may read everything. */
function asOrdinaryUser<T>(fn: () => T): T {
  if (process.geteuid?.() !== 0) return fn();
  process.seteuid?.(65_534); // nobody
  try {
    return fn();
  } finally {
    process.seteuid?.(0);
  }
}

describe('.env in the working directory', () => {
  it('is read', () => {
    const cwd = directory('# comment\nexport OTEL_SERVICE_NAME="my shop" # why\n\nJAEGER_HOST=jaeger\n');
    assert.deepEqual({ ...values(cwd) }, { OTEL_SERVICE_NAME: 'my shop', JAEGER_HOST: 'jaeger' });
    const { config, settings } = load(readSources({}, cwd), registry);
    assert.equal(config.serviceName, 'my shop');
    assert.equal(settings.find(({ id }) => id === 'jaegerHost')?.origin.file, join(cwd, '.env'));
  });
  it('is nothing when it is missing', () => {
    const cwd = directory();
    assert.deepEqual(readSources({}, cwd), { env: {}, cwd });
  });
  it('may be a directory (as a Python virtual environment is): a warning', () => {
    const cwd = directory();
    mkdirSync(join(cwd, '.env'));
    assert.deepEqual([problem(cwd)?.code, problem(cwd)?.severity], ['ENV_FILE_SKIPPED', 'warning']);
    assert.equal(
      load(readSources({}, cwd), registry).problems[0]?.code,
      'ENV_FILE_SKIPPED',
      'and load passes it on',
    );
  });
  it('may have a byte order mark, and may be UTF-16 from PowerShell', () => {
    assert.deepEqual({ ...values(directory('\ufeffJAEGER_HOST=j\r\n')) }, { JAEGER_HOST: 'j' });
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('JAEGER_HOST=j\r\n', 'utf16le')]);
    assert.deepEqual({ ...values(directory(utf16)) }, { JAEGER_HOST: 'j' });
  });
  for (const [what, content] of [
    ['blank lines', '\n'.repeat(200_000)],
    ['an open quotation mark', `A='${'\\"x'.repeat(100_000)}`],
    ['one long line', `A=${'x'.repeat(900_000)}`],
    ['random bytes', Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256))],
  ] as const) {
    it(`full of ${what} does not hold up the start`, () => {
      const cwd = directory(content);
      const started = performance.now();
      readSources({}, cwd);
      assert.ok(performance.now() - started < 1000);
    });
  }
  it('of more than 1 MiB is not read', () => {
    assert.equal(problem(directory('#'.repeat(1024 * 1024 + 1)))?.code, 'ENV_FILE_SKIPPED');
  });
  it('cannot reach prototypes', () => {
    const cwd = directory('__proto__=x\nconstructor=y\nOTEL_SERVICE_NAME=z\n');
    assert.equal(load(readSources({}, cwd), registry).config.serviceName, 'z');
    assert.equal(({} as Record<string, unknown>).x, undefined);
  });
});

describe('CANVASOPS_ENV_FILE', () => {
  it('names another file, from the working directory', () => {
    const cwd = directory('JAEGER_HOST=wrong');
    writeFileSync(join(cwd, 'my.env'), 'JAEGER_HOST=right');
    assert.equal(values(cwd, { CANVASOPS_ENV_FILE: ' my.env ' })?.JAEGER_HOST, 'right');
  });
  it('is not obeyed inside a file', () => {
    const cwd = directory('CANVASOPS_ENV_FILE=other.env');
    const setting = load(readSources({}, cwd), registry).settings.find(({ id }) => id === 'envFile');
    assert.equal(setting?.origin.kind, 'default');
  });
  it('empty means .env', () =>
    assert.equal(values(directory('JAEGER_HOST=j'), { CANVASOPS_ENV_FILE: '' })?.JAEGER_HOST, 'j'));
  for (const [what, path, why] of [
    ['a missing file', 'missing.env', /does not exist/],
    ['a directory', '.', /is a directory/],
    ['a device', '/dev/null', /not a regular file/],
    ['a path with a NUL', 'a\0b', /cannot be read/],
    ['a path through a file', '/etc/passwd/x', /cannot be read|does not exist/],
  ] as const) {
    it(`${what} is an error with a way out`, () => {
      const found = problem(directory('JAEGER_HOST=j'), { CANVASOPS_ENV_FILE: path });
      assert.deepEqual(
        [found?.code, found?.severity, found?.variable],
        ['ENV_FILE_UNREADABLE', 'error', 'CANVASOPS_ENV_FILE'],
      );
      assert.match(found?.why ?? '', why);
    });
  }
  it('a file without permission is an error', () => {
    const cwd = directory();
    writeFileSync(join(cwd, 'x.env'), 'A=b');
    chmodSync(join(cwd, 'x.env'), 0);
    const found = asOrdinaryUser(() => problem(cwd, { CANVASOPS_ENV_FILE: 'x.env' }));
    assert.equal(found?.code, 'ENV_FILE_UNREADABLE');
  });
});

it('nothing is printed and process.env stays as it was', () => {
  const cwd = directory(
    'OTEL_SERVICE_NAME=from-file\nSECRET_OF_THE_APP=x\nDOTENV_CONFIG_DEBUG=true\nPATH=/evil\n',
  );
  const program = `
    const { load } = require(${JSON.stringify(join(__dirname, '../../src/config/load.ts'))});
    const { readSources } = require(${JSON.stringify(join(__dirname, '../../src/config/sources.ts'))});
    const before = JSON.stringify(process.env);
    const { config } = load(readSources(), []);
    process.exit(JSON.stringify(process.env) === before && config.serviceName === 'from-file' ? 0 : 1);
  `;
  const tsx = require.resolve('tsx/cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', tsx, '-e', program], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      DOTENV_CONFIG_DEBUG: 'true',
      DOTENV_DEBUG: 'true',
      DOTENV_CONFIG_QUIET: 'false',
    },
  });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

it('a working directory that was deleted is no reason to fail', {
  skip: process.platform === 'win32',
}, () => {
  const program = `
    const { mkdtempSync, rmdirSync } = require('node:fs');
    const { readSources } = require(${JSON.stringify(join(__dirname, '../../src/config/sources.ts'))});
    const gone = mkdtempSync(${JSON.stringify(`${scratch}/gone-`)});
    process.chdir(gone);
    rmdirSync(gone);
    console.log(readSources().cwd);
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), '-e', program],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([stdout, stderr], ['/\n', '']);
});

it('dotenv is not even loaded where there is no file', () => {
  const program = `
    const { readSources } = require(${JSON.stringify(join(__dirname, '../../src/config/sources.ts'))});
    readSources();
    console.log(Object.keys(require.cache).filter((file) => file.includes('dotenv')).length);
  `;
  const { stdout } = spawnSync(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', program], {
    cwd: directory(),
    encoding: 'utf8',
  });
  assert.equal(stdout, '0\n');
});
