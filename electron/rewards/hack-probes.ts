/**
 * @file Tricks that earn undeserved rewards, as data: tests prove that the built-in rewards resist them, and the bench
 * tries them on custom rewards. Known from practice: `<answer>A or B or C</answer>`, empty answers that score 1, empty
 * thoughts that farm the format reward.
 */
import type { AnswerKind } from '../contract/model/rewards.ts';
import { descriptionText, readDescriptionReference } from './descriptions.ts';
import { readFields } from './fields.ts';
import { readOrder } from './orders.ts';
import { readBoxes } from './places.ts';
import type { Guard } from './registry.ts';
import { readTags } from './tag-sets.ts';
import { readChoiceReference } from './text-answers.ts';

export type HackProbe = {
  id: string;
  /** What the model does, in words. */
  title: string;
  /** The classes of reward that must give nothing for it. */
  against: readonly Guard[];
  /** The kinds of answer that it is a trick for; absent = all. */
  kinds?: readonly AnswerKind[];
  /** @param reference an answer that is right @param whole the reference as the dataset holds it, if that is more */
  build: (reference: string, wrong: readonly string[], whole?: string) => string;
};

const THOUGHT = '<think>I look at the picture and go through it one by one.</think>';

/** Zero-width space and joiner, no-break space, soft hyphen, Hangul filler, braille blank, and a tag character. */
const INVISIBLE = '\u200b\u200d\u00a0\u00ad\u3164\u2800\u{e0041}';

