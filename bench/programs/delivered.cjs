'use strict';
const { flush, getStats } = require('../../dist/api.cjs');

/**
 * Waits until everything is delivered. To be called between rounds: a span that finds the queue full takes a cheaper way.
 * @throws when a span was dropped
 */
async function delivered() {
  if (!(await flush(30000))) throw new Error('the backend did not take the spans in time');
  const { dropped } = getStats();
  if (Object.keys(dropped).length > 0) throw new Error(`spans were dropped: ${JSON.stringify(dropped)}`);
}

module.exports = { delivered };
