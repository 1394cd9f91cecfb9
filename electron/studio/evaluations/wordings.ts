/** @file The same question in other words: the starter data's own wordings, your list, or general ones. */
import { DEFAULT_WORDINGS } from '../../method/defaults.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import { fillTemplate } from '../../method/prompt-template.ts';
import { COUNTING_WORDINGS, GEOMETRY_WORDINGS, MEASURES } from '../../starter/texts.ts';

/** One way to ask: a label shared by all samples, and the question for this sample. */
export interface WordedQuestion {
  wording: string;
  question: string;
}

/** Fewer wordings than this say little about how much an answer depends on the wording. */
export const FEWEST_WORDINGS = 4;

/**
 * The wordings of one sample's question, in order of preference: the `wordings` you gave for all samples; the sample's
 * own `paraphrases` column (a list of whole questions); the starter data's wordings, if the question is one of them;
 * general variations.
 */
export function wordingsOf(sample: Pick<Sample, 'prompt' | 'extra'>, wordings?: readonly string[]): WordedQuestion[] {
  if (wordings !== undefined) return fill(wordings, sample.prompt);
  const own = sample.extra['paraphrases'];
  if (Array.isArray(own) && own.length + 1 >= FEWEST_WORDINGS && own.every((text) => typeof text === 'string')) {
    return [sample.prompt, ...own].map((question, index) => ({ wording: ownLabel(index), question }));
  }
  return starterWordings(sample.prompt) ?? fill(DEFAULT_WORDINGS, sample.prompt);
}

function ownLabel(index: number): string {
  return index === 0 ? 'as asked' : `paraphrase ${index}`;
}

function fill(wordings: readonly string[], prompt: string): WordedQuestion[] {
  return wordings.map((wording) => ({ wording, question: fillTemplate(wording, prompt) }));
}

/** Every wording of a starter question, whichever wording is given; null for any other question. */
export function starterWordings(prompt: string): WordedQuestion[] | null {
  for (const { text } of COUNTING_WORDINGS) {
    const kinds = matchWording(text, '{kinds}', prompt);
    if (kinds === null || !/^[a-z]+$/.test(kinds)) continue;
    return COUNTING_WORDINGS.map((wording) => ({
      wording: wording.text,
      question: wording.text.replace('{kinds}', kinds),
    }));
  }
  for (const { text } of GEOMETRY_WORDINGS) {
    const what = matchWording(text, '{what}', prompt);
    if (what === null || !Object.values(MEASURES).includes(what)) continue;
    return GEOMETRY_WORDINGS.map((wording) => ({
      wording: wording.text,
      question: wording.text.replace('{what}', what),
    }));
  }
  return null;
}

/** The text in place of `slot` if the prompt uses this wording. */
function matchWording(wording: string, slot: string, prompt: string): string | null {
  const [before = '', after = ''] = wording.split(slot);
  if (!prompt.startsWith(before) || !prompt.endsWith(after) || prompt.length <= before.length + after.length) {
    return null;
  }
  return prompt.slice(before.length, prompt.length - after.length);
}
