/**
 * `key=value,key=value` lists as OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES have them: W3C Baggage
 * syntax without properties, percent-decoded, split at the first `=`
 * (OpenTelemetry protocol exporter, "Specifying headers via environment variables").
 * Values are secrets more often than not, so a bad entry is named by its position and never by its text.
 */
import { problem } from './problem';
import type { ParseContext, Parser } from './setting';
import { isToken } from './tokens';

function decode(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

/** Visible ASCII, space and tab: what HTTP/1.1 and gRPC metadata both carry, and no CR or LF. */
function isHeaderValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code !== 9 && (code < 0x20 || code > 0x7e)) return false;
  }
  return value !== '';
}

/** Set by whoever opens the connection; a second value would break the request or smuggle another. */
const RESERVED = new Set(
  (
    'connection content-encoding content-length content-type expect host http2-settings keep-alive proxy-connection te ' +
    'trailer transfer-encoding upgrade'
  ).split(' '),
);

function isReserved(name: string): boolean {
  return RESERVED.has(name) || name.startsWith('grpc-');
}

/** Calls `take` for each entry that has a name; the rest, and what `take` returns a reason for, is reported. */
function eachPair(
  value: string,
  context: ParseContext,
  take: (name: string, value: string) => string | undefined,
): void {
  let position = 0;
  for (const raw of value.split(',')) {
    position++;
    const entry = raw.trim();
    if (entry === '') continue;
    const equals = entry.indexOf('=');
    const rawName = entry.slice(0, equals).trim();
    const rawValue = entry.slice(equals + 1).trim();
    let reason: string | undefined;
    if (equals < 0) reason = 'has no `=`';
    else {
      const name = decode(rawName);
      const decoded = decode(rawValue);
      if (decoded === undefined) {
        context.problems.push(
          problem(
            'PAIR_NOT_DECODED',
            context.variable,
            `The value of entry ${position} has a % that is not percent-encoding, so it is used as it is.`,
            'Write %25 for a literal %.',
          ),
        );
      }
      // Padding without a name before it: a bare base64 text was split at its own `=`.
      const padding = rawValue === '' || rawValue === '=';
      if (name === undefined || name === '') reason = 'has no usable name before the `=`';
      else if (padding) reason = 'has no value after the `=`';
      else reason = take(name.trim(), decoded ?? rawValue);
    }
    if (reason !== undefined) {
      context.problems.push(
        problem(
          'PAIR_INVALID',
          context.variable,
          `Entry ${position} ${reason}, so it is left out.`,
          'Write the list as name=value,name2=value2, with %2C for a comma inside a value.',
        ),
      );
    }
  }
}

/** Resource attributes. Good entries are kept even if another is bad: losing all of them helps nobody. */
export const attributes: Parser<Readonly<Record<string, string>>> = (value, context) => {
  const found = new Map<string, string>();
  eachPair(value, context, (name, attribute) => {
    found.set(name, attribute);
    return undefined;
  });
  return found.size === 0 ? undefined : Object.fromEntries(found);
};

/** Request headers, names in lower case. */
export const headers: Parser<Readonly<Record<string, string>>> = (value, context) => {
  const found = new Map<string, string>();
  eachPair(value, context, (rawName, header) => {
    if (!isToken(rawName)) return 'has a name that is not a header name';
    const name = rawName.toLowerCase();
    if (isReserved(name)) {
      context.problems.push(
        problem(
          'HEADER_RESERVED',
          context.variable,
          `The header ${name} belongs to the connection, so it is left out.`,
          `Take ${name} out of ${context.variable}.`,
        ),
      );
    } else if (isSendable(header, context)) found.set(name, header);
    return undefined;
  });
  return found.size === 0 ? undefined : Object.fromEntries(found);
};

function isSendable(value: string, { variable, problems }: ParseContext): boolean {
  if (isHeaderValue(value)) return true;
  problems.push(
    problem(
      'HEADER_INVALID',
      variable,
      'A value has a character that a header cannot carry (a line break, a control character, or one outside ASCII), so it is left out.',
      'Copy the value again; look for a line break at its end.',
    ),
  );
  return false;
}

/** A key that is to become a header value. */
export const key: Parser<string> = (value, context) => (isSendable(value, context) ? value : undefined);
