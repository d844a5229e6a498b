/** Decodes percent-encoding. What is no valid escape stays as it is. */

/** How many layers of encoding are removed. No server decodes more. */
export const MAX_LAYERS = 3;

/** The text with all its layers of percent-encoding removed; characters outside of ASCII do not matter here. */
export function decodeFully(text: string): string {
  let decoded = text;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const next = decode(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}

/** The text with one layer removed; the same string if there is none. */
export function decode(text: string): string {
  let out = '';
  let flushed = 0;
  for (let i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
    const byte = hexValue(text.charCodeAt(i + 1)) * 16 + hexValue(text.charCodeAt(i + 2));
    if (!(byte >= 0)) continue;
    out += text.slice(flushed, i) + (byte < 128 ? String.fromCharCode(byte) : '\ufffd');
    flushed = i + 3;
    i += 2;
  }
  return flushed === 0 ? text : out + text.slice(flushed);
}

/** NaN for what is no hexadecimal digit. */
function hexValue(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : Number.NaN;
}

/**
 * Whether `text.slice(start, end)` has an escaped character that could separate a name from a secret:
 * `=`, `:`, `@` or an escaped escape.
 */
export function hasEscapedSeparator(text: string, start: number, end: number): boolean {
  for (let i = start; i < end - 2; i++) {
    if (text.charCodeAt(i) !== 37) continue;
    const second = text.charCodeAt(i + 2) | 32;
    switch (text.charCodeAt(i + 1)) {
      case 50: // %25
        if (second === 53) return true;
        break;
      case 51: // %3A, %3D
        if (second === 97 || second === 100) return true;
        break;
      case 52: // %40
        if (second === 48) return true;
        break;
      default:
    }
  }
  return false;
}
