/**
 * One line per test file, everything about a failure, every skipped test by name and reason, and Node's own
 * closing lines at the very end.
 */
import path from 'node:path';
import { inspect } from 'node:util';

const closing = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

export default async function* report(events) {
  const files = new Map();
  const failures = [];
  const skipped = [];
  const totals = [];
  const names = [];
  let current;

  const statsOf = (data) => {
    const name = data.file ? path.relative(process.cwd(), data.file) : '(unknown file)';
    let stats = files.get(name);
    if (stats === undefined) {
      stats = { name, pass: 0, fail: 0, skip: 0 };
      files.set(name, stats);
    }
    return stats;
  };

  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names[data.nesting] = data.name;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const stats = statsOf(data);
      if (current !== undefined && current !== stats) yield line(current);
      current = stats;
      names.length = data.nesting;
      const title = [stats.name, ...names, data.name].join(' > ');
      if (data.skip !== undefined && data.skip !== false) {
        stats.skip++;
        skipped.push(
          `${title}: ${typeof data.skip === 'string' && data.skip ? data.skip : 'no reason given'}`,
        );
      } else if (type === 'test:pass') {
        if (data.details?.type !== 'suite') stats.pass++;
      } else {
        if (data.details?.type !== 'suite') stats.fail++;
        if (data.todo) continue;
        const why = describe(data.details?.error);
        // A parent fails because its child did; the child has said why.
        if (why === undefined) continue;
        failures.push(`${title}\n${why}`);
        yield `FAIL ${title}\n`;
      }
    } else if (type === 'test:diagnostic') {
      if (data.nesting === 0 && closing.test(data.message)) totals.push(data.message);
      else yield `     ${data.message}\n`;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    }
  }
  if (current !== undefined) yield line(current);
  if (failures.length > 0) {
    yield `\n=== ${failures.length} FAILED ===\n`;
    for (const failure of failures) yield `\n${failure}\n`;
  }
  if (skipped.length > 0) {
    yield `\n=== ${skipped.length} SKIPPED, NOT TESTED ===\n`;
    for (const each of skipped) yield `SKIP ${each}\n`;
  }
  yield '\n';
  for (const total of totals) yield `# ${total}\n`;
}

function line({ name, pass, fail, skip }) {
  const parts = [`${pass} passed`];
  if (fail > 0) parts.push(`${fail} failed`);
  if (skip > 0) parts.push(`${skip} skipped`);
  return `${fail > 0 ? 'FAIL' : skip > 0 ? 'skip' : 'ok  '} ${name}  ${parts.join(', ')}\n`;
}

function describe(error) {
  if (error === undefined) return 'failed without an error';
  if (error.failureType === 'subtestsFailed') return undefined;
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause, { depth: 4 });
  return text
    .split('\n')
    .filter((each) => !each.includes('node:internal'))
    .map((each) => `     ${each}`)
    .join('\n');
}
