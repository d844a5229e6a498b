/** What a run saw of each version of a library, put beside what others saw before it. */
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
 * @param file JSON, which need not exist
 * @returns `lines`, to which the tests append, and `write()`, which puts them into the file
 */
export function openResults(file: string): { lines: string; write(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'results-'));
  const lines = path.join(folder, 'lines.jsonl');
  const write = (): void => {
    const results: Results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
    const text = existsSync(lines) ? readFileSync(lines, 'utf8').trim() : '';
    const fresh = new Set<string>();
    for (const line of text === '' ? [] : text.split('\n')) {
      const { library, version, node, form, seen, expected } = JSON.parse(line) as Result;
      const row = `${library}@${version}`;
      const column = `${node} ${form}`;
      const cells = results[row] ?? {};
      results[row] = cells;
      // What is run with few requests and with many is one cell.
      const before = fresh.has(row + column) ? (cells[column] ?? '').split('/').map(Number) : [];
      const [seenBefore = 0, expectedBefore = 0] = before;
      fresh.add(row + column);
      cells[column] = `${seenBefore + seen}/${expectedBefore + expected}`;
    }
    writeFileSync(file, `${JSON.stringify(sorted(results), null, 1)}\n`);
    rmSync(folder, { recursive: true });
  };
  return { lines, write };
}

/** So that the order of the tests is no difference. */
function sorted<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)])) as Value;
}