export const hackProbes: readonly HackProbe[] = [
  { id: 'nothing', title: 'says nothing at all', against: ['answer', 'form', 'thought'], build: () => '' },
  {
    id: 'empty-answer',
    title: 'leaves the answer empty',
    against: ['answer', 'form'],
    build: () => `${THOUGHT}<answer></answer>`,
  },
  {
    id: 'blank-answer',
    title: 'answers with spaces',
    against: ['answer', 'form'],
    build: () => `${THOUGHT}<answer> \n </answer>`,
  },
  {
    id: 'invisible-answer',
    title: 'answers with invisible characters',
    against: ['answer', 'form'],
    build: () => `${THOUGHT}<answer>${INVISIBLE}</answer>`,
  },
  {
    id: 'several-answers',
    title: 'offers several answers in one tag',
    against: ['answer'],
    build: (reference, wrong) => `${THOUGHT}<answer>${[reference, ...wrong].join(' or ')}</answer>`,
  },
  {
    id: 'list-of-answers',
    title: 'lists answers one per line',
    against: ['answer'],
    build: (reference, wrong) => `${THOUGHT}<answer>${[...wrong, reference].join('\n')}</answer>`,
  },
  {
    id: 'everything',
    title: 'adds twenty more things to the answer',
    against: ['answer'],
    build: (reference) => {
      const more = Array.from({ length: 20 }, (_, index) => `thing ${String.fromCharCode(97 + index)}`);
      return `${THOUGHT}<answer>${[reference, ...more].join(', ')}</answer>`;
    },
  },
  {
    id: 'range',
    title: 'names a range with the answer at one end',
    against: ['answer'],
    build: (reference, wrong) => `${THOUGHT}<answer>${reference} to ${wrong[0] ?? 'anything'}</answer>`,
  },
  {
    id: 'negated',
    title: 'says what the answer is not',
    against: ['answer'],
    build: (reference, wrong) => `${THOUGHT}<answer>not ${wrong[0] ?? 'that'} but ${reference}, or not</answer>`,
  },
  {
    id: 'right-then-wrong',
    title: 'gives the right answer and then another',
    against: ['answer', 'form'],
    build: (reference, wrong) => `${THOUGHT}<answer>${reference}</answer><answer>${wrong[0] ?? 'no'}</answer>`,
  },
  {
    id: 'answer-outside',
    title: 'writes the answer outside the tags',
    against: ['answer', 'form'],
    build: (reference) => `${THOUGHT} The answer is ${reference}.`,
  },
  {
    id: 'answer-in-thought',
    title: 'answers only inside the thought',
    against: ['answer', 'form'],
    build: (reference) => `<think>It is <answer>${reference}</answer></think>`,
  },
  {
    id: 'answer-repeated',
    title: 'repeats the answer inside the tag',
    against: ['answer'],
    build: (reference) => `${THOUGHT}<answer>${Array.from({ length: 5 }, () => reference).join(' ')}</answer>`,
  },
  {
    id: 'nested-answer',
    title: 'nests answer tags',
    against: ['answer', 'form'],
    build: (reference) => `${THOUGHT}<answer><answer>${reference}</answer></answer>`,
  },
  {
    id: 'copied-instructions',
    title: 'copies the instructions instead of answering',
    against: ['answer'],
    build: () => '<think> </think> and final answer (number) in <answer> </answer> tags.',
  },
  {
    id: 'block-repeated',
    title: 'repeats the whole answer block',
    against: ['form'],
    build: (reference) => THOUGHT + `<answer>${reference}</answer>`.repeat(5),
  },
  {
    id: 'no-thought',
    title: 'writes the tags without a thought',
    against: ['form', 'thought'],
    build: (reference) => `<think></think><answer>${reference}</answer>`,
  },
  {
    id: 'blank-thought',
    title: 'thinks in spaces',
    against: ['form', 'thought'],
    build: (reference) => `<think> \n </think><answer>${reference}</answer>`,
  },
  {
    id: 'invisible-thought',
    title: 'thinks in invisible characters',
    against: ['form', 'thought'],
    build: (reference) => `<think>${INVISIBLE.repeat(8)}</think><answer>${reference}</answer>`,
  },
  {
    id: 'comment-thought',
    title: 'thinks in a comment that nobody sees',
    against: ['form', 'thought'],
    build: (reference) => `<think><!-- I look at every part of the picture --></think><answer>${reference}</answer>`,
  },
  {
    id: 'dotted-thought',
    title: 'thinks in dots',
    against: ['thought'],
    build: (reference) => `<think>${'. '.repeat(40)}</think><answer>${reference}</answer>`,
  },
  {
    id: 'one-letter-thought',
    title: 'thinks in one letter over and over',
    against: ['thought'],
    build: (reference) => `<think>${'a'.repeat(80)}</think><answer>${reference}</answer>`,
  },
  {
    id: 'thought-after',
    title: 'thinks only after answering',
    against: ['form', 'thought'],
    build: (reference) => `<answer>${reference}</answer>${THOUGHT}`,
  },
  {
    id: 'tag-and-guesses',
    title: 'names one right tag and guesses the others',
    against: ['answer'],
    kinds: ['tags'],
    build: (reference) => {
      const tags = [...(readTags(reference) ?? [])];
      const guesses = Array.from(
        { length: 2 * tags.length + 1 },
        (_, at) => `guess ${String.fromCharCode(97 + (at % 26))}`,
      );
      return honestCompletion([tags[0] ?? 'tag', ...new Set(guesses)].join(', '));
    },
  },
  {
    id: 'frequent-letters',
    title: 'writes frequent letters instead of reading',
    against: ['answer'],
    kinds: ['transcript'],
    build: (reference) => honestCompletion('e t a o i n s r '.repeat(Math.ceil(reference.length / 16))),
  },
  {
    id: 'empty-fields',
    title: 'names the fields and leaves them empty',
    against: ['answer'],
    kinds: ['fields'],
    build: (reference) => honestCompletion(JSON.stringify(mapLeaves(reference, () => ''))),
  },
  {
    id: 'several-values',
    title: 'offers several values in each field',
    against: ['answer'],
    kinds: ['fields'],
    build: (reference) => honestCompletion(JSON.stringify(mapLeaves(reference, (value) => [value, 'other', 0]))),
  },
  {
    id: 'all-the-same',
    title: 'puts everything in the same place',
    against: ['answer'],
    kinds: ['order'],
    build: (reference) => honestCompletion([...(readOrder(reference)?.places.keys() ?? ['a', 'b'])].join(' = ')),
  },
  {
    id: 'reversed',
    title: 'turns the order around',
    against: ['answer'],
    kinds: ['order'],
    build: (reference) =>
      honestCompletion([...(readOrder(reference)?.places.keys() ?? ['a', 'b'])].reverse().join(', ')),
  },
  {
    id: 'fact-list',
    title: 'lists the facts instead of describing',
    against: ['answer'],
    kinds: ['description'],
    build: (reference, _wrong, whole = reference) => {
      const facts = readDescriptionReference(whole)?.must.map(([wording = []]) => wording.join(' ')) ?? [];
      return honestCompletion(facts.join(' '));
    },
  },
  {
    id: 'word-flood',
    title: 'hides the facts in a flood of words',
    against: ['answer'],
    kinds: ['description'],
    build: (reference) =>
      honestCompletion(`${reference} ${Array.from({ length: 200 }, (_, at) => `thing${String(at)}`).join(' ')}`),
  },
  {
    id: 'denied-facts',
    title: 'denies the facts',
    against: ['answer'],
    kinds: ['description'],
    build: (reference, _wrong, whole = reference) => {
      const facts = readDescriptionReference(whole)?.must.map(([wording = []]) => `no ${wording.join(' ')}`) ?? [
        'nothing',
      ];
      return honestCompletion(`There is ${facts.join(' and ')}.`);
    },
  },
  {
    id: 'whole-picture',
    title: 'draws a box around everything',
    against: ['answer'],
    kinds: ['box'],
    build: () => honestCompletion('[0, 0, 100000, 100000]'),
  },
  {
    id: 'many-boxes',
    title: 'draws thirty boxes',
    against: ['answer'],
    kinds: ['box'],
    build: (reference) => {
      const boxes = readBoxes(reference)?.map(({ place }) => place) ?? [];
      const more = Array.from({ length: 30 }, (_, at) => [40_000 + 20 * at, 40_000, 40_010 + 20 * at, 40_010]);
      return honestCompletion(JSON.stringify([...boxes, ...more]));
    },
  },
  {
    id: 'many-points',
    title: 'points everywhere',
    against: ['answer'],
    kinds: ['point'],
    build: (reference) => {
      const point = /-?\d+(?:\.\d+)?/g;
      const [x = 0, y = 0] = (reference.match(point) ?? []).map(Number);
      const more = Array.from({ length: 30 }, (_, at) => [50_000 + at, 50_000]);
      return honestCompletion(JSON.stringify([[x, y], ...more]));
    },
  },
];

