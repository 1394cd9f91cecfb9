/** @file Grading through its public door: ordinary answers, spellings, and the ways to fool a grader. */
import { describe, expect, it } from 'vitest';
import { gradeAnswer } from './accuracy.ts';

const grade = (given: string, answer: string, task: 'counting' | 'geometry' | 'other' = 'geometry'): string =>
  gradeAnswer({ completion: `<think> look </think>\n<answer> ${given} </answer>`, answer, task }).verdict;
const gradeWhole = (completion: string, answer = '7'): string =>
  gradeAnswer({ completion, answer, task: 'counting' }).verdict;

describe('counting', () => {
  it.each(['7', ' 7 ', '7.', '7.0', 'seven', 'Seven', '７', '+7', '**7**', '$7$', '\\boxed{7}', '= 7'])(
    'reads %j',
    (given) => {
      expect(grade(given, '7', 'counting')).toBe('correct');
    },
  );

  it.each(['8', 'eight', '70', '-7', '0', '1,007'])('%j is a wrong count', (given) => {
    expect(grade(given, '7', 'counting')).toBe('wrong');
  });

  it.each([
    '7 or 8',
    '6 7 8',
    '6, 7, 8',
    '6,7',
    '6-7',
    '6/7',
    '3+4',
    '2*3.5',
    'about seven things',
    '7?8',
    '7.5',
    '1 2 3 4 5 6 7',
    '7 7',
    'all',
    '7\n8',
  ])('%j commits to no count', (given) => expect(grade(given, '7', 'counting')).toBe('unparsed'));
});

describe('geometry', () => {
  it.each([
    ['2√3', '2√{3}'],
    ['2√(3)', '2√{3}'],
    ['2\\sqrt{3}', '2√{3}'],
    ['√12', '2√{3}'],
    ['6/√3', '2√3'],
    ['√3*2', '2√3'],
    ['\\frac{\\sqrt{3}}{2}', '√3/2'],
    ['√(3/4)', '√3/2'],
    ['\\dfrac12', '0.5'],
    ['3/5', '0.6'],
    ['½', '1/2'],
    ['2½', '5/2'],
    ['2 1/2', '2.5'],
    ['2\\frac{1}{2}', '5/2'],
    ['-3/4', '−0.75'],
    ['1,234.50', '1234.5'],
    ['1\u202f234', '1234'],
    ['1{,}234', '1234'],
    ['.5', '1/2'],
    ['3π', '3\\pi'],
    ['\\frac{3}{4}\\pi', '3π/4'],
    ['12 pi cm²', '12πcm^{2}'],
    ['π²', '\\pi^{2}'],
    ['1+√5', '√5+1'],
    ['(√5-1)/2', '\\frac{\\sqrt{5}-1}{2}'],
    ['60°', '60'],
    ['60 degrees', '60°'],
    ['60^\\circ', '60^{\\circ}'],
    ['60', '60°'],
    ['twenty', '20°'],
    ['27 cm²', '27cm^{2}'],
    ['27 square centimetres', '27\\text{ cm}^2'],
    ['27', '27cm^{2}'],
    ['8 cm', '8厘米'],
    ['40 nautical miles', '40海里'],
    ['AB = 5 cm', '5'],
    ['∠ABC = 60°', '60'],
    ['1.5×10^3', '1500'],
    ['50%', '50 percent'],
    ['≈ 3.5', '3.5'],
    ['$12\\pi$', '12π'],
    // From the published logs of R1-V's GeoQA evaluation, where a general-purpose grader read another number.
    ['9pi', '9πcm^{2}'],
    ['sqrt(3)/2', '\\frac{√{3}}{2}'],
    ['2*sqrt(5)/5', '\\frac{2√{5}}{5}'],
    ['3\\sqrt{3}', '3√{3}'],
    ['3.6', '3.6秒'],
    ['√3 + 1 hours', '(√{3}+1)小时'],
  ])('%j is %j', (given, answer) => expect(grade(given, answer)).toBe('correct'));

  it.each([
    ['10.0', '10√{2}'],
    ['5', '5√{3}'],
    ['2√10', '2√{13}'],
    ['16.2', '16'],
    ['27.1', '27'],
    ['3.464', '2√3'],
    ['3.14', 'π'],
    ['0.333', '1/3'],
    ['27 cm', '27cm^{2}'],
    ['60 cm', '60°'],
    ['100 cm', '1 m'],
    ['-5', '5'],
    ['√5', '5'],
    ['√3', '√2'],
    ['50%', '0.5'],
    ['2.0', '2√{2}-2'],
    ['sqrt(1/3)', '\\frac{1}{3}'],
    ['60sqrt(3)m', '60√{3}+1'],
    ['1.5', '\\frac{3}{2}√{3}'],
  ])('%j is not %j', (given, answer) => expect(grade(given, answer)).toBe('wrong'));

  it.each([
    '180-120',
    '30*2',
    '2(30)',
    '120/2 or 60',
    '50 60',
    '60, 70',
    '60;70',
    '±60',
    '60 apples',
    '6 0',
    '1.2.3',
    '3^2',
    '60 cm or m',
    'x',
    '1/0',
    '√-4',
    '99999999999^99',
    '(60',
    '60)',
    '{60',
    '10^999999999',
  ])('%j is not a single value', (given) => expect(grade(given, '60°')).toBe('unparsed'));

  it('takes a tolerance when it is given one, and then still keeps units apart', () => {
    const request = { completion: '<answer>3.46 cm</answer>', task: 'geometry' } as const;
    expect(gradeAnswer({ ...request, answer: '2√3', tolerance: 0.01 }).verdict).toBe('correct');
    expect(gradeAnswer({ ...request, answer: '2√3', tolerance: 0.001 }).verdict).toBe('wrong');
    expect(gradeAnswer({ ...request, answer: '2√3 m', tolerance: 0.01 }).verdict).toBe('wrong');
  });

  it('does not choke on absurdly long answers', () => {
    expect(grade('1'.repeat(5000), '7')).toBe('unparsed');
    expect(grade('√' + '9'.repeat(100), '7')).toBe('unparsed');
    expect(grade('('.repeat(119), '7')).toBe('unparsed');
  });
});

