/**
 * @file How answers of other tasks are read, kind auto: every line is one value and its spellings. A spelling is right for
 * its own line's reference, and wrong for the reference of every other line.
 */
import { describe, expect, it } from 'vitest';
import type { Task } from '../contract/model/primitives.ts';
import type { AnswerKind } from '../contract/model/rewards.ts';
import { gradeAnswer } from './accuracy.ts';
import type { Verdict } from './grade.ts';
import { referenceFits, referenceProblem } from './references.ts';

function grade(given: string, answer: string, task: Task = 'other', kind: AnswerKind = 'auto'): Verdict {
  return gradeAnswer({ completion: `<think>x</think><answer>${given}</answer>`, answer, task, kind }).verdict;
}

/** The reference, then what is right for it. */
const lines: readonly (readonly [reference: string, ...right: string[]])[] = [
  // Whole numbers, in the notations of several languages and scripts
  ['13', '13.0', '+13', '١٣', '१३', '１３', '𝟏𝟑', '⑬', 'thirteen', '\u200b13\u200d', '13.00', '1.3e1', '= 13'],
  ['21', 'twenty-one', 'twenty one', 'Twenty‑One', 'TWENTY-ONE.'],
  ['105', 'one hundred and five', 'one hundred five', 'One hundred and five'],
  ['999', 'nine hundred ninety-nine', 'nine hundred and ninety-nine'],
  ['100', 'a hundred', 'one hundred', '1e2', '10^2', '10²'],
  ['3500', '3,500', '3.5e3', '3 500', '3\u202f500', "3'500", '3’500', '3500.00', '3,500.0', '3500,0'],
  ['1234567', '1,234,567', '1.234.567', '1 234 567', "1'234'567", '12,34,567', '١٬٢٣٤٬٥٦٧'],
  ['-5', '−5', '- 5', 'minus 5', 'negative five', '-5.0'],
  ['12345', '12,345', '12 345', '1.2345e4'],
  // Decimals
  ['1234.5', '1,234.5', '1.234,5', '1 234,5', "1'234.50", '1234,5', '1.2345×10^3', '1.2345 \\times 10^{3}', '١٢٣٤٫٥'],
  ['0.25', '.25', '0,25', '0,250', '1/4', '¼', '\\frac{1}{4}', '2.5e-1', '0.250'],
  ['1e-7', '0.0000001', '1E-7', '1×10^{-7}', '1 \\cdot 10^{-7}', '10⁻⁷', '10^{-7}'],
  ['1.1', '1.10', '1,1', '+1.1', '11/10'],
  ['3.5', '3,5', '3½', '3 1/2', '7/2', '3.50'],
  // Markup around the answer
  [
    '17',
    '$17$.',
    '**$17$**',
    '`17`',
    '\\text{17}',
    '\\boxed{17}',
    '\\boxed{\\text{17}}',
    '$$17$$',
    '\\(17\\)',
    '**17**',
  ],
  [
    '18',
    '*18*',
    '_18_',
    '__18__',
    '\\mathrm{18}',
    '\\mathbf{18}.',
    '```\n18\n```',
    '```text\n18\n```',
    '"18"',
    '$\\boxed{18}$',
  ],
  // Codes keep their zeros
  ['007', '007.', '**007**', '００７'],
  ['00120', '00120'],
  // Percentages are no bare numbers
  ['0.5%', '0.5 %', '0.5 percent', '0,5 %', '½ %', '$0.5\\%$', '٠٫٥٪'],
  ['50%', '50 %', 'fifty percent'],
  ['0.5', '1/2', '½', '0,5'],
  // Units: known ones may be left out and have several spellings
  ['41 kg', '41kg', '41 kilograms', '41', '41 KG', '\\text{41 kg}', '41\\,\\mathrm{kg}'],
  ['42 °C', '42°C', '42℃', '42 degrees Celsius', '42 º C', '42^\\circ C', '42'],
  ['43 °F', '43°F', '43 ℉', '43 degrees Fahrenheit', '43'],
  ['44 ml', '44ml', '44 mL', '44 millilitres', '44 milliliters', '44'],
  ['45 km/h', '45km/h', '45 kph', '45 km per hour', '45 kilometres per hour', '45'],
  ['46 €', '€46', '46€', 'EUR 46', '46 euros', '46.00 €', '€ 46', '46'],
  ['$47', '47 dollars', '47$', 'US$47', 'USD 47', '\\$47', '$47.00', '47'],
  ['£1,048', '£1048', '1048 GBP', '1048'],
  ['49 MW', '49MW', '49 megawatts', '49'],
  ['50 mW', '50mW', '50 milliwatts', '50'],
  ['51 cm²', '51 cm^2', '51 cm2', '51 square centimetres', '51 sq. cm', '51'],
  ['52 m/s²', '52 m/s^2', '52 m/s²', '52'],
  ['53 µm', '53 μm', '53 micrometres', '53'],
  // Other units count where both spell them alike
  ['61 bottles', '61 Bottles', 'sixty-one bottles', '61  bottles.', '**61 bottles**'],
  ['62 V', '62V', '62 V.'],
  ['63 Cent', '63 cents', '63'],
  ['64 widgets per box', '64 Widgets per box'],
  // Ratios, readings and scores: nothing is divided
  ['120/80', '120 / 80', '**120/80**'],
  ['90/60', '90/60'],
  ['121/80 mmHg', '121/80 mmHg', '121/80mmHg'],
  ['4/2', '4/2'],
  ['3/4', '0.75', '6/8', '\\frac{3}{4}', '¾', '75e-2'],
  ['3:4', '3 : 4'],
  ['6:8', '6:8'],
  // Dates and times
  ['1/2/2024', '01/02/2024', '1/02/2024'],
  ['2/4/2024', '02/04/2024'],
  ['2/1/2024', '2/1/2024'],
  ['10/5/2024', '10/05/2024'],
  ['1.2.2024', '01.02.2024'],
  ['2024-03-09', '2024/03/09', '2024-3-9', '2024.03.09', '２０２４-03-09'],
  ['9:05', '09:05', '９：０５'],
  ['9:50', '09:50'],
  ['9:05 pm', '9:05 PM', '9:05pm'],
  // Ranges, points, lists, sizes
  ['3-5', '3–5', '3 - 5', '3 to 5', '3—5'],
  ['3-50', '3-50'],
  ['(3,500)', '(3, 500)', '( 3 , 500 )', '$(3, 500)$'],
  ['(12,345)', '(12, 345)'],
  ['(35)', '(35)'],
  ['3, 5, 8', '3,5,8', '3, 5, 8.'],
  ['[1.5, 2]', '[1.50, 2.0]'],
  ['10 × 20', '10x20', '10*20', '10 x 20', '10 \\times 20'],
  ['1.2.3', '1.2.3'],
  ['555-0123', '555–0123'],
  ['555-123', '555-123'],
  // Texts that begin with digits
  ['1990s', '1990s', '1990S.'],
  ['7 Eleven', '7 eleven'],
  ['3D', '3d'],
  ['5\'10"', '5′10″', '5’10”'],
  ['510', '510.0'],
  ['1st', '1ST'],
  // Texts
  ['a red cat', 'A red  cat.', '**a red cat**', '\\text{a red cat}', '"A red cat"', '`a red cat`', '“a red cat”'],
  ['x²', 'x^2'],
  ['x2', 'X2'],
  ['CO₂', 'CO2'],
  ['2*x', '2*X'],
  ['...', '...'],
  ['?!', '?!'],
  // Choices
  ['B', 'b', '(B)', '[B]', 'B.', 'B)', '\\boxed{B}', '$B$', '**B**', '`B`', '\\text{B}', '\\boxed{\\text{(B)}}'],
  [
    'D',
    'The correct answer is (D).',
    'The answer is D',
    'Answer: D',
    'Option D',
    '**Answer:** D',
    'D) a cow',
    'D is correct.',
  ],
  ['(c)', 'c', 'C', '(C)', 'I choose C', 'The best choice is C.', 'C. a bird', '**C.** a bird', 'C: a bird'],
  ['e', '(e)', 'E'],
  ['F. a dog', 'F', '(f)', 'F) a dog', 'a dog', 'A dog.', '\\boxed{F}', 'The answer is F. a dog', 'F. A dog'],
  ['(G) 5.5 kg', 'G', '5.5 kg', 'G. 5.5 kg'],
];

