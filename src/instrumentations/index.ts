/**
 * The registry: one entry per library, by what its spans stand for. Adding one there, a file beside this one and a fixture is
 * all that a new library takes.
 */
import type { RegistryEntry } from './define';
import { contexts } from './registry/contexts';
import { frameworks } from './registry/frameworks';
import { http } from './registry/http';
import { models } from './registry/models';
import { sql } from './registry/sql';
import { stores } from './registry/stores';

export const registry: readonly RegistryEntry[] = [
  ...http,
  ...frameworks,
  ...sql,
  ...stores,
  ...models,
  ...contexts,
];
