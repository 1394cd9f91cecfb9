/** @file The endless, repeatable stream of two-step examples that turns nano into the apprentice. */
import { loadArt, type Art } from './art.ts';
import { compositeAnswer, drawComposite, renderComposite, type CompositeType } from './composites.ts';
import { createPretrainStream, type PretrainExample, type PretrainStream, type Stage } from './pretrain-stream.ts';
import { createRandom, type Random } from './random.ts';
import { drawRoamingScene, OPERATIONS, renderRoamingScene, roamingAnswer } from './roaming-scenes.ts';
import { DESCRIBE_WORDINGS, LIST_WORDINGS } from './texts.ts';
import {
  compositeDescription,
  COMPOSITE_WORDINGS,
  compositeText,
  MANNER_SHARES,
  MANNERS,
  PAIR_WORDINGS,
  pairAnswer,
  pairQuestion,
  roamingList,
  type Manner,
  type TwoStepWording,
} from './two-step-texts.ts';

/** Kinds that no two-step question of the pre-training names; the held-out questions of the task do. */
export const HELD_OUT_KINDS: readonly string[] = ['frog', 'carrot', 'moon'];

/** The figure that the pre-training never shows; the held-out questions of the task do. */
export const HELD_OUT_COMPOSITE: CompositeType = 'tee';

export const TRAINED_COMPOSITES: readonly CompositeType[] = ['ell', 'hole', 'house'];

/** The hardest that the pre-training shows. The task goes beyond it in all of these. */
export const TRAINED_LIMITS = { most: 5, others: 3, roam: 0.25, side: 5 } as const;

/** Share of one-step examples of nano's own stream: they keep cells, kinds and measures fresh. */
const NANO_SHARE = 0.1;
const COUNTING_SHARE = 0.6;
/** Share of examples that describe the whole picture: nano sees most of it already. */
const DENSE_SHARE = 0.2;

/** Loads the art that pre-training may use (sets whose licences let the weights be Apache-2.0). */
export async function createApprenticeStream(folder?: string): Promise<PretrainStream> {
  const art = await loadArt(folder);
  const nano = await createPretrainStream(folder);
  return {
    example: (seed, index, stage, difficulty = 1) => {
      const random = createRandom(seed, index, `apprentice/${stage}`);
      if (random.chance(NANO_SHARE)) return nano.example(seed, index, 'perceive', 1);
      return random.chance(COUNTING_SHARE)
        ? pairExample(random, stage, art, difficulty)
        : compositeExample(random, stage, difficulty);
    },
  };
}

function chooseManner(random: Random, stage: Stage, wording: TwoStepWording): Manner | 'dense' {
  if (random.chance(DENSE_SHARE)) return 'dense';
  if (stage === 'perceive') return 'steps';
  return MANNERS[random.weighted(MANNER_SHARES[wording.leaning])] as Manner;
}

function pairExample(random: Random, stage: Stage, art: Art, difficulty: number): PretrainExample {
  const { most, others, roam } = TRAINED_LIMITS;
  const kinds = art.catalogue.kinds.map((kind) => kind.name);
  const operation = random.pick(OPERATIONS);
  const scene = drawRoamingScene(random, {
    asked: kinds.filter((kind) => !HELD_OUT_KINDS.includes(kind)),
    others: kinds,
    sets: art.catalogue.sets.filter((set) => set.pretraining).map((set) => set.id),
    drawings: (set, kind) => art.drawings(set, kind).length,
    count: [1, Math.round(3 + (most - 3) * difficulty)],
    maxOthers: others,
    roam: roam * difficulty,
    jitter: 0.3 + 0.2 * difficulty,
    operation,
  });
  const plural = (name: string): string => art.catalogue.kinds.find((kind) => kind.name === name)?.plural ?? name;
  const plurals = [plural(scene.asked[0]), plural(scene.asked[1])] as const;
  const wording = random.pick(PAIR_WORDINGS[operation]);
  const habit = chooseManner(random, stage, wording);
  const base = {
    rgb: bytes(renderRoamingScene(scene, art)),
    task: 'counting',
    habit,
    answer: `${roamingAnswer(scene)}`,
  } as const;
  return habit === 'dense'
    ? { ...base, question: random.pick(LIST_WORDINGS), completion: roamingList(scene) }
    : { ...base, question: pairQuestion(wording, plurals), completion: pairAnswer(scene, habit) };
}

function compositeExample(random: Random, stage: Stage, difficulty: number): PretrainExample {
  const type = random.pick(TRAINED_COMPOSITES);
  const most = Math.round(4 + (TRAINED_LIMITS.side - 4) * difficulty);
  const figure = drawComposite(random, type, most, 0.3 + 0.2 * difficulty);
  const wording = random.pick(COMPOSITE_WORDINGS);
  const habit = chooseManner(random, stage, wording);
  const base = {
    rgb: bytes(renderComposite(figure)),
    task: 'geometry',
    habit,
    answer: `${compositeAnswer(figure)}`,
  } as const;
  return habit === 'dense'
    ? { ...base, question: random.pick(DESCRIBE_WORDINGS), completion: compositeDescription(figure) }
    : { ...base, question: wording.text, completion: compositeText(figure, habit) };
}

function bytes(canvas: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(canvas.buffer, canvas.byteOffset, canvas.length);
}