/** Spellings that are right for more than one line, because a known unit may be left out. */
function sharesValue(given: string, reference: string): boolean {
  return (
    /^\d+(?:[.,]\d+)?$/.test(given) && new RegExp(`(?:^|\\D)${given.replace('.', '\\.')}(?:\\D|$)`).test(reference)
  );
}

describe.each(lines)('the reference %j', (reference, ...right) => {
  it.each([reference, ...right])('is %j', (given) => expect(grade(given, reference)).toBe('correct'));

  it('is nothing that another line says', () => {
    const others = lines.filter(([other]) => other !== reference).flat();
    const taken = others.filter(
      (given) => !right.includes(given) && grade(given, reference) === 'correct' && !sharesValue(given, reference),
    );
    expect(taken).toEqual([]);
  });
});

describe('answers of another value', () => {
  it.each<[given: string, reference: string, verdict: Verdict]>([
    ['120/80', '90/60', 'wrong'],
    ['3/2', '120/80', 'wrong'],
    ['120/80', '1.5', 'wrong'],
    ['4/2', '2', 'wrong'],
    ['2/4', '0.5', 'wrong'],
    ['1/2/2024', '2/4/2024', 'wrong'],
    ['10/5/2024', '2/1/2024', 'wrong'],
    ['10/5/2', '1', 'unparsed'],
    ['2024-01-02', '2/1/2024', 'wrong'],
    ['1.2.2024', '1/2/2024', 'wrong'],
    ['(3,500)', '3500', 'unparsed'],
    ['(12,345)', '12345', 'unparsed'],
    ['{3,500}', '3500', 'unparsed'],
    ['(3500)', '3500', 'unparsed'],
    ['(3500)', '-3500', 'unparsed'],
    ['3500', '(3,500)', 'unparsed'],
    ['0,250', '250', 'wrong'],
    ['0.5', '0.5%', 'wrong'],
    ['0.5%', '0.5', 'wrong'],
    ['50%', '0.5', 'wrong'],
    ['007', '7', 'wrong'],
    ['7', '007', 'wrong'],
    ['1.234', '1234', 'wrong'],
    ['102', '10²', 'wrong'],
    ['510', '5\'10"', 'wrong'],
    ['21/2', '2½', 'wrong'],
    ['1990', '1990s', 'wrong'],
    ['2*3', '23', 'unparsed'],
    ['5!', '5', 'unparsed'],
    ['9:5', '9:05', 'wrong'],
    ['555-123', '555-0123', 'wrong'],
    ['5 mW', '5 MW', 'wrong'],
    ['5 g', '5 kg', 'wrong'],
    ['5 °F', '5 °C', 'wrong'],
    ['$5', '5 €', 'wrong'],
    ['5 m', '5 m/s', 'wrong'],
  ])('%j for %j is %s', (given, reference, verdict) => expect(grade(given, reference)).toBe(verdict));
});

