/** bluebird in several requests at once; `test/contract` and `test/matrix` share it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeVersion } from '../helpers/node-versions';
import { installPackages } from '../helpers/npm-packages';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { fromRoot } from '../helpers/paths';
import { runToExit } from '../helpers/run-app';

/** The lowest and the highest of each major, and those between which its inner workings changed. */
export const versions = ['2.0.2', '2.8.2', '2.11.0', '3.0.0', '3.7.2'];

export const folderOf = async (version: string): Promise<string> =>
  path.join(await installPackages(`bluebird-${version}`, [`bluebird@${version}`]), 'bluebird');

export interface Run {
  versions: readonly string[];
  options?: string;
  /** bluebird is loaded before the preload. */
  before?: boolean;
  /** The Node that runs the tests unless told. */
  node?: NodeVersion;
  env?: Record<string, string>;
}

/** A program that marks each callback with a span ends, and every span is under the request that gave the callback. */
export async function assertOwnRequest({
  versions,
  options = 'none',
  before = false,
  node,
  env,
}: Run): Promise<void> {
  const receiver = await startOtlpReceiver();
  try {
    const folders = await Promise.all(versions.map(folderOf));
    const preload = ['--import', pathToFileURL(fromRoot('register.mjs')).href];
    const { code, stdout, stderr } = await runToExit({
      entry: 'fixtures/bluebird/callbacks.cjs',
      args: [options, ...folders],
      otlp: receiver.url,
      node,
      env,
      ...(before && {
        flag: 'none',
        nodeArgs: [...folders.flatMap((each) => ['--require', each]), ...preload],
      }),
    });
    assert.equal(code, 0, stderr);
    const marks = JSON.parse(stdout) as { request: string; text: string }[];
    assert.ok(marks.length > 300 * versions.length, `only ${marks.length} callbacks ran`);
    const spans = receiver.spans();
    const requests = new Map(spans.map(({ name, traceId }) => [name, traceId]));
    const actual = spans
      .filter(({ name }) => name.includes(': '))
      .map(({ name, traceId }) => [name, traceId]);
    const expected = marks.map(({ request, text }) => [text, requests.get(request)]);
    assert.deepEqual(actual.map(String).sort(), expected.map(String).sort());
    assert.doesNotMatch(stderr, /canvasops/);
  } finally {
    await receiver.close();
  }
}
