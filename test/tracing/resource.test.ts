import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { detectResource, LateResource, type ResourceOptions } from '../../src/tracing/resource';

const folder = mkdtempSync(path.join(tmpdir(), 'resource-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const base: ResourceOptions = {
  serviceName: undefined,
  attributes: {},
  detectors: ['all'],
  env: {},
  distroVersion: '1.2.3',
};

function detect(
  options: Partial<ResourceOptions>,
  program: string | undefined = path.join(folder, 'app.js'),
) {
  const [, before] = process.argv;
  process.argv[1] = program as string;
  if (program === undefined) process.argv.length = 1;
  try {
    return detectResource({ ...base, ...options }).attributes;
  } finally {
    process.argv[1] = before as string;
  }
}

test('the service is named after the nearest package.json that has a name', () => {
  mkdirSync(path.join(folder, 'dist/deep'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"name":"shop","version":"4.5.6"}');
  writeFileSync(path.join(folder, 'dist/package.json'), '{"type":"module"}');
  writeFileSync(path.join(folder, 'dist/deep/package.json'), 'null');
  const found = detect({}, path.join(folder, 'dist/deep/app.js'));
  assert.deepEqual([found['service.name'], found['service.version']], ['shop', '4.5.6']);
});

test('settings beat what was found, and the name beats the attributes', () => {
  const attributes = { 'service.name': 'from-attributes', 'host.name': 'mine', team: 'a' };
  const found = detect({ attributes });
  assert.deepEqual([found['service.name'], found['host.name'], found.team], ['from-attributes', 'mine', 'a']);
  assert.equal(detect({ attributes, serviceName: 'named' })['service.name'], 'named');
});

test('a program without any package.json still has a name that says what is missing', () => {
  const found = detect({}, path.join(path.parse(folder).root, 'nowhere', 'app.js'));
  assert.match(String(found['service.name']), /^unknown_service:node/);
});

test('each detector can be left out', () => {
  const prefixes = (detectors: string[]): string[] => [
    ...new Set(Object.keys(detect({ detectors })).map((key) => key.split('.')[0] ?? '')),
  ];
  assert.deepEqual(prefixes(['none']), ['service', 'telemetry']);
  assert.deepEqual(prefixes(['host']), ['service', 'telemetry', 'host']);
  assert.deepEqual(prefixes(['process', 'os']), ['service', 'telemetry', 'process', 'os']);
  assert.equal(detect({ detectors: ['host'] })['service.instance.id'], undefined);
  assert.match(String(detect({ detectors: ['serviceinstance'] })['service.instance.id']), /^[0-9a-f-]{36}$/);
});

test('none switches off what stands beside it', () => {
  assert.equal(detect({ detectors: ['none', 'host'] })['host.name'], undefined);
});

test('what is found out late wins over the host, not over settings, and shows by another object', () => {
  const attributes = { 'cloud.region': 'mine' };
  const resource = new LateResource({ ...base, attributes, serviceName: 'shop' });
  const before = resource.attributes;
  assert.equal(resource.attributes, before);
  const found = {
    'host.name': 'i-1',
    'cloud.region': 'theirs',
    'cloud.provider': 'aws',
    'service.name': 'x',
  };
  resource.add(found);
  assert.notEqual(resource.attributes, before);
  assert.deepEqual(
    ['host.name', 'cloud.region', 'cloud.provider', 'service.name'].map((key) => resource.attributes[key]),
    ['i-1', 'mine', 'aws', 'shop'],
  );
  assert.equal(resource.attributes['service.instance.id'], before['service.instance.id']);
});

test('an exporter that prints the resource of a span does not print the environment', () => {
  const resource = new LateResource({ ...base, env: { DATABASE_PASSWORD: 'hunter2' } });
  assert.ok(resource.attributes);
  assert.ok(!inspect(resource, { depth: 9, showHidden: true }).includes('hunter2'));
});

test('arguments of the program are never told: people pass passwords there', () => {
  process.argv.push('--password=hunter2');
  try {
    assert.ok(!JSON.stringify(detect({})).includes('hunter2'));
  } finally {
    process.argv.pop();
  }
});
