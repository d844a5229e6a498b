'use strict';
// What `node --require @canvasops/register` loads, and what `require('@canvasops/register')` gives. In the syntax of
// old Nodes, which cannot even parse the rest, and prepared for a dist/ that is missing or may not be read
// (--permission): the app runs as if we were not there.
try {
  require('./dist/preload.cjs');
  module.exports = require('./dist/api.cjs');
} catch (error) {
  const node = process.versions.node;
  const why =
    parseInt(node, 10) < 20
      ? `not tracing: Node ${node} is too old; 20.6 or later is needed`
      : `tracing could not be started; the app runs without it: ${String(error).split('\n')[0]}`;
  try {
    // Not process.stderr: closed, that stream would end the app by an 'error' event.
    require('fs').writeSync(2, `[canvasops] ${why}.\n`);
  } catch (_) {
    // nobody reads it
  }
}
