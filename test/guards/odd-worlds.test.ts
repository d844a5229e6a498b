/** Prototypes, globals and builtins that others have changed, before the preload or after it. */
import { test } from 'node:test';
import { oddWorlds } from './odd-worlds';
import { undisturbed } from './undisturbed';

for (const [name, given] of oddWorlds) test(name, undisturbed(given));
