/** `db.query.text` of memcached's commands, in the words of its text protocol: keys stay, values are `?`. */
import type { Sanitized } from '../sanitized';
import { commandName, describeCommand } from './command';

/** Their arguments are keys. Of other commands the first one is a key, or says what is asked for (`stats items`). */
const READING: ReadonlySet<string> = new Set(['get', 'gets', 'delete']);

/** `set user:1 ?` */
export function describeMemcachedCommand(name: string, args: readonly unknown[]): Sanitized {
  const command = memcachedCommandName(name);
  return describeCommand(command, args, READING.has(command) ? '*k' : command === '' ? '*v' : 'k*v');
}

/** In lower case, as the protocol has it; '' for what is no name of a command. */
export function memcachedCommandName(name: string): Sanitized | '' {
  return commandName(name).toLowerCase() as Sanitized | '';
}
