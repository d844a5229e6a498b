import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createTransport } from '../../../src/export/transports/custom';
import type { SendResult } from '../../../src/export/types';
import { batchOf, span, stayAlive } from '../harness';

let dir: string;
let mayEnd: () => void;
let files = 0;

before(() => {
  mayEnd = stayAlive();
  dir = mkdtempSync(path.join(os.tmpdir(), 'canvasops-custom-'));
});
after(() => {
  rmSync(dir, { recursive: true, force: true });
  mayEnd();
});

function write(source: string, extension: string): string {
  const module = path.join(dir, `exporter-${files++}${extension}`);
  writeFileSync(module, source);
  return module;
}

function transportOf(module: string): ReturnType<typeof createTransport> {
  return createTransport({ id: 'custom', label: 'Custom', transport: 'custom', module, timeoutMs: 100 });
}

const batch = batchOf('spans', [span(0), span(1)]);

async function send(source: string, extension = '.mjs'): Promise<SendResult> {
  const transport = transportOf(write(source, extension));
  const result = await transport.send(batch, 100);
  await transport.close();
  return result;
}

function said(result: SendResult): string {
  return result.outcome === 'delivered'
    ? `delivered ${result.message ?? ''}`
    : `${result.outcome}: ${result.reason} | ${result.fix}`;
}

const delivers =
  'export(spans, done) { if (spans.length !== 2 || spans[1].name !== "span 1") throw new Error("spans"); done({ code: 0 }); }';

