'use strict';
/**
 * Makes parts of ours fail, from outside: required before the preload, it gets between the files of `dist` as they are
 * loaded. Nothing that is shipped knows of it.
 *
 * Every hook of every instrumentation is a point (`pg: query.before`), and so are the parts that spans pass on their
 * way (`spans: sampler.shouldSample`); both are found while the program runs, so no library is named here.
 *
 * FAULT_CENSUS=file   writes how often each point was reached
 * FAULT_POINT=name    this one fails; FAULT_FROM: from the n-th call on, FAULT_ONCE: in that call only,
 *                     FAULT_KIND=reject: by a rejected promise; FAULT_FIRED=file: made when it failed
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const dist = path.resolve(__dirname, '../../dist');
const { FAULT_CENSUS, FAULT_POINT, FAULT_FROM = '1', FAULT_ONCE, FAULT_KIND, FAULT_FIRED } = process.env;
const counts = new Map();

/** Called where a point is reached. Returns a rejected promise where that is how it is to fail. */
function reach(point) {
  const count = (counts.get(point) ?? 0) + 1;
  counts.set(point, count);
  const from = Number(FAULT_FROM);
  if (point !== FAULT_POINT || (FAULT_ONCE ? count !== from : count < from)) return undefined;
  fs.writeFileSync(FAULT_FIRED, '');
  const error = new Error(`injected at ${point}`);
  if (FAULT_KIND === 'reject') return Promise.reject(error);
  throw error;
}

/** `object` with the named methods failing on demand; everything else is that of the original. */
function faulty(object, scope, names) {
  const replaced = Object.create(object);
  for (const name of names) {
    if (typeof object[name] !== 'function') continue;
    replaced[name] = (...args) => reach(`${scope}.${name}`) ?? object[name](...args);
  }
  return replaced;
}

const HOOKS = ['before', 'contextOf', 'done', 'after', 'threw', 'takeEntered', 'emitted'];

function faultyEnv(env, name) {
  const replaced = Object.create(env);
  replaced.wrap = (owner, method, around) =>
    env.wrap(owner, method, faulty(around, `${name}: ${method}`, HOOKS));
  replaced.watchEmit = (prototype, watcher) =>
    env.watchEmit(prototype, faulty(watcher, `${name}: ${prototype.constructor.name}.emit`, HOOKS));
  replaced.watchRead = (prototype, method, onRead) =>
    env.watchRead(prototype, method, (object) => {
      reach(`${name}: ${method} read`);
      onRead(object);
    });
  let guards = 0;
  replaced.guard = (fn) => {
    const point = `${name}: guard ${++guards}`;
    return env.guard((...args) => {
      reach(point);
      return fn(...args);
    });
  };
  return replaced;
}

function faultyInstrumentation(exports, name) {
  const create = (env) => {
    reach(`${name}: create`);
    const original = exports.create(faultyEnv(env, name));
    const made = faulty(original, name, ['enable']);
    if (original.patch !== undefined)
      made.patch = faulty(original.patch, `${name}: patch`, Object.keys(original.patch));
    if (original.channels === undefined) return made;
    const names = Object.keys(original.channels);
    const channels = faulty(original.channels, `${name}: channel`, names);
    // Copied, since they are subscribed to by their own keys.
    made.channels = { ...channels };
    return made;
  };
  return { ...exports, create };
}

/** The parts that spans pass, as the preload asks for them. */
const MAKERS = {
  createSampler: ['shouldSample'],
  createPropagator: ['inject', 'extract'],
};

function faultyCore(exports) {
  const replaced = Object.create(exports);
  for (const [maker, names] of Object.entries(MAKERS)) {
    const scope = `spans: ${maker.slice('create'.length).toLowerCase()}`;
    const make = (...args) => faulty(exports[maker](...args), scope, names);
    Object.defineProperty(replaced, maker, { value: make, enumerable: true });
  }
  return replaced;
}

function faultyPipeline({ createPipeline, ...others }) {
  const make = (...args) => {
    reach('spans: createPipeline');
    return faulty(createPipeline(...args), 'spans: pipeline', ['onEnd']);
  };
  return { ...others, createPipeline: make };
}

function makeEncoderFaulty({ BatchEncoder: { prototype } }) {
  const { encodeSpan } = prototype;
  prototype.encodeSpan = function (span) {
    reach('spans: encoder.add');
    return Reflect.apply(encodeSpan, this, [span]);
  };
}

function faultyTransport({ createTransport, ...others }) {
  const make = (...args) => {
    reach('spans: createTransport');
    return faulty(createTransport(...args), 'spans: transport', ['send', 'sendSync', 'close']);
  };
  return { ...others, createTransport: make };
}

function replacement(file, exports) {
  const [folder, name = ''] = path.relative(dist, file).split(path.sep);
  if (folder === 'instrumentations') return faultyInstrumentation(exports, name.replace('.cjs', ''));
  if (folder === 'export' && 'createTransport' in exports) return faultyTransport(exports);
  if (folder === 'export' && 'createPipeline' in exports) return faultyPipeline(exports);
  if (folder === 'delivery.cjs') makeEncoderFaulty(exports);
  return folder === 'core.cjs' ? faultyCore(exports) : exports;
}

const { load } = Module.prototype;
Module.prototype.load = function (filename) {
  const result = Reflect.apply(load, this, [filename]);
  if (filename.startsWith(dist + path.sep)) this.exports = replacement(filename, this.exports);
  return result;
};

if (FAULT_CENSUS)
  process.on('exit', () => fs.writeFileSync(FAULT_CENSUS, JSON.stringify(Object.fromEntries(counts))));
