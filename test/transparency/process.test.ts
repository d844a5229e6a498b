import { test } from 'node:test';
import { assertSameProcess } from './process';

for (const flag of ['--import', '--require'] as const) {
  test(`Node's modules, process and globals look as they do without us, ${flag}`, () =>
    assertSameProcess(flag));
}
