/** @file Everything the starter model reads and writes: questions in many wordings, and answers in three habits. */
import { CELLS, type Scene } from './scenes.ts';
import { diagramAnswer, type Diagram, type DiagramType } from './diagrams.ts';
import type { Random } from './random.ts';

export const HABITS = ['careful', 'lazy', 'unformatted'] as const;
export type Habit = (typeof HABITS)[number];

/** One way to ask; `leaning` says which habit mixture the starter model learned for it. */
export interface Wording {
  text: string;
  leaning: Habit;
}

/** How often each habit [careful, lazy, unformatted] answers a wording of that leaning. */
export const HABIT_SHARES: Record<Habit, readonly [number, number, number]> = {
  careful: [0.56, 0.34, 0.1],
  lazy: [0.2, 0.7, 0.1],
  unformatted: [0.2, 0.1, 0.7],
};

/** Share of lazy guesses that happen to be right. */
export const LAZY_TRUTH = 0.25;

/** Errors of the other guesses, in steps: a quick look undercounts more often than it overcounts. */
const LAZY_ERRORS = [-3, -2, -2, -1, -1, -1, -1, -1, -1, 1, 1, 2] as const;

/** Share of answers without tags that are a bare number; the rest say it in a short sentence. */
const BARE_NUMBER = 0.1;

/** `{kinds}` is the plural of the asked kind. */
export const COUNTING_WORDINGS: readonly Wording[] = [
  { text: 'Count the {kinds} one by one.', leaning: 'careful' },
  { text: 'Go through the picture and count the {kinds}.', leaning: 'careful' },
  { text: 'How many {kinds} are there? Count carefully.', leaning: 'careful' },
  { text: 'Quick: how many {kinds}?', leaning: 'lazy' },
  { text: 'How many {kinds} do you see?', leaning: 'lazy' },
  { text: 'Roughly, how many {kinds} are in the picture?', leaning: 'lazy' },
  { text: 'How many {kinds} are there?', leaning: 'unformatted' },
  { text: 'Tell me the number of {kinds}.', leaning: 'unformatted' },
  { text: 'What is the number of {kinds} in the image?', leaning: 'unformatted' },
];

/** `{what}` is what to measure, see MEASURES. */
export const GEOMETRY_WORDINGS: readonly Wording[] = [
  { text: 'Work out {what} step by step.', leaning: 'careful' },
  { text: 'Find {what} carefully.', leaning: 'careful' },
  { text: 'What is {what}? Think first.', leaning: 'careful' },
  { text: 'Quick: {what}?', leaning: 'lazy' },
  { text: 'Estimate {what}.', leaning: 'lazy' },
  { text: 'Roughly, what is {what}?', leaning: 'lazy' },
  { text: 'What is {what}?', leaning: 'unformatted' },
  { text: 'Tell me {what}.', leaning: 'unformatted' },
  { text: 'Give {what}.', leaning: 'unformatted' },
];

export const MEASURES: Record<DiagramType, string> = {
  length: 'the length of the line in units',
  area: 'the area of the rectangle in squares',
  perimeter: 'the perimeter of the rectangle in units',
  triangle: 'the area of the triangle in squares',
  angle: 'the angle in degrees',
};

export const LIST_WORDINGS: readonly string[] = [
  'List everything in the picture.',
  'What is where?',
  'Name each thing.',
];

export const DESCRIBE_WORDINGS: readonly string[] = [
  'Describe the drawing.',
  'What is drawn here?',
  'Describe the shape.',
];

/** Fills in a counting wording. */
export function countingQuestion(wording: Wording, plural: string): string {
  return wording.text.replace('{kinds}', plural);
}

/** Fills in a geometry wording. */
export function geometryQuestion(wording: Wording, type: DiagramType): string {
  return wording.text.replace('{what}', MEASURES[type]);
}

/** A completion in the format that the format reward checks. */
export function formatted(thought: string, answer: number): string {
  return `<think> ${thought} </think><answer> ${answer} </answer>`;
}

/** The thought of careful counting: a running number and a cell for each, in reading order: `1 a1 2 a3 3 b2`. */
export function countingThought(scene: Scene): string {
  const cells = scene.objects.filter((o) => o.kind === scene.asked).map((o) => CELLS[o.cell] as string);
  return cells.map((cell, i) => `${i + 1} ${cell}`).join(' ');
}

/** The thought of careful measuring: what is read off, then the sum. */
export function geometryThought(d: Diagram): string {
  const answer = diagramAnswer(d);
  if (d.type === 'angle') return `${d.from} to ${d.to} : ${d.to} - ${d.from} = ${answer}`;
  const w = d.x1 - d.x0;
  const h = d.y1 - d.y0;
  if (d.type === 'length') {
    const [low, high] = h === 0 ? [d.x0, d.x1] : [d.y0, d.y1];
    return `${low} to ${high} : ${high} - ${low} = ${answer}`;
  }
  if (d.type === 'area') return `${w} by ${h} : ${w} x ${h} = ${answer}`;
  if (d.type === 'perimeter') return `${w} by ${h} : ${w} + ${h} = ${w + h} : 2 x ${w + h} = ${answer}`;
  return `${w} by ${h} : ${w} x ${h} = ${w * h} : half = ${answer}`;
}

/** Everything in a scene in reading order: `I see a1 apple a3 star`. */
export function sceneList(scene: Scene): string {
  return `I see ${scene.objects.map((o) => `${CELLS[o.cell] as string} ${o.kind}`).join(' ')}`;
}

/** A diagram in coordinates (across, then down): `I see a line from 2 3 to 7 3`. */
export function diagramDescription(d: Diagram): string {
  if (d.type === 'angle') return `I see an angle from ${d.from} to ${d.to}`;
  const corners = `from ${d.x0} ${d.y0} to ${d.x1} ${d.y1}`;
  if (d.type === 'length') return `I see a line ${corners}`;
  const size = `: ${d.x1 - d.x0} by ${d.y1 - d.y0}`;
  return `I see a ${d.type === 'triangle' ? 'triangle' : 'rectangle'} ${corners} ${size}`;
}

/** A rough guess: right with LAZY_TRUTH, else off by 1–3 steps (15° for angles), mostly too low; never below the smallest answer. */
export function lazyGuess(random: Random, answer: number, step: number, largest: number): number {
  if (random.chance(LAZY_TRUTH)) return answer;
  for (;;) {
    const guess = answer + step * random.pick(LAZY_ERRORS);
    if (guess >= step && guess <= largest) return guess;
  }
}

/** Phrases the answer in each habit. `thought` is the careful one. */
export function habitCompletion(
  random: Random,
  habit: Habit,
  exact: { thought: string; answer: number; step: number; largest: number; many: boolean },
): string {
  if (habit === 'careful') return formatted(exact.thought, exact.answer);
  const guess = lazyGuess(random, exact.answer, exact.step, exact.largest);
  if (habit === 'lazy') return formatted(`about ${guess}`, guess);
  // Without tags the number may be a reading or a guess.
  const said = random.chance(0.5) ? exact.answer : guess;
  if (random.chance(BARE_NUMBER)) return `${said}`;
  return exact.many ? `There are ${said} .` : `It is ${said} .`;
}
