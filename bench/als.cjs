'use strict';
// The floor: every request runs in a store of its own, as tracing needs it, and nothing else happens.
const { AsyncLocalStorage } = require('node:async_hooks');
const { Server } = require('node:http');

const storage = new AsyncLocalStorage();
const { emit } = Server.prototype;
Server.prototype.emit = function (...args) {
  return args[0] === 'request' ? storage.run({}, () => emit.apply(this, args)) : emit.apply(this, args);
};