describe('answers that commit to nothing, or to something else', () => {
  it.each([
    [
      '5',
      ['5 or 6', '5, 6', '5 6', '5-6', '5/6', '5;6', '5\n6', '**5** **6**', '$5$ $6$', '\\boxed{5} \\boxed{6}', '±5'],
    ],
    ['5', ['5 apples', '5M', '5k', '5K', '5 million', '5 dozen', '5 (or 6)', '~~5~~', 'not 5', '5?', '<5', '>5', '≥5']],
    ['35', ['3\\text{5}', '3 5', '3\\,5', '$3$$5$', '3\n5', '3;5']],
    ['1234', ['$1$ $234$', '1\n234', '1, 234', '(1,234)', '1;234', '1  234']],
    ['5 bottles', ['5', '5 cups', '6 bottles', '5 bottles or cups', '5 or 6 bottles']],
    ['B', ['A or B', 'B or C', 'B and C', 'B, C', 'B/C', 'B\nC', 'B. and C', 'B) x C) y', 'A B C D', '(A) (B)', 'BC']],
    [
      'B',
      ['not B', '(B) is wrong', 'B is not correct', 'B) is incorrect', "The answer isn't B", 'The answer is not B'],
    ],
    ['B', ['~~B~~', 'В', 'Bob', 'B cells', '\\boxed{B} \\boxed{C}', '**B** **C**', 'The answer is B or C', '8']],
    ['B. a dog', ['a cat', 'B. a cat', 'A. a dog', 'C', 'B or C', 'dog']],
    ['(A) (B)', ['A', 'B', '(B) (A)', '(A)']],
    ['a cat', ['a cat or a dog', 'cat', 'not a cat', 'a cat, a dog', 'a\\text{cat}s']],
    ['3-5', ['3', '5', '4', '-2', '3-6', '5-3', '3/5', '3,5']],
    ['3, 5', ['3', '5', '3.5', '5, 3', '3, 5, 7', '(3, 5)', '3-5', '35']],
  ])('none is right for %j: %j', (reference, given) => {
    expect(given.filter((answer) => grade(answer, reference) === 'correct')).toEqual([]);
  });

  it('is quick with answers made to be slow', () => {
    const hostile = [
      '1.'.repeat(3000),
      '$'.repeat(6000),
      '\\text{'.repeat(900),
      '('.repeat(5000),
      '.'.repeat(5000) + 'x',
      ' is '.repeat(1500),
    ];
    for (const reference of ['7', 'B', 'a cat', '1.2.3', '3-5']) {
      for (const given of hostile) expect(grade(given, reference)).not.toBe('correct');
    }
  });
});

