'use strict';
const http = require('node:http');
const report = require('./report.cjs');

report(
  http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end('hello');
  }),
);
