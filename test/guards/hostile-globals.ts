/** The worlds of `fixtures/guards/odd-world.cjs`. */
import { fromRoot } from '../helpers/paths';
import { type Case, ROUND } from './unaffected';

/** What the app's work makes in each of them. */
const worlds: Readonly<Record<string, string>> = {
  'enumerable properties': ROUND,
  'inherited settings and options': ROUND,
  'inherited getters that throw': ROUND,
  'an inherited then': ROUND,
  'frozen prototypes': ROUND,
  'stopped timers': ROUND,
  'a stopped clock': ROUND,
  'fewer globals': 'client GET\n  server GET',
  'mocked builtins': ROUND,
};

export const oddWorlds: [name: string, given: Case][] = Object.entries(worlds).flatMap(([world, spans]) =>
  (['before', 'after'] as const).map((when): [string, Case] => [
    `${world}, ${when} the preload`,
    {
      by: '--require',
      [when]: ['--require', fromRoot('fixtures/guards/odd-world.cjs')],
      env: { ODD_WORLD: world },
      spans,
    },
  ]),
);
