// The measured apps (apps/), what is asked of them, and how many spans a request makes at least. `share` is that of
// --requests: where an incoming request is ten outgoing ones, those are what is counted.
const users = Array.from({ length: 100 }, (_, i) => `/user/${i + 1}`);

export const scenarios = {
  http: { title: 'http', paths: ['/'], spans: 1, share: 1 },
  'express-pg': { title: 'express + pg', paths: users, spans: 2, share: 1 },
  'fastify-mysql2': { title: 'fastify + mysql2', paths: users, spans: 2, share: 1 },
  'fetch-fan-out': { title: 'fetch, 10 per request', paths: ['/'], spans: 11, share: 0.1 },
  'ioredis-pipeline': { title: 'ioredis, a pipeline of 10', paths: ['/'], spans: 2, share: 1 },
};

/** Ten queries in a request, so that the drivers can be compared. */
export const queries = Object.fromEntries(
  ['pg', 'mysql2', 'redis', 'mongodb', 'better-sqlite3'].map((driver) => [
    `queries/${driver}`,
    // Version 13 is the first that Node 24 runs, and Node 20 does not run it.
    {
      title: driver,
      paths: ['/'],
      spans: 11,
      share: 0.25,
      not: driver === 'better-sqlite3' ? '20' : undefined,
    },
  ]),
);
