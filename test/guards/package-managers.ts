/** A project whose package manager runs under NODE_OPTIONS, and a registry of its own to talk to. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fromRoot } from '../helpers/paths';
import { assertUndisturbed, type Case } from './undisturbed';

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

/** `run`: starts the script `work`. `request`: makes it ask the registry for something. */
export async function assertLeftAlone(
  binary: string,
  run: readonly string[],
  request: readonly string[],
): Promise<void> {
  await withProject(async (cwd, registry) => {
    const env = {
      npm_config_registry: registry,
      npm_config_cache: path.join(cwd, 'cache'),
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'error',
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_ENABLE_TELEMETRY: '0',
      COREPACK_ENABLE_STRICT: '0',
    };
    const given: Case = { binary, by: 'NODE_OPTIONS', cwd, env };
    await assertUndisturbed({ ...given, program: run });
    if (request.length > 0)
      await assertUndisturbed({ ...given, program: request, spans: 'none', normal: withoutTimes });
  });
}

function withoutTimes(output: string): string {
  return output.replaceAll(/\d+(\.\d+)?\s?m?s\b/g, 'time').replaceAll(/\d{4}-\d\d-\d\dT[\w:.-]+/g, 'date');
}
