/** @file The study of the paper on a starter model: which runs, with which settings, and why. */
import { DEFAULT_STEPS } from '../../method/defaults.ts';
import type { ExperimentRequest, PlannedLooks } from '../../contract/model/experiments.ts';
import type { DatasetId, ExperimentId, ModelId } from '../../contract/model/primitives.ts';

export interface StudyOptions {
  modelId: ModelId;
  counting: DatasetId;
  geometry: DatasetId;
  /**
   * One seed and three values of each sweep: about fifteen minutes on two idle cores, too little to decide anything.
   */
  quick: boolean;
  seeds?: number[];
  steps?: number;
  /** Test questions of each task; absent = all (200 and 160). */
  samples?: number;
  /** Training samples of the first task; 'all' = all, absent = 100. */
  trainSamples?: number | 'all';
  /** The contest of four methods and the exam, without controls and sweeps. */
  contestOnly?: boolean;
  /** Asks the runs of a study that is done again, with the test questions of two other datasets. */
  askAgain?: { study: ExperimentId; questions: [DatasetId, DatasetId] };
}

/** Few-shot as in the paper: it trains on 100 samples for counting with the 2B model. */
export const COUNTING_SAMPLES = 100;

/**
 * Updates of every run, the same for all methods. An update of the starter model takes about 0.5 s on two idle cores
 * (16 questions, 8 answers of at most 48 tokens), loading and testing about 15 s a run. 170 runs (10 seeds of 9 + 4 + 4)
 * of 60 updates are two to three hours of an idle machine.
 */
export const STUDY_STEPS = Math.min(60, DEFAULT_STEPS);

/** Ten seeds: what the pilot asks for with the smallest difference below, and some for the looks and the correction. */
const SEEDS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/**
 * 5 points: less than half of what the paper gains on counting (12 over GRPO, 8 over SFT). 2 points are 4 of 200
 * questions, which takes about fifty seeds and more questions than the starter has.
 */
export const STUDY_SMALLEST_DIFFERENCE = 0.05;

/**
 * Builds the study. The paper's weights (0.01 to 0.1) do next to nothing to the starter model, so these reach from there
 * to where the model hardly moves: constant weights from 0 to 10, and GRPO-D from the paper's 0.04 to 1.
 */
export function studyRequest(options: StudyOptions): ExperimentRequest {
  const { modelId, counting, geometry, quick, samples, contestOnly = false, trainSamples = COUNTING_SAMPLES } = options;
  const steps = options.steps ?? STUDY_STEPS;
  const shortRun = steps < STUDY_STEPS;
  const seeds = options.seeds ?? (quick ? SEEDS.slice(0, 1) : SEEDS);
  const looks = studyLooks(seeds.length);
  const weights = { beta: 0.04, otherBeta: 0.3, betaMin: 0.04, betaMax: 1, explorationRatio: 0.3 };
  return {
    kind: 'study',
    name: `${quick ? 'The paper, quickly' : 'The paper'}${options.askAgain === undefined ? '' : ', asked again'}`,
    modelId,
    seeds,
    recipe: {
      steps,
      checkpointEvery: shortRun ? steps : 20,
      ...(samples === undefined ? {} : { evalSamples: samples }),
    },
    smallestDifference: STUDY_SMALLEST_DIFFERENCE,
    ...(looks === null ? {} : { looks }),
    tasks: [
      { datasetId: counting, ...(trainSamples === 'all' ? {} : { trainSamples }), ...weights },
      { datasetId: geometry, ...weights },
    ],
    contestArms: ['base', 'sft', 'grpo', 'grpo-d', ...(contestOnly ? [] : (['grpo-matched', 'grpo-other'] as const))],
    sweepTask: 0,
    ...sweptWeights(options),
    probes: false,
    ...(options.askAgain === undefined ? {} : { askAgain: options.askAgain }),
  };
}

function sweptWeights({ quick, contestOnly = false }: StudyOptions): { rewardWeights: number[]; klWeights: number[] } {
  if (contestOnly) return { rewardWeights: [], klWeights: [] };
  return quick
    ? { rewardWeights: [0, 0.5, 1], klWeights: [0, 0.3, 10] }
    : { rewardWeights: [0, 0.25, 0.5, 0.75, 1], klWeights: [0, 0.04, 0.3, 1, 3, 10] };
}

/**
 * A look after 4 seeds and after every second one from then on. Pocock's spending: with so few seeds, the first levels of
 * O'Brien and Fleming's are beyond what any t test can reach. Null with too few seeds for a verdict.
 */
export function studyLooks(seeds: number): PlannedLooks | null {
  if (seeds < 3) return null;
  const between = [4, 6, 8, 10, 12, 14, 16, 18, 20].filter((look) => look < seeds);
  return { seeds: [...between, seeds], spending: 'pocock' };
}
