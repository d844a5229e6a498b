'use strict';
// Ten calls per request to a server in a process of its own, which is not traced.
const { fork } = require('node:child_process');
const http = require('node:http');
const report = require('./report.cjs');

if (process.argv[2] === 'upstream') {
  const upstream = http.createServer((_request, response) => response.end('{"ok":true}'));
  upstream.listen(0, '127.0.0.1', () => process.send(upstream.address().port));
  process.on('disconnect', () => process.exit(0));
} else {
  const child = fork(__filename, ['upstream'], { execArgv: [], env: {} });
  child.once('message', (port) => {
    const url = `http://127.0.0.1:${port}/item`;
    const server = http.createServer(async (_request, response) => {
      const answers = await Promise.all(Array.from({ length: 10 }, async () => (await fetch(url)).json()));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answers));
    });
    report(server);
  });
}