describe('other tasks', () => {
  it.each([
    ['B', 'B'],
    ['b', 'B'],
    ['(B)', 'B'],
    ['B.', 'B'],
    ['B) a cat', 'B'],
    ['Option B', '(B)'],
    ['Cat.', 'cat'],
    ['"the  Cat"', 'the cat'],
    ['black and white', 'Black and White'],
    ['yes', 'Yes'],
    ['5', 'five'],
  ])('%j is %j', (given, answer) => expect(grade(given, answer, 'other')).toBe('correct'));

  it.each([
    ['C', 'B'],
    ['A) B cells', 'B'],
    ['dog', 'cat'],
    ['no', 'yes'],
    ['a cat', 'cat'],
  ])('%j is not %j', (given, answer) => {
    expect(grade(given, answer, 'other')).toBe('wrong');
  });

  it.each([
    ['A or B or C', 'B'],
    ['A B C', 'B'],
    ['A, B', 'B'],
    ['(A) (B) (C)', 'A'],
    ['A) x B) y', 'A'],
    ['A cat', 'A'],
    ['cat or dog', 'cat'],
    ['cat, dog', 'cat'],
    ['cat/dog', 'cat'],
    ['cat\ndog', 'cat'],
    ['many', '5'],
  ])('%j is not an answer to %j', (given, answer) => expect(grade(given, answer, 'other')).toBe('unparsed'));
});

describe('which text is graded', () => {
  it.each([
    ['an empty answer', '<answer></answer>'],
    ['a blank answer', '<think>7</think><answer> \n </answer>'],
    ['the answer outside of the tags', 'The answer is 7'],
    ['the answer after the tags', '<answer></answer> 7'],
    ['an answer that is only in the thought', '<think>it is <answer>7</answer></think>'],
    ['a tag that is never closed', '<think>hm</think><answer>7'],
    ['nested answer tags', '<answer><answer>7</answer></answer>'],
    ['an answer tag opened twice', '<answer>3 <answer>7</answer>'],
    ['a thought inside of the answer', '<answer><think>7</answer>'],
    ['other tags', '<ANSWER>7</ANSWER>'],
  ])('%s is unparsed', (_, completion) => expect(gradeWhole(completion)).toBe('unparsed'));

  it('grades the last of several answers, whatever the thought says', () => {
    expect(gradeWhole('<answer>7</answer><answer>8</answer>')).toBe('wrong');
    expect(gradeWhole('<answer>8</answer> no, <answer>7</answer>')).toBe('correct');
    expect(gradeWhole('<think>7 7 7 <answer>7</answer></think><answer>3</answer>')).toBe('wrong');
    expect(gradeWhole('<think>3</think>\n<answer>\n7\n</answer>')).toBe('correct');
  });

  it('tells what it read', () => {
    expect(gradeAnswer({ completion: '<answer> 12 cm </answer>', answer: '12', task: 'geometry' }).read).toBe('12 cm');
    expect(gradeAnswer({ completion: '<answer>3 4 5</answer>', answer: '4', task: 'counting' })).toEqual({
      verdict: 'unparsed',
      value: 0,
      read: '3 4 5',
    });
    expect(gradeAnswer({ completion: 'nothing', answer: '4', task: 'counting' }).read).toBeNull();
  });

  it('accepts references wrapped in answer tags and compares as text when a reference is not a number', () => {
    expect(gradeWhole('<answer>7</answer>', '<answer> 7 </answer>')).toBe('correct');
    expect(grade('3:4', '3:4')).toBe('correct');
    expect(grade('4:3', '3:4')).toBe('wrong');
  });
});
