/** A project whose package manager runs under NODE_OPTIONS, and a registry of its own to talk to. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fromRoot } from '../helpers/paths';
import { assertUnaffected, type Case } from './unaffected';

const app = fromRoot('fixtures/guards/app.cjs');

async function withProject(use: (folder: string, registry: string) => Promise<void>): Promise<void> {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'canvasops-project-')));
  const manifest = { name: 'project', version: '1.0.0', scripts: { work: `node ${app}` } };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(folder, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `own`: something that it does itself, such as a request to the registry. `run`: starts the script `work`. */
export async function assertLeftAlone(
  binary: string,
  own: readonly string[],
  run: readonly string[],
): Promise<void> {
  await withProject(async (cwd, registry) => {
    const env = {
      npm_config_registry: registry,
      npm_config_cache: path.join(cwd, 'cache'),
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'error',
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
      YARN_GLOBAL_FOLDER: path.join(cwd, 'yarn'),
    };
    const given: Case = { binary, by: 'NODE_OPTIONS', cwd, env, normal: withoutTimes };
    await assertUnaffected({ ...given, program: own, spans: 'none' });
    const { traced } = await assertUnaffected({ ...given, program: run });
    assert.match(traced.stdout, /hello/);
  });
}

export function withoutTimes(output: string): string {
  return output.replaceAll(/\d+(\.\d+)?\s?m?s\b/g, 'time').replaceAll(/\d{4}-\d\d-\d\dT[\w:.-]+/g, 'date');
}
