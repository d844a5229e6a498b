/** Texts that people wrote for people: messages of errors, stack traces, lines of logs. */
export { redactDatabaseMessage } from './database-message';
export { redactText } from './prose';
