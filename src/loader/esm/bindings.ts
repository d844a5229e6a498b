/** The bindings of an ES module as its patch sees them. */

export interface OpenedBindings {
  readonly bindings: Record<string, unknown>;
  /** Gives the variables the values back that they had. Never throws. */
  restore(): void;
}

/**
 * Takes away what the module does not have.
 * @param bindings accessors of the module's variables, as the statement at its end made them
 */
export function openBindings(bindings: Record<string, unknown>): OpenedBindings {
  const before = new Map<string, unknown>();
  for (const name of Object.keys(bindings)) {
    try {
      const value = bindings[name];
      // Where the module declares no such name, the accessor has reached the global of that name.
      if (name in globalThis && (globalThis as Record<string, unknown>)[name] === value)
        delete bindings[name];
      else before.set(name, value);
    } catch {
      // A ReferenceError: there is no such name at all.
      delete bindings[name];
    }
  }
  return {
    bindings,
    restore(): void {
      for (const [name, value] of before) {
        // A `const` still has its value.
        if (bindings[name] !== value) bindings[name] = value;
      }
    },
  };
}
