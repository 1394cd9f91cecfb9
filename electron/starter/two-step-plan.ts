/** @file What is in the two-step datasets: every row as plain data, before anything is painted. */
import { HELD_OUT_COMPOSITE, HELD_OUT_KINDS, TRAINED_COMPOSITES } from './apprentice-stream.ts';
import type { Catalogue } from './catalogue.ts';
import { compositeAnswer, drawComposite, type Composite, type CompositeType } from './composites.ts';
import { creditOf, ownCredit } from './credits.ts';
import { DATASET_SEED, fileName, type HeldOut, type PlannedRow, type StarterSplit } from './dataset-plan.ts';
import { createRandom, type Random } from './random.ts';
import { drawRoamingScene, OPERATIONS, roamingAnswer } from './roaming-scenes.ts';
import { COMPOSITE_WORDINGS, PAIR_WORDINGS, pairQuestion, type TwoStepWording } from './two-step-texts.ts';

/** Rows by what is held out. Training rows hold nothing out. */
export const TWO_STEP_SIZES = {
  'two-step-counting': { train: { nothing: 1200 }, test: { nothing: 120, icons: 60, style: 60 } },
  'two-step-geometry': { train: { nothing: 900 }, test: { nothing: 140, figure: 60 } },
} as const satisfies Record<string, Record<StarterSplit, Partial<Record<HeldOut, number>>>>;

/** The icon set of the `style` questions: neither the apprentice's making nor a training question shows it. */
export const HELD_OUT_SET = 'openmoji';

/** How hard the questions are. Rows take turns in this order. */
export interface PairLevel {
  count: readonly [number, number];
  others: number;
  roam: number;
}

export const PAIR_LEVELS: readonly PairLevel[] = [
  { count: [1, 3], others: 2, roam: 0.15 },
  { count: [1, 5], others: 3, roam: 0.25 },
  { count: [2, 6], others: 3, roam: 0.5 },
  { count: [2, 7], others: 2, roam: 0.8 },
];

/** Largest side of a figure's base; rows take turns. */
export const COMPOSITE_LEVELS: readonly number[] = [4, 5, 7, 8];

const JITTER = 0.35;

function planned(sizes: Partial<Record<HeldOut, number>>): HeldOut[] {
  return Object.entries(sizes).flatMap(([heldOut, n]) => Array.from({ length: n }, () => heldOut as HeldOut));
}

/** Test rows: the published ones, and then so many further ones, with as much held out. */
function plannedTests(sizes: Partial<Record<HeldOut, number>>, further: number): HeldOut[] {
  const published = planned(sizes);
  // 7 has no factor in common with 240 or 200, so the further rows go through all published ones before any repeats.
  return [...published, ...Array.from({ length: further }, (_, index) => level(published, 7 * index))];
}

function level<T>(levels: readonly T[], index: number): T {
  return levels[index % levels.length] as T;
}

/** Every other wording of a question, for the probe of how much an answer depends on the wording. */
function others(
  wordings: readonly TwoStepWording[],
  used: TwoStepWording,
  fill: (wording: TwoStepWording) => string,
): string[] {
  return wordings.filter((wording) => wording !== used).map(fill);
}

/** Rows about two kinds of icons. @param further test rows beyond the published ones, which stay as they are */
export function planPairs(
  catalogue: Catalogue,
  drawings: (set: string, kind: string) => number,
  levels: readonly PairLevel[] = PAIR_LEVELS,
  further = 0,
): PlannedRow[] {
  const kinds = catalogue.kinds.map((kind) => kind.name);
  const plain = kinds.filter((kind) => !HELD_OUT_KINDS.includes(kind));
  const sets = catalogue.sets.map((set) => set.id).filter((set) => set !== HELD_OUT_SET);
  const plural = (name: string): string => catalogue.kinds.find((kind) => kind.name === name)?.plural ?? name;
  const rows: PlannedRow[] = [];
  for (const split of ['train', 'test'] as const) {
    const { train, test } = TWO_STEP_SIZES['two-step-counting'];
    const asked = split === 'train' ? planned(train) : plannedTests(test, further);
    asked.forEach((heldOut, index) => {
      const random = createRandom(DATASET_SEED, index, `dataset/two-step-counting/${split}`);
      const operation = OPERATIONS[index % OPERATIONS.length] as (typeof OPERATIONS)[number];
      const { count, others: maxOthers, roam } = level(levels, Math.floor(index / OPERATIONS.length));
      const main = level(sets, Math.floor(index / 2));
      const scene = drawRoamingScene(random, {
        asked: heldOut === 'icons' ? HELD_OUT_KINDS : plain,
        others: plain,
        sets: heldOut === 'style' ? [HELD_OUT_SET] : random.chance(0.3) ? [main, random.pick(sets)] : [main],
        drawings,
        count,
        maxOthers,
        roam,
        jitter: JITTER,
        operation,
      });
      const plurals = [plural(scene.asked[0]), plural(scene.asked[1])] as const;
      const wording = random.pick(PAIR_WORDINGS[operation]);
      rows.push({
        fileName: fileName(split, index),
        question: pairQuestion(wording, plurals),
        paraphrases: others(PAIR_WORDINGS[operation], wording, (each) => pairQuestion(each, plurals)),
        answer: String(roamingAnswer(scene)),
        task: 'counting',
        split,
        heldOut,
        credit: creditOf(scene.objects, catalogue),
        picture: { kind: 'roaming', scene },
      });
    });
  }
  return rows;
}

/**
 * Rows about composite figures. No figure occurs twice, so none is in both splits.
 * @param further test rows beyond the published ones, which stay as they are
 */
export function planComposites(levels: readonly number[] = COMPOSITE_LEVELS, further = 0): PlannedRow[] {
  const seen = new Set<string>();
  const rows: PlannedRow[] = [];
  for (const split of ['train', 'test'] as const) {
    const { train, test } = TWO_STEP_SIZES['two-step-geometry'];
    const asked = split === 'train' ? planned(train) : plannedTests(test, further);
    asked.forEach((heldOut, index) => {
      const random = createRandom(DATASET_SEED, index, `dataset/two-step-geometry/${split}`);
      const type = heldOut === 'figure' ? HELD_OUT_COMPOSITE : level(TRAINED_COMPOSITES, index);
      const figure = freshFigure(random, type, level(levels, Math.floor(index / TRAINED_COMPOSITES.length)), seen);
      const wording = random.pick(COMPOSITE_WORDINGS);
      rows.push({
        fileName: fileName(split, index),
        question: wording.text,
        paraphrases: others(COMPOSITE_WORDINGS, wording, ({ text }) => text),
        answer: String(compositeAnswer(figure)),
        task: 'geometry',
        split,
        heldOut,
        credit: ownCredit(`Atelier drawing: ${type}`),
        picture: { kind: 'composite', figure },
      });
    });
  }
  return rows;
}

function freshFigure(random: Random, type: CompositeType, most: number, seen: Set<string>): Composite {
  for (;;) {
    const figure = drawComposite(random, type, most, JITTER);
    const { base, part } = figure;
    const key = JSON.stringify([type, base, part]);
    if (seen.has(key)) continue;
    seen.add(key);
    return figure;
  }
}
