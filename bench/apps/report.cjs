'use strict';
// Lets the driver start the server and ask what the process has used. The same for every variant.
const { monitorEventLoopDelay } = require('node:perf_hooks');

module.exports = function report(app) {
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  let delay;
  process.on('message', (message) => {
    if (message === 'usage') {
      const { user, system } = process.cpuUsage();
      process.send({ cpu: user + system, memory: process.resourceUsage().maxRSS * 1024 });
    }
    if (message === 'watch delay') {
      delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      process.send({});
    }
    if (message === 'delay') {
      delay.disable();
      process.send({ p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 });
    }
  });
  process.on('disconnect', () => process.exit(0));
};