describe('a custom exporter', () => {
  const shapes: Record<string, [source: string, extension: string]> = {
    'an object': [`export default { ${delivers}, shutdown() {} };`, '.mjs'],
    'a function': [`export default () => ({ ${delivers} });`, '.mjs'],
    'an async function': [`export default async () => ({ ${delivers} });`, '.mjs'],
    'a class': [`export default class { ${delivers} }`, '.mjs'],
    'an instance of a class': [`class E { ${delivers} }; export default new E();`, '.mjs'],
    CommonJS: [`module.exports = { ${delivers} };`, '.cjs'],
    'CommonJS with a default': [
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = { ${delivers} };`,
      '.cjs',
    ],
    'a module with a top-level await': [`await 1; export default { ${delivers} };`, '.mjs'],
    'one that answers later': [
      'export default { export(spans, done) { setTimeout(done, 5, { code: 0 }); } };',
      '.mjs',
    ],
    'one without a callback': ['export default { async export(spans) {} };', '.mjs'],
  };
  for (const [name, [source, extension]] of Object.entries(shapes)) {
    it(`may be ${name}`, async () => {
      assert.equal((await send(source, extension)).outcome, 'delivered');
    });
  }

  const failures: Record<string, [source: string, said: RegExp]> = {
    'answers a failure': [
      'export default { export(s, done) { done({ code: 1, error: new Error("disk full") }); } };',
      /refused: the exporter failed: disk full/,
    ],
    'answers nonsense': [
      'export default { export(s, done) { done(); } };',
      /refused: the exporter answered code undefined/,
    ],
    throws: [
      'export default { export(s, done) { throw new Error("oops"); } };',
      /refused: the exporter threw: oops/,
    ],
    rejects: [
      'export default { async export(s, done) { throw new Error("oops"); } };',
      /refused: the exporter threw: oops/,
    ],
    'never calls back': [
      'export default { export(s, done) {} };',
      /refused: the exporter did not call back within 100 ms \| call the second argument/,
    ],
    'calls back twice': [
      'export default { export(s, done) { done({ code: 0 }); done({ code: 1 }); } };',
      /delivered the exporter calls back more than once/,
    ],
    'throws after its answer': [
      'export default { export(s, done) { done({ code: 0 }); throw new Error("late"); } };',
      /^delivered $/,
    ],
    'has no export method': [
      'export default { send() {} };',
      /it has no method export\(\) \| its default export must be/,
    ],
    'has no default export': [
      'export const x = 1;',
      /it has no method export\(\) \| its default export must be/,
    ],
    'makes nothing': [
      'export default () => undefined;',
      /it has no method export\(\) \| its default export must be/,
    ],
    'imports a package that is missing': [
      'import "not-installed-at-all"; export default {};',
      /\.mjs loads a module that is missing: Cannot find \w+ 'not-installed-at-all'.* \| install it, or correct the import/,
    ],
    'imports a file that is missing': [
      'import "./not-there.mjs"; export default {};',
      /\.mjs loads a module that is missing: .*not-there\.mjs/,
    ],
    'throws while it loads': [
      'throw new Error("at load\\nsecond line");',
      /\.mjs threw while it was loaded: at load \| correct what it does/,
    ],
    'parses something broken while it loads': ['JSON.parse("{");', /threw while it was loaded: .*JSON/],
    'throws while it is made': [
      'export default () => { throw new Error("no config"); };',
      /the function that it exports threw: no config \| correct that function/,
    ],
    'rejects while it is made': [
      'export default async () => { throw new Error("no config"); };',
      /the function that it exports threw: no config/,
    ],
  };
  for (const [name, [source, expected]] of Object.entries(failures)) {
    it(`may be one that ${name}`, async () => {
      assert.match(said(await send(source)), expected);
    });
  }

  const requiring: Record<string, [source: string, said: RegExp]> = {
    'requires a package that is missing': [
      'require("not-installed-at-all");',
      /\.cjs loads a module that is missing: Cannot find module 'not-installed-at-all' \|/,
    ],
    'cannot be parsed': ['module.exports = {', /has a syntax error: /],
    'throws while it loads': ['throw "a text";', /threw while it was loaded: a text/],
  };
  for (const [name, [source, expected]] of Object.entries(requiring)) {
    it(`may be a CommonJS one that ${name}`, async () => {
      assert.match(said(await send(source, '.cjs')), expected);
      const atExit = transportOf(write(source, '.cjs')).sendSync?.(batch, 1000) as SendResult;
      assert.match(said(atExit), expected);
    });
  }

  it('may be missing', async () => {
    const file = path.join(dir, 'nowhere.mjs');
    const expected = `refused: the exporter cannot be used: there is no file ${file} | correct the path in CANVASOPS_EXPORTER`;
    assert.ok(said(await transportOf(file).send(batch, 100)).startsWith(expected));
    assert.ok(said(transportOf(file).sendSync?.(batch, 100) as SendResult).startsWith(expected));
    assert.match(
      said(await transportOf('no-such-package-at-all').send(batch, 100)),
      /the package no-such-package-at-all is not installed where .* \| install it in the app, or write \.\/no-such/,
    );
  });

  it('is loaded and asked synchronously when the process ends', () => {
    const transport = transportOf(write(`export default { ${delivers} };`, '.mjs'));
    assert.equal(transport.sendSync?.(batch, 1000)?.outcome, 'delivered');
    const slow = transportOf(
      write('export default { export(s, done) { setTimeout(done, 1, { code: 0 }); } };', '.mjs'),
    );
    assert.match(said(slow.sendSync?.(batch, 1000) as SendResult), /needs longer than the process has/);
    const late = transportOf(write(`await 1; export default { ${delivers} };`, '.mjs'));
    assert.match(
      said(late.sendSync?.(batch, 1000) as SendResult),
      /it cannot be loaded while the process ends \| call flush\(\) before the end/,
    );
  });

  it('survives an exporter whose shutdown fails', async () => {
    for (const shutdown of ['throw new Error("x")', 'return Promise.reject(new Error("x"))']) {
      const transport = transportOf(
        write(`export default { ${delivers}, shutdown() { ${shutdown}; } };`, '.mjs'),
      );
      assert.equal((await transport.send(batch, 100)).outcome, 'delivered');
      await transport.close();
    }
  });
});
