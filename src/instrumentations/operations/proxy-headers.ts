/** What proxies say of the request they pass on: Forwarded (RFC 7239) and the X-Forwarded-* lists. */

/** No entry that is of use is longer. */
const MAX_HEADER = 2048;

/** The first value of a parameter of a Forwarded header: `for=192.0.2.43;proto=https, for="[2001:db8::17]"`. */
export function forwardedParameter(header: string, name: string): string | undefined {
  const end = Math.min(header.length, MAX_HEADER);
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i <= end; i++) {
    const c = i === end ? ',' : header[i];
    if (c === '"') isQuoted = !isQuoted;
    if (i < end && (isQuoted || (c !== ';' && c !== ','))) continue;
    const value = valueIn(header.slice(start, i), name);
    if (value !== undefined) return value;
    start = i + 1;
  }
  return undefined;
}

function valueIn(pair: string, name: string): string | undefined {
  const equals = pair.indexOf('=');
  if (equals < 1 || pair.slice(0, equals).trim().toLowerCase() !== name) return undefined;
  const value = pair.slice(equals + 1).trim();
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

export function firstOf(list: string): string {
  const comma = list.indexOf(',');
  return (comma < 0 ? list : list.slice(0, comma)).trim();
}

/** `example.com:8080`, `[::1]:80`, `192.0.2.1`, `::1` */
export function splitHost(given: string): { address: string; port: number | undefined } {
  // Nobody asks for a host by user and password, but somebody may put them there.
  const host = given.slice(given.lastIndexOf('@') + 1);
  if (host.startsWith('[')) {
    const close = host.indexOf(']');
    if (close > 0) {
      const port = host[close + 1] === ':' ? portOf(host.slice(close + 2)) : undefined;
      return { address: host.slice(1, close), port };
    }
  }
  const colon = host.indexOf(':');
  // More than one colon and no brackets: an IPv6 address without a port.
  if (colon < 0 || host.indexOf(':', colon + 1) > 0) return { address: host, port: undefined };
  return { address: host.slice(0, colon), port: portOf(host.slice(colon + 1)) };
}

/** Digits only: Number() would also read `0x50`, `8e1` and blanks. */
function portOf(text: string): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) return undefined;
  }
  const port = Number(text);
  return port > 0 && port < 65_536 ? port : undefined;
}
