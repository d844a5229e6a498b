/** The examples of the API in README.md and docs/api.md run as they stand there, traced and untraced. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startOtlpReceiver } from './helpers/otlp-receiver';
import { fromRoot } from './helpers/paths';
import { runToExit } from './helpers/run-app';

const CHAPTER = '\n## API\n';

let dir: string;
let entry: string;

/** Below the repository, so that the package finds itself. */
before(() => {
  const cache = fromRoot('.cache');
  mkdirSync(cache, { recursive: true });
  dir = mkdtempSync(path.join(cache, 'readme-'));
  const file = path.join(dir, 'readme.ts');
  const [readme, page] = ['README.md', 'docs/api.md'].map((each) => readFileSync(fromRoot(each), 'utf8'));
  writeFileSync(file, programOf([chapterOf(readme ?? ''), page ?? '']));
  entry = path.relative(fromRoot('.'), file);
});
after(() => rmSync(dir, { recursive: true, force: true }));

/** README.md has examples of other things as well, which need servers or packages. */
function chapterOf(readme: string): string {
  const start = readme.indexOf(CHAPTER);
  assert.ok(start >= 0, 'README.md has a chapter on the API');
  return readme.slice(start, readme.indexOf('\n## ', start + CHAPTER.length));
}

/** All examples as one program, each in a span and a scope of its own. */
function programOf(texts: readonly string[]): string {
  const names = new Set(['span']);
  let body = '';
  for (const [, code = ''] of texts.join('\n').matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)) {
    const lines = code.split('\n');
    for (const line of lines) {
      const imported = /^import \{ (.*) \} from '@canvasops\/register\/api';$/.exec(line)?.[1];
      for (const name of imported?.split(', ') ?? []) names.add(name);
    }
    const rest = lines.filter((line) => !line.startsWith('import ')).join('\n');
    body += `await span('example', { root: true }, async () => {\n${rest}\n});\n`;
  }
  return `import { ${[...names].join(', ')} } from '@canvasops/register/api';\nvoid (async () => {\n${body}})();\n`;
}

const nodeArgs = ['--import', 'tsx'];

test('traced: every example runs, and makes the spans it speaks of', async () => {
  const receiver = await startOtlpReceiver();
  const { code, stderr } = await runToExit({ entry, nodeArgs, otlp: receiver.url });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const names = new Set(receiver.spans().map(({ name }) => name));
  for (const name of [
    'order.total',
    'checkout',
    'cart.total',
    'cart.save',
    'file.import',
    'user.profile',
    'invoice',
    'rows.read',
    'GET',
    'SELECT users',
    'User.bulk_create',
  ]) {
    assert.ok(names.has(name), `${name} is missing among ${[...names].join(', ')}`);
  }
  await receiver.close();
});

test('untraced: the same examples do nothing and fail nowhere', async () => {
  const { code, stderr } = await runToExit({ entry, nodeArgs, flag: 'none' });
  assert.equal(stderr, '');
  assert.equal(code, 0);
});
