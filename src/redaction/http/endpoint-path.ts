/** Paths of endpoints: some vendors put the key there (`/receiver/v1/otlp/ZaVnC4dhaV3...`). */
import { MASK } from '../secrets/patterns';

/** In characters. Names that people give are shorter, or have no digits. */
const SHORTEST_TOKEN = 20;

/** @returns the path with each segment masked that looks like a token */
export function maskPath(path: string): string {
  return path
    .split('/')
    .map((segment) => (looksLikeToken(segment) ? MASK : segment))
    .join('/');
}

/** @returns the segments that look like tokens */
export function tokensIn(path: string): string[] {
  return path.split('/').filter(looksLikeToken);
}

function looksLikeToken(segment: string): boolean {
  if (segment.length < SHORTEST_TOKEN) return false;
  let hasDigit = false;
  let hasLetter = false;
  for (let i = 0; i < segment.length; i++) {
    const c = segment.charCodeAt(i) | 0x20;
    if (c >= 0x30 && c <= 0x39) hasDigit = true;
    else if (c >= 0x61 && c <= 0x7a) hasLetter = true;
  }
  return hasDigit && hasLetter;
}
