/** @file What is in the starter datasets: every row as plain data, before anything is painted. */
import type { Catalogue } from './catalogue.ts';
import { creditOf, ownCredit, type PictureCredit } from './credits.ts';
import { DIAGRAM_TYPES, diagramAnswer, drawDiagram, type Diagram } from './diagrams.ts';
import type { Composite } from './composites.ts';
import { createRandom } from './random.ts';
import type { RoamingScene } from './roaming-scenes.ts';
import { drawScene, type Scene } from './scenes.ts';
import { COUNTING_WORDINGS, countingQuestion, GEOMETRY_WORDINGS, geometryQuestion } from './texts.ts';

/** What a row asks for: decides how answers are read. */
export type StarterTask = 'counting' | 'geometry';
export type StarterSplit = 'train' | 'test';

/** Rows in each dataset's splits. */
export const SIZES: Record<StarterTask, Record<StarterSplit, number>> = {
  counting: { train: 240, test: 200 },
  geometry: { train: 200, test: 160 },
};

/** Seed of the published datasets. */
export const DATASET_SEED = 20_240;

/** How strongly the looks of the datasets vary, 0–1. */
const JITTER = 0.35;

/** What a test question shows that no training question showed, nor the examples that the apprentice was made from. */
export type HeldOut = 'nothing' | 'icons' | 'style' | 'figure';

export interface PlannedRow {
  /** Path inside the dataset's folder. */
  fileName: string;
  question: string;
  answer: string;
  task: StarterTask;
  split: StarterSplit;
  credit: PictureCredit;
  picture:
    | { kind: 'scene'; scene: Scene }
    | { kind: 'diagram'; diagram: Diagram }
    | { kind: 'roaming'; scene: RoamingScene }
    | { kind: 'composite'; figure: Composite };
  /** The same question in other words; only in the two-step datasets. */
  paraphrases?: string[];
  /** Only in the two-step datasets. */
  heldOut?: HeldOut;
}

export function fileName(split: StarterSplit, index: number): string {
  return `images/${split}-${String(index + 1).padStart(3, '0')}.png`;
}

/**
 * Counting rows. Sets and counts take turns, so each occurs equally often in both splits.
 * @param sizes with more test rows than the published ones, the first of them are the published ones
 */
export function planCounting(
  catalogue: Catalogue,
  drawings: (set: string, kind: string) => number,
  sizes: Record<StarterSplit, number> = SIZES.counting,
): PlannedRow[] {
  const kinds = catalogue.kinds.map((kind) => kind.name);
  const sets = catalogue.sets.map((set) => set.id);
  const rows: PlannedRow[] = [];
  for (const split of ['train', 'test'] as const) {
    for (let index = 0; index < sizes[split]; index++) {
      const random = createRandom(DATASET_SEED, index, `dataset/counting/${split}`);
      const main = sets[index % sets.length] as string;
      // Three rows in ten mix two sets; the second set rotates as well.
      const shift = 1 + (Math.floor(index / sets.length) % (sets.length - 1));
      const second = sets[(index + shift) % sets.length] as string;
      const asked = random.pick(kinds);
      const count = 1 + (Math.floor(index / sets.length) % 10);
      const scene = drawScene(random, {
        kinds,
        sets: random.chance(0.3) ? [main, second] : [main],
        drawings,
        maxCount: 10,
        maxOthers: 4,
        jitter: JITTER,
        fixed: { asked, count },
      });
      const plural = catalogue.kinds.find((kind) => kind.name === asked)?.plural ?? asked;
      rows.push({
        fileName: fileName(split, index),
        question: countingQuestion(random.pick(COUNTING_WORDINGS), plural),
        answer: String(scene.count),
        task: 'counting',
        split,
        credit: creditOf(scene.objects, catalogue),
        picture: { kind: 'scene', scene },
      });
    }
  }
  return rows;
}

/** Equal for two diagrams that pose the same task, whatever they look like. */
function diagramKey(diagram: Diagram): string {
  if (diagram.type === 'angle') return `angle ${diagram.from} ${diagram.to}`;
  return [diagram.type, diagram.x0, diagram.y0, diagram.x1, diagram.y1].join(' ');
}

/** Draws after which a figure that occurred in a test question may occur in another one. */
const TRIES = 200;

/**
 * Geometry rows. The five types take turns; no figure occurs twice, so none is in both splits.
 * @param sizes with more test rows than the published ones, the first of them are the published ones. There are 77 angles
 *   only: when all are used, those that no training question shows occur again, drawn in other ways
 */
export function planGeometry(sizes: Record<StarterSplit, number> = SIZES.geometry): PlannedRow[] {
  const seen = new Set<string>();
  const trained = new Set<string>();
  const rows: PlannedRow[] = [];
  for (const split of ['train', 'test'] as const) {
    for (let index = 0; index < sizes[split]; index++) {
      const random = createRandom(DATASET_SEED, index, `dataset/geometry/${split}`);
      const type = DIAGRAM_TYPES[index % DIAGRAM_TYPES.length] as (typeof DIAGRAM_TYPES)[number];
      let diagram = drawDiagram(random, type, JITTER);
      for (let tries = 1; (tries < TRIES ? seen : trained).has(diagramKey(diagram)); tries++) {
        diagram = drawDiagram(random, type, JITTER);
      }
      seen.add(diagramKey(diagram));
      if (split === 'train') trained.add(diagramKey(diagram));
      rows.push({
        fileName: fileName(split, index),
        question: geometryQuestion(random.pick(GEOMETRY_WORDINGS), type),
        answer: String(diagramAnswer(diagram)),
        task: 'geometry',
        split,
        credit: ownCredit(`Atelier drawing: ${type}`),
        picture: { kind: 'diagram', diagram },
      });
    }
  }
  return rows;
}
