/** OTEL_NODE_RESOURCE_DETECTORS: what is built in, and the official detectors of clouds. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { installPackages } from '../helpers/npm-packages';
import { startOtlpReceiver } from '../helpers/otlp-receiver';
import { type RunAppOptions, runApp, runToExit } from '../helpers/run-app';

const AWS = '@opentelemetry/resource-detector-aws';

/** A server that answers, and at `/stop` ends by itself. */
const SERVER = `
const server = require('node:http').createServer((request, response) => {
  response.end('ok');
  if (request.url === '/stop') server.close();
  if (request.url === '/stop') server.closeIdleConnections();
});
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
`;

interface Place {
  folder: string;
  entry: string;
  remove(): void;
}

/** A program with a stand-in for the detector of aws. */
function placeWith(detector: string | undefined, program = SERVER): Place {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'detectors-'));
  const entry = path.join(folder, 'app.cjs');
  writeFileSync(entry, program);
  if (detector !== undefined) {
    const place = path.join(folder, 'node_modules', AWS);
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name: AWS, main: 'index.js' }));
    writeFileSync(path.join(place, 'index.js'), detector);
  }
  return { folder, entry, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const aws = (detect: string): string => `exports.awsEc2Detector = { detect() { ${detect} } };`;

interface Seen {
  /** Of the span of the last request. */
  resource: Record<string, unknown>;
  stdout: string;
  stderr: string;
  code: number | null;
  /** From the end of the server to the end of the process. */
  endingMs: number;
}

/** Two requests, the second after the detectors had time to answer. */
async function observe(entry: string, env: Record<string, string>, pauseMs = 1_000): Promise<Seen> {
  const otlp = await startOtlpReceiver();
  try {
    const options: RunAppOptions = { entry, otlp: otlp.url, env };
    const app = await runApp(options);
    await app.get('/first');
    await otlp.waitForSpans(1);
    await wait(pauseMs);
    await app.get('/stop');
    const began = performance.now();
    const { code } = await app.exit;
    const endingMs = performance.now() - began;
    const resource = otlp.spans().at(-1)?.resource ?? {};
    return { resource, stdout: app.stdout(), stderr: app.stderr(), code, endingMs };
  } finally {
    await otlp.close();
  }
}

describe('a cloud whose detector is installed', () => {
  test('what it finds late is on the spans that leave later', async () => {
    const detector = aws(`return { attributes: {
      'cloud.provider': 'aws',
      'cloud.region': new Promise((resolve) => {
        const timer = setInterval(() => {
          if (!require('node:fs').existsSync(__dirname + '/go')) return;
          clearInterval(timer);
          resolve('eu-west-1');
        }, 20);
      }),
      'cloud.account.id': Promise.reject(new Error('refused')),
      'host.name': 'i-0abc', 'host.id': undefined, 'odd': { a: 1 },
    } }`);
    const place = placeWith(detector);
    const otlp = await startOtlpReceiver();
    const app = await runApp({
      entry: place.entry,
      otlp: otlp.url,
      env: { OTEL_NODE_RESOURCE_DETECTORS: 'host,aws', OTEL_RESOURCE_ATTRIBUTES: 'team=a' },
    });
    await app.get('/first');
    const [first] = await otlp.waitForSpans(1);
    assert.equal(first?.resource['cloud.provider'], undefined, 'it is not waited for');
    writeFileSync(path.join(place.folder, 'node_modules', AWS, 'go'), '');
    let resource: Record<string, unknown> = {};
    for (let i = 0; i < 50 && resource['cloud.provider'] === undefined; i++) {
      await wait(100);
      await app.get('/next');
      resource = (await otlp.waitForSpans(i + 2)).at(-1)?.resource ?? {};
    }
    await app.stop();
    await otlp.close();
    place.remove();
    assert.deepEqual(
      ['cloud.provider', 'cloud.region', 'cloud.account.id', 'host.name', 'odd', 'team'].map(
        (k) => resource[k],
      ),
      ['aws', 'eu-west-1', undefined, 'i-0abc', undefined, 'a'],
    );
    assert.equal(app.stderr(), '');
    assert.match(app.stdout(), /^listening \d+\n$/);
  });

  test('one written for the SDK 1.x is asked as well', async () => {
    const place = placeWith(
      aws(`return Promise.resolve({
        get attributes() { return this.ready ? { 'cloud.provider': 'aws' } : {}; },
        waitForAsyncAttributes() { this.ready = true; return Promise.resolve(); },
      })`),
    );
    const { resource } = await observe(place.entry, { OTEL_NODE_RESOURCE_DETECTORS: 'aws' });
    place.remove();
    assert.equal(resource['cloud.provider'], 'aws');
  });

  const bad: [what: string, detector: string, says: RegExp][] = [
    ['hangs', aws('return { attributes: { a: new Promise(() => {}) } }'), /^$/],
    ['keeps its thread alive', aws('setInterval(() => {}, 10); return new Promise(() => {})'), /^$/],
    ['blocks', aws('for (;;);'), /^$/],
    ['exits', aws('process.exit(7); return { attributes: {} }'), /^$/],
    [
      'throws when it is asked',
      aws("throw new Error('no metadata')"),
      /^\[canvasops\] the detector of aws failed \(no metadata\); [^\n]*\n$/,
    ],
    [
      'throws when it is loaded',
      "throw new Error('broken')",
      /^\[canvasops\] the detector of aws failed \(broken\); [^\n]*\n$/,
    ],
    [
      'throws where nobody catches it',
      aws("setTimeout(() => { throw new Error('later') }); return new Promise(() => {})"),
      /^\[canvasops\] the detectors of aws failed: later\n$/,
    ],
    ['prints', aws("console.log('out'); console.error('err'); return { attributes: {} }"), /^$/],
  ];
  for (const [what, detector, says] of bad) {
    test(`one that ${what} holds up neither spans nor the end`, async () => {
      const place = placeWith(detector);
      const seen = await observe(place.entry, { OTEL_NODE_RESOURCE_DETECTORS: 'host,aws' });
      place.remove();
      assert.equal(seen.code, 0);
      assert.match(seen.stdout, /^listening \d+\n$/);
      assert.match(seen.stderr, says);
      assert.equal(seen.resource['host.name'], os.hostname());
      assert.ok(seen.endingMs < 1_500, `the end took ${Math.round(seen.endingMs)} ms`);
    });
  }

  test('a program without spans does not ask it', async () => {
    const place = placeWith("require('node:fs').writeFileSync(__dirname + '/asked', '')", '');
    const { code, stderr } = await runToExit({
      entry: place.entry,
      env: { OTEL_NODE_RESOURCE_DETECTORS: 'aws', OTEL_TRACES_EXPORTER: 'none' },
    });
    assert.deepEqual([code, stderr], [0, '']);
    place.remove();
  });
});

test('gcp, by its real detector and a metadata server', async () => {
  const place = path.dirname(
    await installPackages('detector-gcp', ['@opentelemetry/resource-detector-gcp@0']),
  );
  const entry = path.join(place, 'app.cjs');
  writeFileSync(entry, SERVER);
  const answers: Record<string, string> = {
    '/computeMetadata/v1/project/project-id': 'shop-project',
    '/computeMetadata/v1/instance/id': '4711',
    '/computeMetadata/v1/instance/zone': 'projects/1/zones/europe-west3-a',
    '/computeMetadata/v1/instance/machine-type': 'projects/1/machineTypes/e2-small',
    '/computeMetadata/v1/instance/name': 'shop-vm',
  };
  const metadata = http.createServer((request, response) => {
    const answer = answers[request.url?.split('?')[0] ?? ''];
    response.writeHead(answer === undefined && request.url !== '/computeMetadata/v1/instance' ? 404 : 200, {
      'metadata-flavor': 'Google',
    });
    response.end(answer ?? '');
  });
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  metadata.unref();
  const address = `127.0.0.1:${(metadata.address() as AddressInfo).port}`;
  const env = { OTEL_NODE_RESOURCE_DETECTORS: 'gcp', GCE_METADATA_HOST: address, GCE_METADATA_IP: address };
  const { resource, stderr } = await observe(entry, env, 3_000);
  metadata.closeAllConnections();
  metadata.close();
  assert.equal(stderr, '');
  assert.deepEqual(
    ['cloud.provider', 'cloud.account.id', 'cloud.availability_zone', 'host.id'].map((key) => resource[key]),
    ['gcp', 'shop-project', 'europe-west3-a', '4711'],
  );
});

describe('a cloud whose detector is not installed', () => {
  for (const [detectors, says] of [
    [
      'env,aws',
      /^\[canvasops\] OTEL_NODE_RESOURCE_DETECTORS names aws, .*npm i @opentelemetry\/resource-detector-aws\n$/,
    ],
    ['all', /^$/],
    ['aws,none', /^$/],
  ] as const) {
    test(`OTEL_NODE_RESOURCE_DETECTORS=${detectors}`, async () => {
      const place = placeWith(undefined);
      const { stderr, code } = await observe(place.entry, { OTEL_NODE_RESOURCE_DETECTORS: detectors }, 100);
      place.remove();
      assert.equal(code, 0);
      assert.match(stderr, says);
    });
  }
});

test('what kubelet told the pod is on the spans', async () => {
  const place = placeWith(undefined);
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'shop-1', POD_NAMESPACE: 'prod' };
  const { resource } = await observe(place.entry, env, 0);
  place.remove();
  assert.deepEqual([resource['k8s.pod.name'], resource['k8s.namespace.name']], ['shop-1', 'prod']);
});

test('an unknown detector is named, with the nearest known one', async () => {
  const place = placeWith(undefined);
  const { stderr } = await observe(place.entry, { OTEL_NODE_RESOURCE_DETECTORS: 'host,azzure' }, 0);
  place.remove();
  assert.match(stderr, /^\[canvasops\] VALUE_UNKNOWN: `azzure` .* Did you mean azure\?/);
});
