/** Checks the pages: every relative link leads somewhere, and each list of pages and of folders of tests is complete. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** README.md says what the package is and where the rest stands; its details belong into docs/. */
const MAX_README_LINES = 200;

/**
 * @param root the repository's folder
 * @returns one sentence per fault
 */
export function findFaults(root) {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `decisions/${name}`);
  const files = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'test/README.md'];
  const pages = [...files, ...[...names, ...decisions].map((name) => `docs/${name}`)];
  const faults = pages.flatMap((page) => brokenLinks(root, page));
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  for (const name of names) {
    if (name !== 'README.md' && !index.includes(`](${name})`))
      faults.push(`docs/README.md does not name docs/${name}.`);
  }
  const tests = readFileSync(join(root, 'test/README.md'), 'utf8');
  for (const entry of readdirSync(join(root, 'test'), { withFileTypes: true })) {
    if (entry.isDirectory() && !tests.includes(`**\`${entry.name}/\`**`))
      faults.push(`test/README.md does not explain test/${entry.name}/.`);
  }
  const lines = readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n').length;
  if (lines > MAX_README_LINES)
    faults.push(`README.md has ${lines} lines; move details to docs/ (at most ${MAX_README_LINES}).`);
  return faults;
}

function brokenLinks(root, page) {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'));
  const faults = [];
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path, anchor] = target.split('#');
    const file = path === '' ? join(root, page) : normalize(join(root, dirname(page), path));
    if (!existsSync(file)) faults.push(`${page} links to ${target}, which does not exist.`);
    else if (anchor !== undefined && !anchorsOf(file).has(anchor))
      faults.push(`${page} links to ${target}, but ${relative(root, file)} has no such heading.`);
  }
  return faults;
}

function anchorsOf(file) {
  const lines = withoutCode(readFileSync(file, 'utf8')).split('\n');
  return new Set(lines.filter((line) => /^#+ /.test(line)).map((line) => slug(line.replace(/^#+ /, ''))));
}

function withoutCode(text) {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '');
}

/** The anchor that GitHub makes of a heading. */
export function slug(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