/** Decided by kind: leading and trailing zeros, decimal commas, ratios, units that are left out. */
describe('what the kind decides', () => {
  it.each<[given: string, reference: string, task: Task, kind: AnswerKind, verdict: Verdict]>([
    ['007', '7', 'other', 'auto', 'wrong'],
    ['7', '007', 'other', 'auto', 'wrong'],
    ['007', '7', 'counting', 'auto', 'correct'],
    ['007', '7', 'geometry', 'auto', 'correct'],
    ['007', '7', 'other', 'count', 'correct'],
    ['7', '007', 'other', 'number', 'correct'],
    ['007', '7', 'other', 'text', 'wrong'],
    ['1.10', '1.1', 'other', 'auto', 'correct'],
    ['1.10', '1.1', 'geometry', 'auto', 'correct'],
    ['1.10', '1.1', 'other', 'number', 'correct'],
    ['1.10', '1.1', 'other', 'text', 'wrong'],
    ['3,5', '3.5', 'other', 'number', 'correct'],
    ['3.5', '3,5', 'other', 'number', 'correct'],
    ['3.5', '3,5', 'other', 'auto', 'unparsed'],
    ['6/8', '3/4', 'other', 'fraction', 'correct'],
    ['3/4', '6/8', 'other', 'fraction', 'correct'],
    ['3/4', '6/8', 'other', 'auto', 'wrong'],
    ['3/4', '6/8', 'geometry', 'auto', 'correct'],
    ['5', '5 bottles', 'other', 'number', 'correct'],
    ['5 cups', '5 bottles', 'other', 'number', 'wrong'],
    ['0.5', '0.5%', 'other', 'number', 'wrong'],
    ['1/2/2024', '2/4/2024', 'geometry', 'auto', 'wrong'],
    ['7,0', '7', 'counting', 'auto', 'unparsed'],
    ['1e3', '1000', 'counting', 'auto', 'correct'],
    ['12,34,567', '1234567', 'counting', 'auto', 'correct'],
    ['(7)', '7', 'counting', 'auto', 'unparsed'],
    ['$7', '7', 'counting', 'auto', 'unparsed'],
    ['twenty-one', '21', 'counting', 'auto', 'correct'],
    ['3 cats', '3 cats', 'counting', 'auto', 'correct'],
    ['7 cm', '7 cm', 'counting', 'auto', 'correct'],
    ['yes', '\\boxed{yes}', 'other', 'yes-no', 'correct'],
    ['**No.**', 'no', 'other', 'yes-no', 'correct'],
    ['\\boxed{B}', 'b', 'other', 'choice', 'correct'],
    ['B', 'B. a dog', 'other', 'choice', 'correct'],
  ])('%j for %j in %s as %s is %s', (given, reference, task, kind, verdict) => {
    expect(grade(given, reference, task, kind)).toBe(verdict);
  });
});

