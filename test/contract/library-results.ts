/** What was seen of each version of a library, for the table in docs/libraries.md: `--results` of the runner keeps it. */
import { appendFileSync } from 'node:fs';
import { installedVersion, type Subject } from './libraries';

/**
 * @param seen how many spans arrived as they should
 * @param expected how many the fixture makes
 */
export function recordResult(subject: Subject, seen: number, expected: number): void {
  const file = process.env.TEST_RESULTS ?? '';
  if (file === '') return;
  const { library, version, form, node = process.versions.node.split('.')[0] } = subject;
  const named = /library-([\w-]+)\.cjs$/.exec(library.file)?.[1];
  const result = {
    library: named === undefined ? library.name : `${library.name} (${named})`,
    version: installedVersion(library, version),
    node,
    form,
    seen,
    expected,
  };
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}
