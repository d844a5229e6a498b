/** Prototypes, globals and builtins that others have changed, before the preload or after it. */
import { test } from 'node:test';
import { oddWorlds } from './hostile-globals';
import { unaffected } from './unaffected';

for (const [name, given] of oddWorlds) test(name, unaffected(given));
