/** @file A text of an image as a signal, where it forbids training in plain words. */
import type { Signal, SignalKind, SignalTrust } from '../../contract/model/signals.ts';
import { MAX_RAW_CHARACTERS, makeSignal } from './make-signal.ts';
import { readRightsWords, type TextPlace } from './rights-words.ts';

export interface TextOfImage {
  text: string;
  place: TextPlace;
  /** How the place is called in a sentence, such as `dc:rights` or `the PNG text “Disclaimer”`. */
  name: string;
  locator: string;
  kind: SignalKind;
  trust?: SignalTrust;
}

/** Empty where the text forbids nothing. The words count as evidence against training, never as a permission. */
export function signalsOfWords({ text, place, name, locator, kind, trust = 'unsigned' }: TextOfImage): Signal[] {
  const words = readRightsWords(text, place);
  if (words === null) return [];
  const says =
    words.value === 'constrained'
      ? `${name} allows training or data mining only under terms`
      : words.isNoAi
        ? `${name} says “noai”`
        : `${name} forbids training or data mining`;
  return [
    makeSignal({
      kind: words.isNoAi ? 'noai' : kind,
      value: words.value,
      scope: words.scope,
      trust,
      locator,
      // The sentence alone where the whole would be cut before it.
      raw: text.length <= MAX_RAW_CHARACTERS ? text : words.sentence,
      statement: `${upperFirst(says)}: “${words.sentence.slice(0, 300).replace(/\.$/, '')}”.`,
    }),
  ];
}

function upperFirst(text: string): string {
  return /^[a-z]+[ :]/.test(text) && !/^[a-z]+:/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
