/** @file What the apprentice reads and writes: two-step questions, and answers worked out in steps or read at a glance. */
import { area, compositeAnswer, type Composite } from './composites.ts';
import { cellOf, roamingAnswer, type Operation, type RoamingScene } from './roaming-scenes.ts';
import { CELLS } from './scenes.ts';
import { formatted } from './texts.ts';

/** `steps` names every part on the way to the answer; `glance` writes only the last sum. Both are always in tags. */
export const MANNERS = ['steps', 'glance'] as const;
export type Manner = (typeof MANNERS)[number];

/** How often each manner [steps, glance] answers a wording of that leaning. */
export const MANNER_SHARES: Record<Manner, readonly [number, number]> = {
  steps: [0.75, 0.25],
  glance: [0.2, 0.8],
};

/** One way to ask; `leaning` says which mixture of manners the apprentice learned for it. */
export interface TwoStepWording {
  text: string;
  leaning: Manner;
}

/** `{a}` and `{b}` are plurals. All words are single tokens of the starter vocabulary. */
export const PAIR_WORDINGS: Record<Operation, readonly TwoStepWording[]> = {
  more: [
    { text: 'Count the {a} and the {b}. How many more {a} are there?', leaning: 'steps' },
    { text: 'Take the number of {b} from the number of {a}.', leaning: 'steps' },
    { text: 'How many more {a} than {b} are there?', leaning: 'glance' },
    { text: 'Quick: how many more {a} than {b}?', leaning: 'glance' },
  ],
  together: [
    { text: 'Count the {a} and the {b}. How many are there in all?', leaning: 'steps' },
    { text: 'Add the number of {a} and the number of {b}.', leaning: 'steps' },
    { text: 'How many {a} and {b} are there in all?', leaning: 'glance' },
    { text: 'Quick: how many {a} and {b} in all?', leaning: 'glance' },
  ],
};

export const COMPOSITE_WORDINGS: readonly TwoStepWording[] = [
  { text: 'Work out the area of the shape step by step.', leaning: 'steps' },
  { text: 'Find the area of the shape carefully.', leaning: 'steps' },
  { text: 'What is the area of the shape in squares?', leaning: 'glance' },
  { text: 'Quick: the area of the shape?', leaning: 'glance' },
];

/** Fills in a wording about two kinds. */
export function pairQuestion({ text }: TwoStepWording, [a, b]: readonly [string, string]): string {
  return text.replaceAll('{a}', a).replaceAll('{b}', b);
}

const SIGNS: Record<Operation, string> = { more: '-', together: '+' };

/**
 * `star 1 a1 2 b3 : apple 1 c2 : 2 - 1 = 1`, or only the sum. The kind that comes first in the picture is counted first,
 * and the larger number comes first in the sum: the order of the words in the question does not matter to either.
 */
export function pairAnswer(scene: RoamingScene, manner: Manner): string {
  const answer = roamingAnswer(scene);
  const [a, b] = scene.counts;
  const sum = `${Math.max(a, b)} ${SIGNS[scene.operation]} ${Math.min(a, b)} = ${answer}`;
  if (manner === 'glance') return formatted(sum, answer);
  const kinds = new Set(scene.objects.map(({ kind }) => kind).filter((kind) => scene.asked.includes(kind)));
  const counted = [...kinds].map((kind) => {
    const cells = scene.objects.filter((object) => object.kind === kind).map((object) => CELLS[cellOf(object)] ?? '');
    return `${kind} ${cells.map((cell, n) => `${n + 1} ${cell}`).join(' ')}`;
  });
  return formatted(`${counted.join(' : ')} : ${sum}`, answer);
}

/** `4 by 3 : 12 : 2 by 2 : 4 : 12 + 4 = 16`, or only the sum. */
export function compositeText(figure: Composite, manner: Manner): string {
  const answer = compositeAnswer(figure);
  const whole = area(figure.base);
  const part = figure.type === 'house' ? area(figure.part) / 2 : area(figure.part);
  const sum = `${whole} ${figure.type === 'hole' ? '-' : '+'} ${part} = ${answer}`;
  if (manner === 'glance') return formatted(sum, answer);
  const { base, part: second } = figure;
  const half = figure.type === 'house' ? 'half ' : '';
  return formatted(
    `${base.x1 - base.x0} by ${base.y1 - base.y0} : ${whole} : ${second.x1 - second.x0} by ${second.y1 - second.y0} : ${half}${part} : ${sum}`,
    answer,
  );
}

/** Everything in a scene in reading order: `I see a1 apple a1 star b3 car`. */
export function roamingList(scene: RoamingScene): string {
  return `I see ${scene.objects.map((object) => `${CELLS[cellOf(object)] ?? ''} ${object.kind}`).join(' ')}`;
}

/** Where the two parts are: `I see a shape from 1 2 to 5 6 and from 1 0 to 3 2`. */
export function compositeDescription({ base, part }: Composite): string {
  const box = ({ x0, y0, x1, y1 }: Composite['base']): string => `from ${x0} ${y0} to ${x1} ${y1}`;
  return `I see a shape ${box(base)} and ${box(part)}`;
}
