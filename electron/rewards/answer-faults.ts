/**
 * @file What usually goes wrong with answers that can be partly right, in words: one list of rules for each kind. The
 * bench says it before a run and the run says it while it trains.
 */
import type { AccuracyParams, AnswerKind } from '../contract/model/rewards.ts';
import { extractAnswer, unwrapReference } from './answer.ts';
import { readDescriptionReference } from './descriptions.ts';
import { faultyPaths, readFields, readSchema } from './fields.ts';
import { fold } from './folding.ts';
import { alignedPlaces, readOrder } from './orders.ts';
import { overlap, readBoxes, readPoints, type Box } from './places.ts';
import { isTooMany, readTags, readVocabulary } from './tag-sets.ts';
import { wordsOf } from './text-similarity.ts';

export type GivenAnswer = { completion: string; answer: string };
export type AnswerFault = { code: string; message: string };

type Pair = { given: string; reference: string };
type Rule = { code: string; message: string; holds: (pair: Pair, params: AccuracyParams) => boolean };

/** A fault is told when it holds for this share of the answers that have an answer tag. */
const SHARE = 0.3;
const FEWEST = 6;
/** One side of the picture is this many times what the reference needs: the coordinates are of another size. */
const OTHER_SIZE = 2;

const VOCABULARY_ADVICE =
  'Add them to the vocabulary as synonyms, name the allowed tags in the question, or begin with a few steps of SFT.';

