/** What a run saw of each version of a library. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

interface Result {
  readonly library: string;
  readonly version: string;
  readonly node: string;
  readonly form: string;
  readonly seen: number;
  readonly expected: number;
}

/** By library and version (`redis@5.0.0`), and by line of Node and form (`24 cjs`): `seen/expected`. */
type Results = Record<string, Record<string, string>>;

/**
 * @param file JSON, which is replaced: a version that is no longer run does not stay in it
 * @returns `lines`, to which the tests append, and `write()`, which makes the file of them
 */
export function openResults(file: string): { lines: string; write(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'results-'));
  const lines = path.join(folder, 'lines.jsonl');
  const write = (): void => {
    const text = existsSync(lines) ? readFileSync(lines, 'utf8').trim() : '';
    writeFileSync(file, `${JSON.stringify(sorted(readLines(text)), null, 2)}\n`);
    rmSync(folder, { recursive: true });
  };
  return { lines, write };
}

function readLines(text: string): Results {
  const results: Results = {};
  for (const line of text === '' ? [] : text.split('\n')) {
    const { library, version, node, form, seen, expected } = JSON.parse(line) as Result;
    const row = `${library}@${version}`;
    const cells = results[row] ?? {};
    results[row] = cells;
    cells[`${node} ${form}`] = `${seen}/${expected}`;
  }
  return results;
}

/** So that the order of the tests is no difference. */
function sorted<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)])) as Value;
}
