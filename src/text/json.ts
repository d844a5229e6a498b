/**
 * JSON that every reader can hold. JSON.stringify() writes the lone half of a surrogate pair as an escape and an integer
 * of any size as digits. Readers that go on to UTF-8 or to 64-bit integers fail on both (RFC 8259, sections 8.2 and 6):
 * Phoenix, for one, answers 200 and then loses the span.
 */

/** @returns a JSON string; the lone half of a surrogate pair becomes U+FFFD */
export function jsonString(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** @returns a JSON number, with an exponent where its digits could exceed 64 bits; a string for what JSON has no number for */
export function jsonNumber(value: number): string {
  if (Number.isSafeInteger(value)) return `${value}`;
  if (!Number.isFinite(value)) return `"${value}"`;
  return Number.isInteger(value) ? value.toExponential() : `${value}`;
}

/**
 * JSON of plain data: texts, numbers, booleans, null, and arrays and objects of them. Members without a value are null
 * in an array and left out of an object, as JSON.stringify() has it.
 * @returns the text; not bounded, and as deep in the stack as the value is
 */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value);
    case 'number':
      return jsonNumber(value);
    case 'boolean':
      return `${value}`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(jsonText).join(',')}]` : jsonObject(value);
    default:
      return 'null';
  }
}

function jsonObject(value: object): string {
  let members = '';
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${jsonString(key)}:${jsonText(member)}`;
  }
  return `{${members}}`;
}
