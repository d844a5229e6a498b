// What `node --require @canvasops/register` loads, and what `require('@canvasops/register')` gives.
require('./dist/preload.cjs');

module.exports = require('./dist/api.cjs');
