/** What README.md shows of the manual API runs as it stands there, traced and untraced. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startOtlpReceiver } from './helpers/otlp-receiver';
import { fromRoot } from './helpers/paths';
import { runToExit } from './helpers/run-app';

const CHAPTER = '\n## Manual API\n';

let dir: string;
let entry: string;

/** Below the repository, so that the package finds itself. */
before(() => {
  const cache = fromRoot('.cache');
  mkdirSync(cache, { recursive: true });
  dir = mkdtempSync(path.join(cache, 'readme-'));
  const file = path.join(dir, 'readme.ts');
  writeFileSync(file, programOf(readFileSync(fromRoot('README.md'), 'utf8')));
  entry = path.relative(fromRoot('.'), file);
});
after(() => rmSync(dir, { recursive: true, force: true }));

/** All examples of the chapter as one program, each in a span and a scope of its own. */
function programOf(readme: string): string {
  const start = readme.indexOf(CHAPTER);
  const chapter = readme.slice(start, readme.indexOf('\n## ', start + CHAPTER.length));
  const names = new Set(['span']);
  let body = '';
  for (const [, code = ''] of chapter.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)) {
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
