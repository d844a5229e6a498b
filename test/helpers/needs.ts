/**
 * How a test says which real server it needs:
 *
 *     test('queries', { skip: skipWithout('postgres') }, async () => { … serverUrl('postgres') … });
 *
 * The runner (`test/run.mjs`) has started what it could and left the addresses in the environment.
 */
export type ServerName = 'postgres' | 'mariadb' | 'redis' | 'mongodb';

const variables = {
  postgres: 'TEST_POSTGRES',
  mariadb: 'TEST_MARIADB',
  redis: 'TEST_REDIS',
  mongodb: 'TEST_MONGODB',
} as const;

export function urlVariable(name: ServerName): string {
  return `${variables[name]}_URL`;
}

/** Holds the sentence that says why there is no server. */
export function missingVariable(name: ServerName): string {
  return `${variables[name]}_MISSING`;
}

export function skipWithout(...names: ServerName[]): string | false {
  for (const name of names) {
    if (process.env[urlVariable(name)]) continue;
    const why = process.env[missingVariable(name)];
    return why || `no ${name} server: run the test through test/run.mjs or set ${urlVariable(name)}`;
  }
  return false;
}

/** The variable in which fixtures look for a server. @param url that of the server itself unless told */
export function serverEnv(name: ServerName, url = serverUrl(name)): Record<string, string> {
  return { [name === 'redis' ? 'REDIS_URL' : 'DATABASE_URL']: url };
}

/** Throws when there is none; a test that may be skipped asks `skipWithout` first. */
export function serverUrl(name: ServerName): string {
  const url = process.env[urlVariable(name)];
  if (!url) throw new Error(skipWithout(name) || `no ${name} server`);
  return url;
}
