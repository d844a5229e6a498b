/** What was thrown: an Error as a rule, but an app may throw anything. */

/** Whether the app had used up the stack. By V8's words, and its own class of the realm that overflowed. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

/** The first line of the message; where there is none, the class. Node appends the chain of requires, line by line. */
export function firstLine(error: unknown): string {
  try {
    const message = error instanceof Error ? error.message || error.name : String(error);
    return message.split('\n', 1)[0] ?? '';
  } catch {
    return 'unknown error';
  }
}
