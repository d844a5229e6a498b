/** Which instrumentations `@opentelemetry/auto-instrumentations-node` stands for, in an app that has some libraries. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { registry } from '../../src/instrumentations';
import { membersToHost } from '../../src/loader/third-party/distribution';

const folder = mkdtempSync(path.join(tmpdir(), 'distribution-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NAME = '@opentelemetry/auto-instrumentations-node';
const all = [
  ...['amqplib', 'aws-lambda', 'aws-sdk', 'express', 'fs', 'hapi', 'host-metrics', 'http', 'ioredis'],
  ...['koa', 'restify', 'mysql2', 'nestjs-core', 'net', 'pg', 'router', 'runtime-node', 'undici'],
];

function installed(name: string, manifest: object): void {
  const place = path.join(folder, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'index.js'), '');
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name, ...manifest }));
}

const versions = all.map((name) => [`@opentelemetry/instrumentation-${name}`, '*']);
installed(NAME, { dependencies: { ...Object.fromEntries(versions), '@opentelemetry/sdk-node': '*' } });
for (const library of ['@aws-sdk/client-s3', '@hapi/hapi', '@nestjs/core', 'express', 'koa', 'pg', 'router'])
  installed(library, {});
installed('.pnpm/node_modules/restify', {});

interface Given {
  env?: Record<string, string>;
  file?: Record<string, string>;
  /** Entries of ours that are switched off. */
  without?: string[];
}

function members({ env = {}, file, without = [] }: Given = {}): string {
  const result = membersToHost({
    app: path.join(folder, 'package.json'),
    registry,
    enabled: registry.filter(({ name }) => !without.includes(name)),
    variables: { env, file },
    debug: () => undefined,
  });
  return result.members.map((name) => name.slice('@opentelemetry/instrumentation-'.length)).join(' ');
}

test('those whose library is there and that ours does not trace', () => {
  assert.equal(members(), 'aws-sdk hapi restify net');
});

test('a library that ours was told to leave alone is theirs', () => {
  assert.equal(members({ without: ['pg', 'express'] }), 'aws-sdk express hapi restify net pg router');
  assert.equal(members({ without: ['http-client'] }), 'aws-sdk hapi http restify net');
});

test('only those that are enabled by name, installed or not', () => {
  const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'amqplib, fs,express,pg,host-metrics' };
  assert.equal(members({ env }), 'amqplib express fs');
  assert.equal(members({ file: env }), 'amqplib express fs');
});

test('not those that are disabled by name; the environment beats the file', () => {
  const name = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
  assert.equal(members({ env: { [name]: 'hapi' }, file: { [name]: 'net' } }), 'aws-sdk restify net');
});

test('a Lambda function has the instrumentation of Lambda functions', () => {
  assert.match(members({ env: { LAMBDA_TASK_ROOT: '/var/task' } }), /^aws-lambda /);
});
