import { describe, expect, it } from 'vitest';
import { NOTHING_SAID, type Sample } from '../../contract/model/datasets.ts';
import { absentQuestions } from './absent.ts';
import { numberNamed, readDirectAnswer } from './direct-answer.ts';
import { summariseItems } from './summarise.ts';
import { wordingsOf } from './wordings.ts';

const kinds = [
  { name: 'apple', plural: 'apples' },
  { name: 'fish', plural: 'fish' },
  { name: 'car', plural: 'cars' },
];

function sample(fields: Partial<Sample>, position = 0): Sample {
  return {
    ...NOTHING_SAID,
    id: `sample-${position}`,
    datasetId: 'dataset',
    position,
    imageSha256: '0'.repeat(64),
    imageName: 'a.png',
    width: 10,
    height: 10,
    task: 'counting',
    prompt: 'How many?',
    answer: '1',
    split: 'test',
    licence: null,
    authors: [],
    sources: [],
    extra: {},
    tags: [],
    ...fields,
  } as Sample;
}

const source = (title: string): Sample['sources'][number] => ({ title, author: null, licence: null, url: null });

describe('wordings of a question', () => {
  it('are the nine of the starter data, whichever of them it is', () => {
    const worded = wordingsOf({ prompt: 'Quick: how many stars?', extra: {} });
    expect(worded).toHaveLength(9);
    expect(worded.map(({ question }) => question)).toContain('How many stars are there? Count carefully.');
    expect(worded.map(({ wording }) => wording)).toContain('Tell me the number of {kinds}.');
    expect(wordingsOf({ prompt: 'Estimate the angle in degrees.', extra: {} })[0]?.question).toBe(
      'Work out the angle in degrees step by step.',
    );
  });

  it("are a person's own, for all samples or for one, and else general ones", () => {
    const wordings = ['A {question}', 'B {question}', 'C {question}', '{question} D $&'];
    expect(wordingsOf({ prompt: 'Why?', extra: {} }, wordings)[3]?.question).toBe('Why? D $&');
    const own = wordingsOf({ prompt: 'Why?', extra: { paraphrases: ['How come?', 'For what?', 'Say why.'] } });
    expect(own.map(({ question }) => question)).toEqual(['Why?', 'How come?', 'For what?', 'Say why.']);
    // Too few wordings say little, so the general ones are used.
    const general = wordingsOf({ prompt: 'Why?', extra: { paraphrases: ['How come?'] } });
    expect(general[0]?.question).toBe('Why?');
    expect(general.length).toBeGreaterThanOrEqual(4);
  });
});

describe('questions about things that are not there', () => {
  it('ask starter pictures for kinds that their sources do not name, the same ones each time', () => {
    const pictures = [
      sample({ sources: [source('Noto Emoji: apple (U+1F34E)'), source('OpenMoji: fish (U+1F41F)')] }),
      sample({ sources: [source('Atelier drawing: area')] }, 1),
      sample({ sources: [source('A photograph of mine')] }, 2),
      sample({ sources: [source('Atelier drawing: house')] }, 3),
    ];
    const questions = absentQuestions(pictures, kinds);
    expect(questions.map(({ sample: { position } }) => position)).toEqual([0, 1, 3]);
    expect(questions[0]?.question).toBe('How many cars are there?');
    expect(absentQuestions(pictures, kinds)).toEqual(questions);
  });

  it('take the labels of own pictures, and questions whose answer is 0', () => {
    const pictures = [
      sample({ extra: { labels: ['cat', 'dog'] } }),
      sample({ extra: { labels: 'bird, cat' } }, 1),
      sample({ prompt: 'How many horses?', answer: '0' }, 2),
      sample({ prompt: 'How many horses?', answer: '2' }, 3),
    ];
    expect(absentQuestions(pictures, kinds).map(({ question }) => question)).toEqual([
      'How many bird are there?',
      'How many dog are there?',
      'How many horses?',
    ]);
    expect(absentQuestions([sample({})], kinds)).toEqual([]);
  });
});

describe('an answer without tags', () => {
  it('is its last number, or its whole text; an answer in tags stays as it is', () => {
    expect(readDirectAnswer('There are 5 .')).toBe('<answer> 5 </answer>');
    expect(readDirectAnswer('<think> 3 and 4 </think> 7')).toBe('<answer> 7 </answer>');
    expect(readDirectAnswer('yes')).toBe('<answer> yes </answer>');
    expect(readDirectAnswer('<answer> 2 </answer> or 3')).toBe('<answer> 2 </answer> or 3');
    // A truncated thought commits to nothing.
    expect(readDirectAnswer('<think> 1 2 3')).toBe('<think> 1 2 3');
  });

  it('names a number where it says one outside of its thought', () => {
    expect(numberNamed('<think> 9 </think><answer> 0 </answer>')).toBe(0);
    expect(numberNamed('There are −2,5 .')).toBe(-2.5);
    expect(numberNamed('<think> 9 </think> none')).toBeNull();
  });
});

it('sums wordings and hallucinations up', () => {
  const asked = [0, 1].flatMap((index) =>
    ['a', 'b', 'c', 'd'].map((wording) => ({ asked: { ...sample({}, index), imagePath: '' }, wording })),
  );
  // Correct: a twice, b once, c and d never.
  const right = [true, true, false, false, true, false, false, false];
  const items = asked.map(({ asked: { id } }, index) => ({
    sampleId: id,
    text: right[index] === true ? '<answer> 0 </answer>' : `<answer> ${index} </answer>`,
    verdict: right[index] === true ? ('correct' as const) : ('wrong' as const),
    formatOk: true,
    tokens: 3,
  }));
  const { sensitivity } = summariseItems(items, asked, 'sensitivity');
  expect(sensitivity).toMatchObject({
    mean: 3 / 8,
    min: 0,
    max: 1,
    always: { correct: 0, n: 2 },
    never: { correct: 0 },
  });
  // Accuracies 1, ½, 0, 0 around 3/8: squares 25/64 + 1/64 + 9/64 + 9/64 = 44/64, over 3.
  expect(sensitivity?.sd).toBeCloseTo(Math.sqrt(44 / 64 / 3), 12);
  const { hallucination } = summariseItems(items, asked, 'hallucination');
  expect(hallucination).toMatchObject({ named: { correct: 5, n: 8 }, denied: { correct: 3 }, without: 0 });
});
