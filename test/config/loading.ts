import { load } from '../../src/config/load';
import type { Destination, Loaded, OtlpDestination, Problem } from '../../src/config/types';
import { registry } from '../../src/instrumentations';

type Variables = Record<string, string | undefined>;

/** Loads from made-up sources only; nothing of the real environment. */
export function loadFrom(env: Variables, file?: Record<string, string>): Loaded {
  return load({ env, cwd: '/app', ...(file && { file: { path: '/app/.env', values: file } }) }, registry);
}

export function codes({ problems }: Loaded): string[] {
  return problems.map(({ code }) => code);
}

export function problemWith(loaded: Loaded, code: string): Problem {
  const found = loaded.problems.find((problem) => problem.code === code);
  if (found === undefined) throw new Error(`no problem ${code} among: ${codes(loaded).join(', ') || 'none'}`);
  return found;
}

export function destination(loaded: Loaded, id: string): Destination {
  const found = loaded.config.destinations.find((candidate) => candidate.id === id);
  if (found === undefined) {
    throw new Error(
      `no destination ${id} among: ${loaded.config.destinations.map((other) => other.id).join(', ')}`,
    );
  }
  return found;
}

export function otlpDestination(loaded: Loaded, id = 'otlp'): OtlpDestination {
  const found = destination(loaded, id);
  if (found.transport !== 'otlp') throw new Error(`${id} is ${found.transport}`);
  return found;
}

export function ids({ config }: Loaded): string[] {
  return config.destinations.map(({ id }) => id);
}
