/**
 * @file Text from elsewhere (file names, licences, keys, messages) as a terminal may show it. Control characters could
 * move the cursor, rename the window or hide what was printed, and marks of direction could turn a name around, so they
 * are shown as symbols instead of being sent. Pure.
 */

/** C0 and C1 controls except tab and line feed, delete, marks of direction, and the separators that start a line. */
// eslint-disable-next-line no-control-regex -- the controls are what this is about
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Shows control characters: `␛` for escape, `<U+202E>` for those without a symbol. Tabs and line feeds stay. */
export function shown(text: string): string {
  return text.replace(CONTROLS, symbol);
}

/** As `shown`, on one line: a line feed inside a name could pass for a line of the program's own. */
export function shownOnOneLine(text: string): string {
  return shown(text).replaceAll('\n', '␊').replaceAll('\t', '␉');
}

/** JSON in which the same characters are escapes, which mean the same to every program that reads it. */
export function shownJson(json: string): string {
  return json.replace(CONTROLS, (character) => `\\u${code(character).toLowerCase().padStart(4, '0')}`);
}

function symbol(character: string): string {
  const number = character.charCodeAt(0);
  if (number < 0x20) return String.fromCharCode(0x2400 + number);
  return number === 0x7f ? '␡' : `<U+${code(character).padStart(4, '0')}>`;
}

function code(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}
