/** @file The study of the paper on the starter model: which runs, with which settings, and why. */
import { DEFAULT_STEPS } from '../../method/defaults.ts';
import type { ExperimentRequest } from '../../contract/model/experiments.ts';
import type { DatasetId, ModelId } from '../../contract/model/primitives.ts';

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
}

/** Few-shot as in the paper: it trains on 100 samples for counting with the 2B model. */
export const COUNTING_SAMPLES = 100;

/**
 * Updates of every run, the same for all methods. An update of the starter model takes about 0.5 s on two idle cores
 * (16 questions, 8 answers of at most 48 tokens), loading and testing about 15 s a run. 51 runs (3 seeds of 8 + 4 + 5)
 * of 60 updates are about 40 minutes, with the probes three quarters of an hour; more updates would exceed the hour or
 * so that users will wait.
 */
export const STUDY_STEPS = Math.min(60, DEFAULT_STEPS);

const SEEDS = [7, 8, 9];

/**
 * Builds the study with the paper's KL weights: counting 0.04 → 0.1 against 0.04 fixed, geometry 0 → 0.02 against 0.01
 * fixed.
 */
export function studyRequest(options: StudyOptions): ExperimentRequest {
  const { modelId, counting, geometry, quick, samples } = options;
  const steps = options.steps ?? STUDY_STEPS;
  const shortRun = steps < STUDY_STEPS;
  return {
    kind: 'study',
    name: quick ? 'The paper, quickly' : 'The paper',
    modelId,
    seeds: options.seeds ?? (quick ? SEEDS.slice(0, 1) : SEEDS),
    recipe: {
      steps,
      checkpointEvery: shortRun ? steps : 20,
      ...(samples === undefined ? {} : { evalSamples: samples }),
    },
    tasks: [
      {
        datasetId: counting,
        trainSamples: COUNTING_SAMPLES,
        beta: 0.04,
        betaMin: 0.04,
        betaMax: 0.1,
        explorationRatio: 0.3,
      },
      { datasetId: geometry, beta: 0.01, betaMin: 0, betaMax: 0.02, explorationRatio: 0.3 },
    ],
    sweepTask: 1,
    rewardWeights: quick ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1],
    klWeights: quick ? [0, 0.01, 0.05] : [0, 0.01, 0.02, 0.03, 0.04, 0.05],
    probes: true,
  };
}
