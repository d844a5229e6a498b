'use strict';
/**
 * Adds the entries of `fixtures/esm-library` to the registry, from outside: required before the preload, it gets between the
 * files of `dist` as they are loaded. Nothing that is shipped knows of it.
 */
const Module = require('node:module');
const path = require('node:path');

const core = path.resolve(__dirname, '../../dist/core.cjs');

const { load } = Module.prototype;
Module.prototype.load = function (filename) {
  const result = Reflect.apply(load, this, [filename]);
  if (filename === core)
    this.exports.registry.push(...require('../../fixtures/esm-library/entries.cjs').entries);
  return result;
};