describe('every number from a wide range', () => {
  const values = Array.from({ length: 120 }, (_, index) => (index * 7919 * 7919 + 17 * index) % 1_000_000_007);
  const notations: [name: string, write: (value: number) => string][] = [
    ['English', (value) => value.toLocaleString('en-GB')],
    ['Indian', (value) => value.toLocaleString('en-IN')],
    ['German', (value) => (value < 1e6 ? String(value) : value.toLocaleString('de-DE'))],
    ['French', (value) => value.toLocaleString('fr-FR')],
    ['Swiss', (value) => value.toLocaleString('de-CH')],
    ['Arabic', (value) => value.toLocaleString('ar-EG')],
    ['Devanagari', (value) => value.toLocaleString('hi-IN-u-nu-deva')],
    ['scientific', (value) => value.toExponential()],
    ['LaTeX', (value) => `$\\boxed{${value.toLocaleString('en-GB')}}$.`],
  ];

  it.each(notations)('is read in %s notation as itself, and as no other', (_, write) => {
    for (const [index, value] of values.entries()) {
      const given = write(value);
      expect([given, grade(given, String(value))]).toEqual([given, 'correct']);
      expect([given, grade(given, String(value + 1))]).toEqual([given, 'wrong']);
      const other = values[(index + 1) % values.length] ?? 0;
      if (other !== value) expect([given, grade(given, String(other))]).toEqual([given, 'wrong']);
    }
  });

  it('is read in English words up to 999', () => {
    const ones =
      ',one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen,fourteen,fifteen,sixteen,seventeen,eighteen,nineteen'.split(
        ',',
      );
    const tens = ',,twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety'.split(',');
    const below100 = (value: number): string =>
      value < 20 ? (ones[value] ?? '') : [tens[Math.floor(value / 10)], ones[value % 10]].filter(Boolean).join('-');
    for (let value = 1; value < 1000; value += 1) {
      const hundreds = value < 100 ? '' : `${ones[Math.floor(value / 100)] ?? ''} hundred`;
      const words = [hundreds, below100(value % 100)].filter(Boolean).join(' and ');
      expect([words, grade(words, String(value), 'counting')]).toEqual([words, 'correct']);
      expect([words, grade(words, String(value + 1), 'counting')]).toEqual([words, 'wrong']);
    }
  });
});

describe('references', () => {
  const kinds: AnswerKind[] = [
    'auto',
    'count',
    'number',
    'fraction',
    'radical',
    'pi',
    'degrees',
    'choice',
    'yes-no',
    'text',
    'box',
  ];

  it.each(kinds)('of the kind %s are right for themselves', (kind) => {
    const written = [
      ...lines.flat(),
      '2√3',
      '3π cm²',
      '60°',
      'yes',
      '[1,2,3,4]',
      '{"bbox_2d":[1,2,3,4]}',
      '¼ %',
      '5 or 6',
    ];
    for (const reference of written.filter((one) => referenceFits(kind, one))) {
      for (const task of ['counting', 'geometry', 'other'] as const) {
        expect([reference, task, grade(reference, reference, task, kind)]).toEqual([reference, task, 'correct']);
      }
    }
  });

  it.each<[answer: string, task: Task, kind: AnswerKind, problem: RegExp | null]>([
    ['7', 'counting', 'auto', null],
    ['seven', 'counting', 'auto', null],
    ['<answer> 7 </answer>', 'counting', 'auto', null],
    ['1,200', 'counting', 'auto', null],
    ['3 cats', 'counting', 'auto', /whole numbers/],
    ['3.5', 'counting', 'auto', /whole numbers/],
    ['4/2', 'counting', 'auto', /whole numbers/],
    ['5-6', 'counting', 'auto', /whole numbers/],
    ['many', 'counting', 'auto', /whole numbers/],
    ['60°', 'geometry', 'auto', null],
    ['isosceles', 'geometry', 'auto', null],
    ['3:4', 'geometry', 'auto', null],
    ['C', 'geometry', 'auto', null],
    ['60 or 120', 'geometry', 'auto', /exact values/],
    ['60 apples', 'geometry', 'auto', /known units/],
    ['anything', 'other', 'auto', null],
    ['', 'other', 'auto', /show something/],
    ['\u200b', 'other', 'auto', /show something/],
    ['3 cats', 'other', 'count', /whole numbers/],
    ['cat', 'other', 'number', /numbers/],
    ['7', 'other', 'box', /boxes/],
    ['yes', 'other', 'yes-no', null],
  ])('%j in %s as %s: %s', (answer, task, kind, problem) => {
    const found = referenceProblem(answer, task, kind);
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });
});
