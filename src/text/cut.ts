/** Cuts text where Unicode lets it: never between the two halves of a surrogate pair (Unicode standard, D75 and D76). */

/**
 * The beginning of a text.
 * @param length how many UTF-16 code units are kept at most; Infinity keeps all
 * @returns the same string where it is not longer; one unit less than asked for where a pair would be split
 */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, isFirstHalf(text.charCodeAt(length - 1)) ? length - 1 : length);
}

function isFirstHalf(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
