/** @file Makes signals with bounded evidence, so that no file of others can swell the store or a manifest. */
import type { Signal } from '../../contract/model/signals.ts';

/** Characters of the exact words that are kept. */
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

// Control characters but tab and line breaks, and halves of surrogate pairs, which are no text in UTF-8.
const NO_TEXT =
  // eslint-disable-next-line no-control-regex -- taking them out is the point
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text of others, fit for one place on a screen: without characters that are no text, cut where it is too long. */
export function bounded(text: string, characters: number): string {
  const cut = text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
  // Anew, not as a slice: a slice would keep the whole packet that it was cut from in memory, for every image.
  return Buffer.from(cut.replace(NO_TEXT, '\uFFFD'), 'utf8').toString('utf8');
}
