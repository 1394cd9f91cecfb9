/** @file Makes signals with bounded evidence, so that no file can inflate the store or a manifest. */
import type { Signal } from '../../contract/model/signals.ts';

/** How many characters of the exact words are kept. */
export const MAX_RAW_CHARACTERS = 4096;
const MAX_LOCATOR_CHARACTERS = 512;
const MAX_STATEMENT_CHARACTERS = 600;

export function makeSignal(signal: Signal): Signal {
  return {
    ...signal,
    locator: bounded(signal.locator, MAX_LOCATOR_CHARACTERS),
    raw: bounded(signal.raw, MAX_RAW_CHARACTERS),
    statement: bounded(signal.statement, MAX_STATEMENT_CHARACTERS),
  };
}

// Control characters other than tab and line breaks, and lone surrogates, which UTF-8 cannot encode.
const NO_TEXT =
  // eslint-disable-next-line no-control-regex -- to remove them is the point
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from a file, safe to show in one place on a screen: without control characters, cut if it is too long. */
export function bounded(text: string, characters: number): string {
  const cut = text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
  // A new string: a slice would keep the whole packet it was cut from in memory, for every image.
  return Buffer.from(cut.replace(NO_TEXT, '\uFFFD'), 'utf8').toString('utf8');
}
