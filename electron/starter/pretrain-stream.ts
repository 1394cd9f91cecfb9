/** @file The endless, repeatable stream of examples that the starter model is pre-trained on. */
import { loadArt, type Art } from './art.ts';
import { DIAGRAM_TYPES, diagramAnswer, drawDiagram, renderDiagram, type Diagram } from './diagrams.ts';
import { createRandom, type Random } from './random.ts';
import { drawScene, renderScene, type Scene } from './scenes.ts';
import {
  COUNTING_WORDINGS,
  countingQuestion,
  countingThought,
  DESCRIBE_WORDINGS,
  diagramDescription,
  GEOMETRY_WORDINGS,
  geometryQuestion,
  geometryThought,
  HABIT_SHARES,
  habitCompletion,
  HABITS,
  LIST_WORDINGS,
  sceneList,
  type Habit,
  type Wording,
} from './texts.ts';
import type { Manner } from './two-step-texts.ts';

export type Stage = 'perceive' | 'habits';

export interface PretrainExample {
  /** 112×112×3, row by row. */
  rgb: Uint8Array;
  question: string;
  completion: string;
  task: 'counting' | 'geometry';
  /** How the completion answers: nano's habits, the apprentice's manners, or a dense description. */
  habit: Habit | Manner | 'dense';
  /** The right answer; for dense examples, the answer to the question that could have been asked. */
  answer: string;
}

export interface PretrainStream {
  /**
   * Example number `index`.
   * @param difficulty 0 (few objects, plain looks) to 1 (up to 10 of a kind and 4 others, strong variety)
   */
  example(seed: number, index: number, stage: Stage, difficulty?: number): PretrainExample;
}

/** Share of counting among all examples. */
const COUNTING_SHARE = 0.6;

/** In 'habits': share that keeps perception fresh, half dense, half careful. */
const REFRESH_SHARE = 0.2;

/** Loads the art that pre-training may use (sets whose licences let the weights be Apache-2.0). */
export async function createPretrainStream(folder?: string): Promise<PretrainStream> {
  const art = await loadArt(folder);
  const kinds = art.catalogue.kinds.map((kind) => kind.name);
  const plurals = new Map(art.catalogue.kinds.map((kind) => [kind.name, kind.plural]));
  const sets = art.catalogue.sets.filter((set) => set.pretraining).map((set) => set.id);
  return {
    example: (seed, index, stage, difficulty = 1) => {
      const random = createRandom(seed, index, `pretrain/${stage}`);
      if (random.chance(COUNTING_SHARE)) {
        const scene = drawScene(random, {
          kinds,
          sets,
          drawings: (set, kind) => art.drawings(set, kind).length,
          maxCount: Math.round(3 + 7 * difficulty),
          maxOthers: Math.round(1 + 3 * difficulty),
          jitter: 0.3 + 0.7 * difficulty,
        });
        return countingExample(random, stage, scene, art, plurals.get(scene.asked) ?? scene.asked);
      }
      return geometryExample(random, stage, drawDiagram(random, random.pick(DIAGRAM_TYPES), 0.3 + 0.7 * difficulty));
    },
  };
}

/** Chooses the habit that answers a wording at a given stage. */
function chooseHabit(random: Random, stage: Stage, wording: Wording): Habit | 'dense' {
  if (stage === 'perceive') return random.chance(0.5) ? 'dense' : 'careful';
  if (random.chance(REFRESH_SHARE)) return random.chance(0.5) ? 'dense' : 'careful';
  return HABITS[random.weighted(HABIT_SHARES[wording.leaning])] as Habit;
}

function countingExample(random: Random, stage: Stage, scene: Scene, art: Art, plural: string): PretrainExample {
  const wording = random.pick(COUNTING_WORDINGS);
  const habit = chooseHabit(random, stage, wording);
  const base = { rgb: bytes(renderScene(scene, art)), task: 'counting', habit, answer: `${scene.count}` } as const;
  if (habit === 'dense') return { ...base, question: random.pick(LIST_WORDINGS), completion: sceneList(scene) };
  const exact = { thought: countingThought(scene), answer: scene.count, step: 1, largest: 12, many: true };
  return { ...base, question: countingQuestion(wording, plural), completion: habitCompletion(random, habit, exact) };
}

function geometryExample(random: Random, stage: Stage, diagram: Diagram): PretrainExample {
  const wording = random.pick(GEOMETRY_WORDINGS);
  const habit = chooseHabit(random, stage, wording);
  const answer = diagramAnswer(diagram);
  const base = { rgb: bytes(renderDiagram(diagram)), task: 'geometry', habit, answer: `${answer}` } as const;
  if (habit === 'dense') {
    return { ...base, question: random.pick(DESCRIBE_WORDINGS), completion: diagramDescription(diagram) };
  }
  const step = diagram.type === 'angle' ? 15 : diagram.type === 'perimeter' ? 2 : 1;
  const exact = { thought: geometryThought(diagram), answer, step, largest: 180, many: false };
  const completion = habitCompletion(random, habit, exact);
  return { ...base, question: geometryQuestion(wording, diagram.type), completion };
}

function bytes(canvas: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(canvas.buffer, canvas.byteOffset, canvas.length);
}
