import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import ts from 'typescript';
import { getCurrentSpan, traceFunction } from '../../src/api';
import { repoRoot } from '../helpers/paths';
import * as modern from './decorated-class';
import { register, type TestRuntime } from './runtime';

let runtime: TestRuntime;
beforeEach(() => {
  runtime = register();
});

test('every call is a span, named after the function unless told', () => {
  const double = traceFunction()(function double(n: number) {
    return n * 2;
  });
  assert.deepEqual([double(1), double(2)], [2, 4]);
  traceFunction('named', { kind: 2, attributes: { a: 1 } })(() => getCurrentSpan())();
  traceFunction()(() => 1)();
  assert.deepEqual(
    runtime.ended.map(({ name }) => name),
    ['double', 'double', 'named', 'anonymous'],
  );
  assert.deepEqual([runtime.named('named').kind, runtime.named('named').attributes], [2, { a: 1 }]);
});

test('the function looks as before: name, length, own properties, kind', () => {
  const tag = Symbol('tag');
  const original = Object.assign(
    async function handler(a: number, b: number, ...rest: number[]) {
      return a + b + rest.length;
    },
    { displayName: 'Handler', [tag]: 1 },
  );
  const traced = traceFunction('x')(original);
  assert.notEqual(traced, original);
  assert.deepEqual(
    [traced.name, traced.length, traced.displayName, traced[tag]],
    ['handler', 2, 'Handler', 1],
  );
  // fastify asks this way
  assert.equal(traced.constructor.name, 'AsyncFunction');
});

test('`this`, arguments and errors pass through', () => {
  const error = new Error('no');
  const object = {
    factor: 3,
    times: traceFunction()(function (this: { factor: number }, ...numbers: number[]) {
      return numbers.map((n) => n * this.factor);
    }),
    fail: traceFunction('fail')(() => {
      throw error;
    }),
  };
  assert.deepEqual(object.times(1, 2), [3, 6]);
  assert.throws(object.fail, (thrown) => thrown === error);
  assert.equal(runtime.named('fail').status.code, 2);
});

test('a class stays a class: new, instanceof, subclasses, statics', () => {
  class Base {
    kind = 'model';
    static inherited = (): string => 'static';
  }
  class Model extends Base {
    constructor(readonly id: number) {
      super();
    }
  }
  const Traced = traceFunction('new')(Model as never) as unknown as typeof Model;
  class Sub extends Traced {}
  const [plain, sub] = [new Traced(1), new Sub(2)];
  assert.ok(plain instanceof Model && plain instanceof Traced && sub instanceof Sub && sub instanceof Model);
  assert.deepEqual([plain.id, sub.id, Traced.inherited()], [1, 2, 'static']);
  assert.equal(Object.getPrototypeOf(plain), Model.prototype);
  assert.throws(() => (Traced as unknown as () => void)(), TypeError);
});

/** The same source as TypeScript compiles it under `experimentalDecorators`. */
function legacy(): typeof modern {
  const file = path.join(__dirname, 'decorated-class.ts');
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: {
      experimentalDecorators: true,
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
    },
  });
  assert.match(outputText, /__decorate/);
  const exports = {};
  new Function('exports', 'require', outputText)(exports, createRequire(file));
  return exports as typeof modern;
}

for (const [kind, load] of [
  ['decorators of the language', () => modern],
  ['experimentalDecorators', legacy],
] as const) {
  test(`${kind}: methods and statics are traced and work as before`, async () => {
    const { Account } = load();
    const account = Account.create();
    assert.equal(account.greet('hello'), 'hello bob!');
    assert.equal(await account.load(), 'bob');
    assert.equal(account.save(), true);
    assert.deepEqual(
      runtime.ended.map(({ name, attributes }) => [name, attributes]),
      [
        ['Account.create', {}],
        ['Account.greet', {}],
        ['account.load', { cached: false }],
        ['Account.save', { 'canvasops.model.name': 'Account', 'canvasops.model.operation': 'save' }],
      ],
    );
    assert.deepEqual([account.greet.name, account.greet.length, account.owner], ['greet', 1, 'bob']);
    assert.deepEqual(Object.keys(account), []);
    assert.equal(Object.getOwnPropertyDescriptor(Account.prototype, 'greet')?.enumerable, false);
  });
}

test('experimentalDecorators: the types fit as well', () => {
  const { config } = ts.readConfigFile(path.join(repoRoot, 'tsconfig.json'), ts.sys.readFile) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: undefined },
    ts.sys,
    repoRoot,
  );
  const program = ts.createProgram([path.join(__dirname, 'decorated-class.ts')], {
    ...options,
    experimentalDecorators: true,
  });
  const source = program.getSourceFile(path.join(__dirname, 'decorated-class.ts'));
  assert.deepEqual(
    program.getSemanticDiagnostics(source).map(({ messageText }) => messageText),
    [],
  );
});

test('decorators of the language: classes, accessors and fields stay as they are', () => {
  const decorator = traceFunction() as unknown as (value: unknown, context: object) => unknown;
  class Model {}
  for (const kind of ['class', 'getter', 'setter', 'accessor', 'field']) {
    assert.equal(decorator(kind === 'field' ? undefined : Model, { kind, name: 'x' }), undefined);
  }
});

test('experimentalDecorators: fields and accessors stay as they are', () => {
  const decorator = traceFunction() as unknown as (target: object, key: string, own?: object) => unknown;
  const accessor = { get: () => 1, configurable: true };
  for (const target of [{}, class {}]) {
    assert.equal(decorator(target, 'field'), undefined);
    assert.equal(decorator(target, 'field', undefined), undefined);
    assert.equal(decorator(target, 'accessor', accessor), undefined);
  }
});

test('a method is named after the class of the object it runs on, and odd objects do no harm', () => {
  const decorator = traceFunction() as unknown as (value: () => number, context: object) => () => number;
  const method = decorator(() => 1, { kind: 'method', name: Symbol('run') });
  class Job {}
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('refused');
      },
    },
  );
  for (const self of [
    new Job(),
    Job,
    undefined,
    Object.create(null),
    hostile,
    { constructor: { name: 7 } },
  ]) {
    assert.equal(method.call(self as never), 1);
  }
  assert.deepEqual(
    runtime.ended.map(({ name }) => name),
    ['Job.Symbol(run)', 'Job.Symbol(run)', ...new Array(4).fill('Symbol(run)')],
  );
});

test('anything but a function comes back as it is', () => {
  for (const value of [undefined, null, 1, 'x', {}]) assert.equal(traceFunction()(value as never), value);
});
