'use strict';
// What any work costs: every request computes for 5 µs, and nothing else happens. The load takes a processor of its own, and
// the slower the server is, the more often it has to wake the client.
const { Server } = require('node:http');

const NANOSECONDS = 5000n;

const { emit } = Server.prototype;
const { bigint: now } = process.hrtime;
Server.prototype.emit = function (...args) {
  if (args[0] === 'request') {
    const end = now() + NANOSECONDS;
    while (now() < end);
  }
  return emit.apply(this, args);
};
