/** @file What an import ignored or changed in a usable row; each kind becomes one sentence in the report. */
import type { ReadingNote } from '../../../formats/rows/row-source.ts';

export type RowNote =
  | ReadingNote
  /** The `<image>` placeholder was removed from the question. */
  | 'placeholder'
  /** The conversation has more turns than the question and answer used. */
  | 'other-turns'
  | 'system-turn'
  /** The image was found under a different spelling of its name. */
  | 'spelling'
  /** The source assigns the row to validation. */
  | 'validation';

/** The sentence for each kind, given the number of rows in words. */
export const NOTE_SENTENCES: Record<RowNote, (rows: string) => string> = {
  short: (rows) => `In ${rows} the last values are missing; they count as empty.`,
  'lone-quote': (rows) => `In ${rows} a quote inside a value that is not quoted was taken as part of the value.`,
  placeholder: (rows) =>
    `In ${rows} the mark <image> was removed from the question; the model's template puts the image in.`,
  'other-turns': (rows) =>
    `In ${rows} the conversation has other turns too; only one question and the answer that follows it are used: the question that shows the image, or else the first.`,
  'system-turn': (rows) =>
    `In ${rows} the conversation has a system message, which is left out; a run uses its own prompt template.`,
  spelling: (rows) =>
    `In ${rows} the image was found under another spelling of its name (upper and lower case, accents, % signs or the ending).`,
  validation: (rows) =>
    `In ${rows} the source says "validation". Atelier has two splits, so these rows are held out for testing and never trained on.`,
};