const RULES: Partial<Record<AnswerKind, readonly Rule[]>> = {
  tags: [
    {
      code: 'TAGS_OUTSIDE_VOCABULARY',
      message: `are lists, but with tags outside of your vocabulary. ${VOCABULARY_ADVICE}`,
      holds: ({ given }, { vocabulary: text }) => {
        const vocabulary = text === undefined ? null : readVocabulary(text);
        const tags = readTags(given);
        return vocabulary !== null && tags !== null && [...tags].some((tag) => !vocabulary.has(tag));
      },
    },
    {
      code: 'TAGS_AS_SENTENCE',
      message: 'are sentences instead of lists. Ask for tags separated by commas, or begin with a few steps of SFT.',
      holds: ({ given }) => !/[,;]/.test(given) && wordsOf(given).length > 4,
    },
    {
      code: 'TAGS_TOO_MANY',
      message:
        'list far more tags than there are, and so commit to none. Say in the question how many there should be.',
      holds: ({ given, reference }) => {
        const [tags, expected] = [readTags(given), readTags(reference)];
        return tags !== null && expected !== null && isTooMany(tags, expected);
      },
    },
  ],
  transcript: [
    {
      code: 'TRANSCRIPT_WITH_COMMENT',
      message:
        'talk about the text, as in “The label says …”. Ask for the text alone, or begin with a few steps of SFT.',
      holds: ({ given, reference }) =>
        /^(?:the|it|this)\s+(?:\w+\s+){0,3}(?:says|reads|is|contains|shows)\b/i.test(given) &&
        !/^(?:the|it|this)\s/i.test(reference),
    },
    {
      code: 'TRANSCRIPT_CUT_SHORT',
      message:
        'copy less than half of the text. Allow longer answers (maxCompletionLength) and more detail of the picture.',
      holds: ({ given, reference }) => given.trim().length < reference.trim().length / 2,
    },
    {
      code: 'TRANSCRIPT_OTHER_CASE',
      message: 'differ in case or punctuation only. If that does not matter to you, set `normalise` to `letters`.',
      holds: ({ given, reference }) =>
        given.trim() !== reference.trim() && wordsOf(given).join(' ') === wordsOf(reference).join(' '),
    },
  ],
  fields: [
    {
      code: 'FIELDS_NOT_JSON',
      message:
        'are not JSON. Show the wanted form in the question, such as {"total": 1.5}, or begin with a few steps of SFT.',
      holds: ({ given }) => readFields(given) === null,
    },
    {
      code: 'FIELDS_OTHER_NAMES',
      message:
        'are JSON, but share no field with the reference. Name the fields in the question, spelled as in your data.',
      holds: ({ given, reference }) => {
        const [found, expected] = [readFields(given)?.fields, readFields(reference)?.fields];
        return found !== undefined && found.size > 0 && ![...found.keys()].some((path) => expected?.has(path));
      },
    },
    {
      code: 'FIELDS_OTHER_TYPES',
      message:
        'have values of the wrong type, such as numbers in quotes. Say in the question which fields are numbers.',
      holds: ({ given, reference }, { schema: text }) => {
        const [found, expected] = [readFields(given), readFields(reference)?.fields];
        if (found === null || expected === undefined) return false;
        const schema = text === undefined || text === '' ? null : readSchema(text);
        if (schema !== null && typeof schema !== 'string' && faultyPaths(found.value, schema).size > 0) return true;
        return [...expected].some(([path, value]) => {
          const said = found.fields.get(path);
          return said !== undefined && typeof said !== typeof value;
        });
      },
    },
  ],
  order: [
    {
      code: 'ORDER_OTHER_THINGS',
      message:
        'order other things than the reference, or not all of them. Name in the question all that is to be ordered.',
      holds: ({ given, reference }) => {
        const [found, expected] = [readOrder(given), readOrder(reference)];
        return found !== null && expected !== null && alignedPlaces(found, expected) === null;
      },
    },
    {
      code: 'ORDER_ONE_THING',
      message: 'name one thing instead of an order. Ask for all of them, with > between them.',
      holds: ({ given }) => readOrder(given) === null && !/[<>,;=]/.test(given),
    },
  ],
  description: [
    {
      code: 'DESCRIPTION_IS_LIST',
      message:
        'are lists of words rather than sentences: the reward is being pleased. Give repetition and length more weight.',
      holds: ({ given }) => wordsOf(given).length > 3 && given.split(/[,;\n]/).length > wordsOf(given).length / 3,
    },
    {
      code: 'DESCRIPTION_NAMES_FORBIDDEN',
      message:
        'name what they must not. Look at some of them: the model sees things that are not there, or says what is not.',
      holds: ({ given, reference }) => {
        const words = ` ${wordsOf(given).join(' ')} `;
        return (readDescriptionReference(reference)?.not ?? []).some((fact) =>
          fact.some((wording) => words.includes(` ${wording.join(' ')} `)),
        );
      },
    },
  ],
  box: [
    {
      code: 'BOXES_OF_OTHER_SIZE',
      message:
        'are boxes in pixels of another size, or in shares of the picture: they would fit if they were scaled. Write references in the coordinates that the model uses, or say in the question how large the picture is.',
      holds: ({ given, reference }) => {
        const [found, expected] = [readBoxes(given), readBoxes(reference)];
        const [one, other] = [found?.[0]?.place, expected?.[0]?.place];
        return one !== undefined && other !== undefined && fitsScaled(one, other);
      },
    },
    {
      code: 'BOXES_AS_SIZE',
      message: 'give left, top, width and height. Ask for left, top, right, bottom.',
      holds: ({ given, reference }) => {
        const numbers = (fold(given).match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
        const [left = 0, top = 0, width = 0, height = 0] = numbers;
        const expected = readBoxes(reference)?.[0]?.place;
        if (numbers.length !== 4 || expected === undefined || width <= 0 || height <= 0) return false;
        const asCorners: Box = [left, top, width, height];
        return (
          overlap([left, top, left + width, top + height], expected) > Math.max(0.5, overlapOrNone(asCorners, expected))
        );
      },
    },
    {
      code: 'BOXES_AS_POINTS',
      message: 'are points instead of boxes. Ask for left, top, right, bottom in brackets.',
      holds: ({ given }) => readBoxes(given) === null && readPoints(given) !== null,
    },
  ],
  point: [
    {
      code: 'POINTS_AS_BOXES',
      message: 'are boxes instead of points. Ask for x, y in round brackets.',
      holds: ({ given }) => readPoints(given) === null && readBoxes(given) !== null,
    },
    {
      code: 'POINTS_OF_OTHER_SIZE',
      message:
        'are points in pixels of another size, or in shares of the picture. Write references in the coordinates that the model uses, or say in the question how large the picture is.',
      holds: ({ given, reference }) => {
        const point = readPoints(given)?.[0]?.place;
        const boxes = readBoxes(reference)?.map(({ place }) => place) ?? [];
        const [right, bottom] = [Math.max(...boxes.map((box) => box[2])), Math.max(...boxes.map((box) => box[3]))];
        if (point === undefined || boxes.length === 0) return false;
        const inShares = point[0] <= 1 && point[1] <= 1 && right > OTHER_SIZE;
        return inShares || (point[0] > OTHER_SIZE * right && point[1] > OTHER_SIZE * bottom);
      },
    },
  ],
};

/** What goes wrong with a good part of these answers, most frequent first; nothing for kinds that are right or wrong. */
export function faultsOfAnswers(answers: readonly GivenAnswer[], params: AccuracyParams): AnswerFault[] {
  const rules = RULES[params.kind ?? 'auto'] ?? [];
  const pairs = answers.flatMap(({ completion, answer }): Pair[] => {
    const given = extractAnswer(completion);
    return given.found ? [{ given: given.text, reference: unwrapReference(answer) }] : [];
  });
  if (pairs.length < FEWEST) return [];
  return rules
    .map(({ code, message, holds }) => ({ code, message, count: pairs.filter((pair) => holds(pair, params)).length }))
    .filter(({ count }) => count / pairs.length >= SHARE)
    .sort((a, b) => b.count - a.count)
    .map(({ code, message, count }) => ({
      code,
      message: `${Math.round((100 * count) / pairs.length)}% of the answers ${message}`,
    }));
}

/** Whether a box that misses the reference would meet it after scaling to where the reference ends. */
function fitsScaled(given: Box, expected: Box): boolean {
  if (overlap(given, expected) > 0.3) return false;
  const [byX, byY] = [expected[2] / given[2], expected[3] / given[3]];
  if (![byX, byY].every((scale) => Number.isFinite(scale) && scale > 0)) return false;
  const isOther = byX >= 1.25 || byX <= 0.8 || byY >= 1.25 || byY <= 0.8;
  return isOther && overlap([given[0] * byX, given[1] * byY, given[2] * byX, given[3] * byY], expected) > 0.6;
}

function overlapOrNone(box: Box, expected: Box): number {
  return box[2] > box[0] && box[3] > box[1] ? overlap(box, expected) : 0;
}
