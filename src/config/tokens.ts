/** Names as HTTP has them: of headers, of methods. */
import { quote } from './display';
import { entriesOf } from './parse';
import { problem } from './problem';
import type { Parser } from './setting';

/** Visible ASCII without separators (RFC 9110, "token"). */
const TOKEN_EXTRAS = "!#$%&'*+-.^_`|~";

export function isToken(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const alphanumeric =
      (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    if (!alphanumeric && !TOKEN_EXTRAS.includes(name.charAt(i))) return false;
  }
  return name !== '';
}

/** A comma list of such names; others, as `x-a x-b` with a blank for the comma, are reported and left out. */
function listOfTokens(what: string): Parser<readonly string[]> {
  return (value, { variable, problems }) => {
    const found = new Set<string>();
    for (const entry of new Set(entriesOf(value))) {
      if (isToken(entry)) found.add(entry);
      else {
        problems.push(
          problem(
            'NAME_INVALID',
            variable,
            `${quote(entry)} is not a name that ${what} can have, so it is left out.`,
            `Write ${variable} as a list of names with commas between them.`,
          ),
        );
      }
    }
    return found.size === 0 ? undefined : [...found];
  };
}

const headers = listOfTokens('a header');

/** Names of headers, in lower case. */
export const headerNames: Parser<readonly string[]> = (value, context) =>
  headers(value.toLowerCase(), context);

/** Names of HTTP methods, which are case-sensitive (RFC 9110, 9.1). */
export const methodNames: Parser<readonly string[]> = listOfTokens('an HTTP method');
