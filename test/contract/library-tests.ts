/** The tests of one version of a library on one version of Node. */
import { describe, test } from 'node:test';
import { isRunning, type NodeVersion, SUPPORTED_LINES } from '../helpers/node-versions';
import {
  assertSameOutput,
  findLibraries,
  formsOf,
  type Library,
  newestOf,
  nodeFor,
  oldestOf,
  runsOn,
  type Subject,
  skipVersion,
} from './libraries';
import { assertContexts } from './library-contexts';
import { assertConcurrent, assertSpans } from './library-databases';
import { assertRequests } from './library-frameworks';

/** Few at once, and more than any pool has connections. */
const REQUESTS = [5, 50];

interface Where {
  /** The one that runs the tests unless told. */
  readonly node?: NodeVersion | undefined;
  /** Without what only the matrix has time for. */
  readonly isQuick?: boolean;
}

export function describeLibrary(library: Library, version: string, { node, isQuick }: Where): void {
  const skip = skipVersion(library, version, node);
  const named = version.startsWith(library.name) ? version : `${library.name} ${version}`;
  const title = library.server === undefined ? named : `${named} (${library.server})`;
  describe(node === undefined ? title : `${title}, Node ${node}`, { skip, concurrency: 1 }, () => {
    const subject = { library, version, node };
    if (library.kind === 'context') describeContexts(subject);
    else if (library.kind === 'framework') describeFramework(subject);
    else describeDatabase(subject, isQuick);
    test('the app sees what it sees without us', () => assertSameOutput(subject, 'behaviour.cjs'));
  });
}

function describeDatabase(subject: Omit<Subject, 'form'>, isQuick = false): void {
  for (const form of formsOf(subject))
    test(`${form}: the spans of each route`, () => assertSpans({ ...subject, form }));
  test(`${REQUESTS.join(' and ')} requests at once`, () =>
    assertConcurrent({ ...subject, form: 'cjs' }, REQUESTS));
  if (!isQuick) test('arguments of every kind', () => assertSameOutput(subject, 'hostile.cjs'));
}

function describeFramework(subject: Omit<Subject, 'form'>): void {
  for (const form of formsOf(subject))
    test(`${form}: the span of each request`, () => assertRequests({ ...subject, form }, 5));
}

function describeContexts(subject: Omit<Subject, 'form'>): void {
  for (const form of formsOf(subject))
    test(`${form}: callbacks of ${REQUESTS.join(' and ')} requests at once`, () =>
      assertContexts({ ...subject, form }, REQUESTS));
}

/**
 * The matrix of libraries on one line of Node: all versions, or with `--versions ends` of the runner the oldest and the newest
 * of each library.
 */
export function describeVersions(node: NodeVersion): void {
  const isShort = process.env.TEST_VERSIONS === 'ends';
  for (const library of findLibraries()) {
    const newest = newestOf(library);
    const oldest = oldestOf(library);
    for (const version of library.versions) {
      if (!runsOn(library, version, node)) continue;
      // The newest runs in `npm test`, on this line or another.
      const isElsewhere =
        version === newest && (nodeFor(library, version) ?? SUPPORTED_LINES.find(isRunning)) === node;
      const isEnd = version === newest || version === oldest;
      if (!isShort || (isEnd && !isElsewhere)) describeLibrary(library, version, { node });
    }
  }
}
