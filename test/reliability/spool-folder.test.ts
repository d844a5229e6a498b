/** The directory of CANVASOPS_SPOOL_DIR: shared, damaged, full, or not there at all. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { files, newFolder, nextStart, outage, patient } from './spooling';

describe('the folder', () => {
  it('is shared by processes that start at once, without one span sent twice', async () => {
    const folder = newFolder();
    await outage(folder, [{ spans: 600 }, { wait: 500 }], { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    assert.ok(files(folder).length >= 50);
    const receiver = await startOtlpReceiver();
    await Promise.all(Array.from({ length: 4 }, () => nextStart(folder, receiver.url, {}, patient)));
    const spans = receiver.spans();
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
    assert.equal(spans.length, 604);
    assert.deepEqual(readdirSync(folder), []);
    await receiver.close();
  });

  for (const [what, isAlive] of Object.entries({ 'that is still alive': true, 'that has gone': false })) {
    it(`what another machine holds ${what} is ${isAlive ? 'left to it' : 'taken over'}`, async () => {
      const folder = newFolder();
      await outage(folder, [{ spans: 10 }]);
      const [file = ''] = files(folder);
      const owner = 'elsewhere-1-1700000000-0badcafe';
      renameSync(path.join(folder, file), path.join(folder, `${file}.${owner}`));
      const sign = path.join(folder, `${owner}.alive`);
      writeFileSync(sign, '');
      const then = new Date(Date.now() - 5 * 60_000);
      if (!isAlive) utimesSync(sign, then, then);
      const receiver = await startOtlpReceiver();
      await nextStart(folder, receiver.url);
      assert.equal(receiver.spans().length, isAlive ? 1 : 11);
      assert.equal(readdirSync(folder).length, isAlive ? 2 : 0);
      await receiver.close();
    });
  }

  it('may hold damaged files: one line each, and the others are sent', async () => {
    const folder = newFolder();
    await outage(folder, [{ spans: 50 }, { wait: 500 }], { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' });
    const [cut = '', flipped = '', empty = '', ...whole] = files(folder);
    const content = readFileSync(path.join(folder, cut));
    writeFileSync(path.join(folder, cut), content.subarray(0, content.length - 7));
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    writeFileSync(path.join(folder, flipped), content);
    writeFileSync(path.join(folder, empty), '');
    writeFileSync(path.join(folder, 'README'), 'not ours');
    const receiver = await startOtlpReceiver();
    const told = await nextStart(folder, receiver.url);
    assert.equal(told.lines.filter((line) => line.includes('is damaged')).length, 3);
    assert.equal(receiver.spans().length, whole.length * 10 + 1);
    assert.deepEqual(readdirSync(folder), ['README']);
    await receiver.close();
  });

  it('may be one that cannot be written to: one line, and the app runs as ever', async () => {
    const notAFolder = path.join(newFolder(), 'file');
    writeFileSync(notAFolder, '');
    const told = await outage(path.join(notAFolder, 'spool'), [
      { spans: 100 },
      { wait: 800 },
      { spans: 100 },
    ]);
    assert.deepEqual(told.stats.dropped, { exit: 200 });
    assert.equal(
      told.lines.filter((line) => line.includes('CANVASOPS_SPOOL_DIR')).length,
      1,
      told.lines.join('\n'),
    );
    assert.match(
      told.lines.find((line) => line.includes('CANVASOPS_SPOOL_DIR')) ?? '',
      /To fix: name a directory/,
    );
  });

  it('may be on a disk that is full: one line, and what fitted is sent', {
    skip: skipWithoutMount(),
  }, async () => {
    const folder = newFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]);
    try {
      const steps = [{ spans: 1000, text: 'x'.repeat(500) }, { wait: 800 }, { spans: 100 }];
      const told = await outage(folder, steps, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50' });
      const { spooled = 0, exit = 0 } = told.stats.dropped;
      assert.equal(spooled + exit, 1100);
      assert.ok(exit > 0);
      assert.equal(told.lines.filter((line) => line.includes('ENOSPC')).length, 1, told.lines.join('\n'));
      const receiver = await startOtlpReceiver();
      await nextStart(folder, receiver.url);
      assert.equal(receiver.spans().length, spooled + 1);
      await receiver.close();
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

/** A full disk needs a disk to fill. */
function skipWithoutMount(): string | false {
  const folder = newFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return false;
  } catch {
    return 'no permission to mount a small file system';
  }
}
