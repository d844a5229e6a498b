/**
 * Real servers for the tests, each from the first source that has it: an address in the environment, programs
 * on this machine, Debian's packages, a build from its sources. When there is none, the tests that need it are skipped with
 * a sentence.
 */
import { missingVariable, type ServerName, urlVariable } from '../needs';
import { canInstall, install } from './debian';
import { mariadb } from './mariadb';
import { memcached } from './memcached';
import { mongodb } from './mongodb';
import { postgres } from './postgres';
import type { Recipe, RunningServer } from './recipe';
import { redis } from './redis';
import { redisCluster } from './redis-cluster';

const recipes: readonly Recipe[] = [postgres, mariadb, redis, redisCluster, memcached, mongodb];

export const serverNames: readonly ServerName[] = recipes.map((recipe) => recipe.name);

export interface Provision {
  /** To be put into the environment of the tests. */
  env: Record<string, string>;
  /** One line per server for the person who runs the tests. */
  lines: string[];
  stop(): Promise<void>;
}

export async function provision(names: readonly ServerName[] = serverNames): Promise<Provision> {
  const wanted = recipes.filter((recipe) => names.includes(recipe.name));
  const env: Record<string, string> = {};
  const lines: string[] = [];
  const running: RunningServer[] = [];

  const here = wanted.filter((recipe) => {
    const given = process.env[urlVariable(recipe.name)];
    if (given) lines.push(`${recipe.name}: the one in ${urlVariable(recipe.name)}`);
    return !given;
  });
  const whyNotInstalled = await installMissing(here);
  await Promise.all(
    here.map(async (recipe) => {
      const { name } = recipe;
      const remedy = `${remedyOf(recipe)}, or set ${urlVariable(name)}`;
      try {
        if (recipe.find() === undefined) await recipe.build?.();
        const start = recipe.find();
        if (start === undefined) throw new Error(whyNotInstalled ?? 'its programs are not on this machine');
        const server = await start();
        running.push(server);
        env[urlVariable(name)] = server.url;
        lines.push(`${name}: ${server.url}`);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const why = text.trim().split('\n').at(-1);
        env[missingVariable(name)] = `no ${name} server (${why}): ${remedy}`;
        lines.push(`${name}: MISSING, ${why}`);
      }
    }),
  );
  return {
    env,
    lines: lines.sort(),
    stop: async () => {
      await Promise.all(running.splice(0).map((server) => server.stop()));
    },
  };
}

function remedyOf({ packages, remedy = `install Debian's ${packages.join(' and ')}` }: Recipe): string {
  return remedy;
}

async function installMissing(candidates: readonly Recipe[]): Promise<string | undefined> {
  const absent = candidates.filter(({ packages, find }) => packages.length > 0 && find() === undefined);
  if (absent.length === 0) return undefined;
  if (!canInstall()) return 'its programs are not on this machine, and installing packages needs root';
  try {
    await install(absent.flatMap((recipe) => recipe.packages));
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `installing it failed: ${text.trim().split('\n').at(-1)}`;
  }
}