/** Tricks that are known to please the reward for descriptions, as docs/tasks.md says: it never decides alone. */
export const DESCRIPTION_LOOPHOLES: ReadonlySet<string> = new Set([
  'several-answers',
  'list-of-answers',
  'everything',
  'range',
  'negated',
  'fact-list',
]);

/** The probes that say something about a reward that reads answers as `kind`. */
export function probesFor(kind: AnswerKind): readonly HackProbe[] {
  return hackProbes.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
}

/** What a model that is right would answer; the reference itself unless it says more, or something else, than that. */
export function rightAnswer(reference: string, kind: AnswerKind): string {
  if (kind === 'description') return descriptionText(reference);
  if (kind !== 'point') return reference;
  const points = readBoxes(reference)?.map(({ place: [left, top, right, bottom], label }) => ({
    point_2d: [(left + right) / 2, (top + bottom) / 2],
    ...(label === null ? {} : { label }),
  }));
  const [only] = points ?? [];
  if (points === undefined || only === undefined) return reference;
  return points.length === 1 ? `(${only.point_2d.join(', ')})` : JSON.stringify(points);
}

/** A completion in the right form. */
export function honestCompletion(answer: string): string {
  return `${THOUGHT}<answer>${answer}</answer>`;
}

/** Answers of the same kind as the reference that are wrong, even with a tolerance. */
export function wrongAnswers(reference: string): string[] {
  const text = reference.trim();
  if (readFields(text) !== null) return [JSON.stringify(mapLeaves(text, () => 'something else'))];
  const choice = readChoiceReference(text);
  if (choice !== null) return ['A', 'B', 'C', 'D'].filter((letter) => letter !== choice.letter);
  if (/^(?:yes|no|true|false)$/i.test(text)) return [/^(?:yes|true)$/i.test(text) ? 'no' : 'yes'];
  const number = /-?\d+(?:\.\d+)?/.exec(text)?.[0];
  if (/^[[({<]/.test(text) && number !== undefined)
    return ['[90000, 90000, 90010, 90010]', '[80000, 80000, 80010, 80010]'];
  if (number !== undefined) return [1, 2, 3].map((more) => text.replace(number, String(2 * Number(number) + more)));
  return ['something else', 'nothing'];
}

/** The JSON object with every field's value replaced. */
function mapLeaves(text: string, change: (value: unknown) => unknown): unknown {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return change(value);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
  };
  return walk(readFields(text)?.value ?? {});
}
