/**
 * How a test says which real server it needs:
 *
 *     test('queries', { skip: skipWithout('postgres') }, async () => { … serverUrl('postgres') … });
 *
 * The runner (`test/run.mjs`) has started what it could and left the addresses in the environment.
 */
export type ServerName = keyof typeof fixtureVariables;

/** The variables in which fixtures look for their server. */
const fixtureVariables = {
  postgres: 'DATABASE_URL',
  mariadb: 'DATABASE_URL',
  redis: 'REDIS_URL',
  'redis-cluster': 'REDIS_URL',
  memcached: 'MEMCACHED_URL',
  mongodb: 'DATABASE_URL',
} as const;

export const allServers = Object.keys(fixtureVariables) as ServerName[];

/** `TEST_REDIS_CLUSTER_URL` */
export function urlVariable(name: ServerName): string {
  return `${testVariable(name)}_URL`;
}

/** Holds the sentence that says why there is no server. */
export function missingVariable(name: ServerName): string {
  return `${testVariable(name)}_MISSING`;
}

function testVariable(name: ServerName): string {
  return `TEST_${name.toUpperCase().replaceAll('-', '_')}`;
}

export function skipWithout(...names: ServerName[]): string | false {
  for (const name of names) {
    if (process.env[urlVariable(name)]) continue;
    const why = process.env[missingVariable(name)];
    return why || `no ${name} server: run the test through test/run.mjs or set ${urlVariable(name)}`;
  }
  return false;
}

/** What a fixture finds a server by. @param url that of the server itself unless told */
export function serverEnv(name: ServerName, url = serverUrl(name)): Record<string, string> {
  return { [fixtureVariables[name]]: url };
}

/** Throws when there is none; a test that may be skipped asks `skipWithout` first. */
export function serverUrl(name: ServerName): string {
  const url = process.env[urlVariable(name)];
  if (!url) throw new Error(skipWithout(name) || `no ${name} server`);
  return url;
}
