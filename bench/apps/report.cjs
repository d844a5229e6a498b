'use strict';
// Lets the driver start the server and ask for the CPU time the process has used. The same for every variant.
module.exports = function report(app) {
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send({ cpu: user + system });
    }
    if (message === 'end') {
      server.close();
      server.closeAllConnections();
      // Spans of the last batch leave on a timer: the same time for everyone, then the same end for everyone.
      setTimeout(() => process.exit(0), 1500);
    }
  });
};
