/** @file Kinds of answers that a person can choose: how each is read, and which references fit it. */
import { describe, expect, it } from 'vitest';
import type { AccuracyParams, AnswerKind } from '../contract/model/rewards.ts';
import { gradeAnswer } from './accuracy.ts';
import { referenceFits } from './references.ts';

function grade(params: AccuracyParams, given: string, answer: string): string {
  return gradeAnswer({ ...params, completion: `<think>x</think><answer>${given}</answer>`, answer, task: 'other' })
    .verdict;
}

describe.each<[AccuracyParams, [given: string, answer: string, verdict: string][]]>([
  [
    { kind: 'count' },
    [
      ['7', '7', 'correct'],
      ['seven', '7', 'correct'],
      ['8', '7', 'wrong'],
      ['7.5', '7', 'unparsed'],
      ['6 or 7', '7', 'unparsed'],
    ],
  ],
  [
    { kind: 'number' },
    [
      ['3.5 cm', '3.5 cm', 'correct'],
      ['3.5', '3.5 cm', 'correct'],
      ['3.5 m', '3.5 cm', 'wrong'],
      ['3.51', '3.5', 'wrong'],
      ['many', '3', 'unparsed'],
    ],
  ],
  [
    { kind: 'number', tolerance: 0.05 },
    [
      ['3.54', '3.5', 'correct'],
      ['3.56', '3.5', 'wrong'],
      ['3.54 m', '3.5 cm', 'wrong'],
    ],
  ],
  [
    { kind: 'number', relativeTolerance: 0.01 },
    [
      ['101', '100', 'correct'],
      ['102', '100', 'wrong'],
      ['-100', '100', 'wrong'],
    ],
  ],
  [
    { kind: 'number', requireUnit: true },
    [
      ['3.5 cm', '3.5 cm', 'correct'],
      ['3.5', '3.5 cm', 'wrong'],
      ['3.5', '3.5', 'correct'],
    ],
  ],
  [
    { kind: 'fraction' },
    [
      ['6/8', '3/4', 'correct'],
      ['0.75', '3/4', 'correct'],
      ['\\frac{3}{4}', '3/4', 'correct'],
      ['0.333', '1/3', 'wrong'],
      ['1/3 or 1/4', '1/3', 'unparsed'],
    ],
  ],
  [
    { kind: 'radical' },
    [
      ['√12', '2√3', 'correct'],
      ['3.464', '2√3', 'wrong'],
      ['√3', '2√3', 'wrong'],
    ],
  ],
  [
    { kind: 'pi' },
    [
      ['3π', '3\\pi', 'correct'],
      ['9.42', '3π', 'wrong'],
      ['3', '3π', 'wrong'],
    ],
  ],
  [
    { kind: 'degrees' },
    [
      ['60', '60°', 'correct'],
      ['60°', '60', 'correct'],
      ['60 degrees', '60°', 'correct'],
      ['60 cm', '60°', 'wrong'],
      ['60, 70', '60°', 'unparsed'],
    ],
  ],
  [
    { kind: 'degrees', tolerance: 1 },
    [
      ['61', '60°', 'correct'],
      ['62', '60°', 'wrong'],
    ],
  ],
  [
    { kind: 'choice' },
    [
      ['B', 'B', 'correct'],
      ['(b)', 'B', 'correct'],
      ['B) a cat', 'B', 'correct'],
      ['C', 'B', 'wrong'],
      ['A or B', 'B', 'unparsed'],
      ['A B C D', 'B', 'unparsed'],
    ],
  ],
  [
    { kind: 'yes-no' },
    [
      ['Yes.', 'yes', 'correct'],
      ['true', 'yes', 'correct'],
      ['no', 'yes', 'wrong'],
      ['yes or no', 'yes', 'unparsed'],
      ['yes no', 'yes', 'unparsed'],
      ['maybe', 'no', 'unparsed'],
    ],
  ],
  [
    { kind: 'text' },
    [
      ['The Cat.', 'the cat', 'correct'],
      ['dog', 'cat', 'wrong'],
      ['cat or dog', 'cat', 'unparsed'],
      ['cat cat', 'cat', 'wrong'],
    ],
  ],
  [
    { kind: 'text', caseSensitive: true },
    [
      ['Paris', 'Paris', 'correct'],
      ['paris', 'Paris', 'wrong'],
    ],
  ],
  [
    { kind: 'box' },
    [
      ['[0, 0, 10, 10]', '[0, 0, 10, 10]', 'correct'],
      ['(0,0),(10,12)', '[0,0,10,10]', 'correct'],
      ['<|box_start|>(0,0),(10,10)<|box_end|>', '[0,0,10,10]', 'correct'],
      ['{"bbox_2d": [0, 0, 10, 10]}', '[0,0,10,10]', 'correct'],
      ['[5, 0, 15, 10]', '[0,0,10,10]', 'wrong'],
      ['[20, 20, 30, 30]', '[0,0,10,10]', 'wrong'],
      ['[0,0,10,10] or [20,20,30,30]', '[0,0,10,10]', 'unparsed'],
      ['[0,0,10,10] [20,20,30,30]', '[0,0,10,10]', 'unparsed'],
      ['[10, 10, 0, 0]', '[0,0,10,10]', 'unparsed'],
      ['[0, 0, 10]', '[0,0,10,10]', 'unparsed'],
      ['[0, 0, 1e999, 10]', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":[0,0,10,10],"label":"pole"}', '[0,0,10,10]', 'correct'],
      ['[{"bbox_2d": [0, 0, 10, 10], "label": "pole"}]', '[0,0,10,10]', 'correct'],
      ['```json\n[\n\t{"bbox_2d": [0, 0, 10, 10], "label": "pole"}\n]\n```', '[0,0,10,10]', 'correct'],
      ['```json\n{"bbox_2d": [0, 0, 10, 10]}\n```', '[0,0,10,10]', 'correct'],
      ['[[0, 0, 10, 10]]', '[0,0,10,10]', 'correct'],
      ['[0,0,10,10]', '[{"bbox_2d":[0,0,10,10],"label":"pole"}]', 'correct'],
      ['{"label":"Pole ","bbox_2d":[0,0,10,10]}', '{"bbox_2d":[0,0,10,10],"label":"pole"}', 'correct'],
      ['{"label":"tree","bbox_2d":[0,0,10,10]}', '{"bbox_2d":[0,0,10,10],"label":"pole"}', 'wrong'],
      [
        '<|object_ref_start|>pole<|object_ref_end|><|box_start|>(0,0),(10,10)<|box_end|>',
        '{"bbox_2d":[0,0,10,10],"label":"pole"}',
        'correct',
      ],
      ['{"bbox_2d":[20,20,30,30],"label":"pole"}', '{"bbox_2d":[0,0,10,10],"label":"pole"}', 'wrong'],
      ['[{"bbox_2d":[0,0,10,10]},{"bbox_2d":[20,20,30,30]}]', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":[20,20,30,30],"bbox_2d":[0,0,10,10]}', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":[0,0,10]}', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":["0","0","10","10"]}', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":[0,0,10,10]', '[0,0,10,10]', 'unparsed'],
      ['{"bbox_2d":[0,0,1e999,10]}', '[0,0,10,10]', 'unparsed'],
      ['{"point_2d":[5,5]}', '[0,0,10,10]', 'unparsed'],
      ['[]', '[0,0,10,10]', 'unparsed'],
      ['null', '[0,0,10,10]', 'unparsed'],
      ['[null]', '[0,0,10,10]', 'unparsed'],
    ],
  ],
  [
    { kind: 'box' },
    [
      // Several boxes: every one must be found once, in any order, and none may be left over.
      ['[{"bbox_2d":[0,0,10,10]},{"bbox_2d":[20,20,30,30]}]', '[[20,20,30,30],[0,0,10,10]]', 'correct'],
      ['[[0,0,10,10],[0,0,10,10]]', '[[20,20,30,30],[0,0,10,10]]', 'wrong'],
      ['[[0,0,10,10]]', '[[20,20,30,30],[0,0,10,10]]', 'wrong'],
      ['[[0,0,10,10],[20,20,30,30],[40,40,50,50]]', '[[20,20,30,30],[0,0,10,10]]', 'wrong'],
      [
        '[{"bbox_2d":[0,0,10,10],"label":"dog"},{"bbox_2d":[20,20,30,30],"label":"cat"}]',
        '[{"bbox_2d":[0,0,10,10],"label":"cat"},{"bbox_2d":[20,20,30,30],"label":"dog"}]',
        'wrong',
      ],
      // The first box of the answer overlaps both of the reference; it must give way to the second.
      ['[[0,0,10,10],[0,0,12,10]]', '[[0,0,15,10],[0,0,6,10]]', 'correct'],
    ],
  ],
  [
    { kind: 'box', iouThreshold: 0.9 },
    [
      ['(0,0),(10,12)', '[0,0,10,10]', 'wrong'],
      ['[0,0,10,10.5]', '[0,0,10,10]', 'correct'],
    ],
  ],
  [
    { kind: 'point' },
    [
      ['(5, 5)', '[0,0,10,10]', 'correct'],
      ['[10, 0]', '[0,0,10,10]', 'correct'],
      ['{"point_2d": [5, 5]}', '[0,0,10,10]', 'correct'],
      ['(11, 5)', '[0,0,10,10]', 'wrong'],
      ['(5,5),(6,6)', '[0,0,10,10]', 'unparsed'],
      ['[0,0,10,10]', '[0,0,10,10]', 'unparsed'],
      ['{"point_2d":[5,5],"label":"pole"}', '{"bbox_2d":[0,0,10,10],"label":"pole"}', 'correct'],
      ['[{"point_2d":[5,5]}]', '[0,0,10,10]', 'correct'],
      ['```json\n[{"point_2d": [5, 5], "label": "pole"}]\n```', '[0,0,10,10]', 'correct'],
      ['{"point_2d":[50,5]}', '[0,0,10,10]', 'wrong'],
      ['{"point_2d":[5,5],"label":"tree"}', '{"bbox_2d":[0,0,10,10],"label":"pole"}', 'wrong'],
      ['[{"point_2d":[5,5]},{"point_2d":[50,5]}]', '[0,0,10,10]', 'unparsed'],
      ['[{"point_2d":[5,5]},{"point_2d":[25,25]}]', '[[20,20,30,30],[0,0,10,10]]', 'correct'],
      ['[{"point_2d":[5,5]},{"point_2d":[5,6]}]', '[[20,20,30,30],[0,0,10,10]]', 'wrong'],
    ],
  ],
])('%j', (params, rows) => {
  it.each(rows)('%j for %j is %s', (given, answer, verdict) => expect(grade(params, given, answer)).toBe(verdict));
});

it('can give the overlap of boxes itself, also below the threshold', () => {
  const request = { kind: 'box', overlapAsReward: true, task: 'other', answer: '[0,0,10,10]' } as const;
  const half = gradeAnswer({ ...request, completion: '<answer>[5,0,15,10]</answer>' });
  expect(half).toMatchObject({ verdict: 'wrong' });
  expect(half.value).toBeCloseTo(1 / 3, 12);
  const two = gradeAnswer({
    ...request,
    answer: '[[0,0,10,10],[20,0,30,10]]',
    completion: '<answer>[[20,0,30,10],[5,0,15,10]]</answer>',
  });
  expect(two.value).toBeCloseTo((1 + 1 / 3) / 2, 12);
  // A box over everything earns only its share.
  expect(gradeAnswer({ ...request, completion: '<answer>[0,0,1000,1000]</answer>' }).value).toBeLessThan(0.001);
});

describe('references that fit', () => {
  it.each<[AnswerKind, string[], string[]]>([
    ['auto', ['7', 'cat', '<answer> 7 </answer>'], ['', ' ']],
    ['count', ['7', 'seven', 'twenty-one', '1,200'], ['7.5', 'B', '7 cm', '1/2', '3 cats', '7,0']],
    ['number', ['7', '3.5 cm', '2√3', '60°', '€5', '1e-7', '5 bottles'], ['cat', '3 or 4', '1/2/2024', '3-5']],
    ['fraction', ['3/4', '2', '0.5'], ['√3', 'π']],
    ['radical', ['2√3', '√3/2', '1+√5', '4'], ['π', 'cat']],
    ['pi', ['π', '12π cm²'], ['3.14', '√3']],
    ['degrees', ['60', '60°', '60 degrees'], ['60 cm', 'B']],
    ['choice', ['A', '(B)', 'b', 'B. a dog', '\\boxed{C}'], ['cat', '7', 'A cat', '(A) (B)', 'A. x, B. y']],
    ['yes-no', ['yes', 'No', 'true'], ['maybe', '1']],
    ['text', ['cat'], ['']],
    ['box', ['[0,0,10,10]', '{"bbox_2d":[0,0,10,10],"label":"pole"}'], ['7', '[10,10,0,0]', '(5,5)', '[]']],
    ['point', ['[0,0,10,10]'], ['(5,5)']],
  ])('%s', (kind, fitting, strange) => {
    expect(fitting.filter((answer) => !referenceFits(kind, answer))).toEqual([]);
    expect(strange.filter((answer) => referenceFits(kind, answer))).toEqual([]);
  });
});
