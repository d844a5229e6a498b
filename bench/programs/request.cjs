'use strict';
// A request of node:http from the event that announces it until its response is finished, without a network: under the
// preload and without it, the difference is what tracing allocates.
const { get, IncomingMessage, Server, ServerResponse } = require('node:http');
const { Duplex } = require('node:stream');
const { getStats } = require('../../dist/api.cjs');
const { delivered } = require('./delivered.cjs');
const { measure } = require('./measure.cjs');

const COUNT = 5000;
const HEADERS = ['Host', 'localhost:80', 'User-Agent', 'bench/1.0', 'Accept', '*/*'];
const isTraced = process.argv[2] === 'traced';

class FakeSocket extends Duplex {
  remoteAddress = '127.0.0.1';
  remotePort = 50000;
  localPort = 80;
  _read() {}
  _write(_chunk, _encoding, done) {
    done();
  }
}

const socket = new FakeSocket();
const server = new Server((_request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('hello');
});

function handleRequest() {
  const request = new IncomingMessage(socket);
  request.method = 'GET';
  request.url = '/';
  request.httpVersion = '1.1';
  request.rawHeaders = HEADERS;
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  server.emit('request', request, response);
  response.detachSocket(socket);
  response.emit('finish');
  response.emit('close');
}

/** Tracing of requests begins with the first connection. */
async function handleRealRequest() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await new Promise((resolve) => get(`http://127.0.0.1:${server.address().port}/`, resolve));
  answer.resume();
  server.close();
  server.closeIdleConnections();
}

async function main() {
  await handleRealRequest();
  const before = getStats().created;
  handleRequest();
  if (getStats().created - before !== (isTraced ? 1 : 0))
    throw new Error('the request was not traced as expected');
  const turn = () => new Promise(setImmediate);
  const figures = await measure(COUNT, handleRequest, isTraced ? delivered : turn);
  process.stdout.write(JSON.stringify({ request: figures }));
}

main();
