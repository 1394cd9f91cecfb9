/** @file Every default number of a recipe, in one place. Screens, command line and demo all use these. */
import type { AdapterConfig, GrpoConfig, KlSchedule, Method, OptimiserConfig } from '../contract/model/recipe.ts';
import type { Detail } from '../contract/model/detail.ts';
import type { RewardSpec } from '../contract/model/rewards.ts';

/** Answers to each question where what a model can do is measured (pass@k for k up to this). */
export const DEFAULT_SAMPLES = 64;

/** Answers to each question, of either model, where their distance is measured: more questions tell more than more answers. */
export const DEFAULT_DRIFT_SAMPLES = 4;

/** Paper: beta 0.04 -> 0.1 for visual counting, exploration for 30% of the steps. */
export const DEFAULT_GRPO_D_SCHEDULE: KlSchedule = {
  kind: 'paper-eq3',
  betaMin: 0.04,
  betaMax: 0.1,
  explorationRatio: 0.3,
};

/** The original GRPO's constant, also the paper's baseline for visual counting. */
export const DEFAULT_GRPO_SCHEDULE: KlSchedule = { kind: 'constant', beta: 0.04 };

/** Ziegler et al. aim with a gain of 0.1; runs here are shorter, so it corrects faster. */
export const DEFAULT_TARGET_KL_SCHEDULE = {
  kind: 'target-kl',
  betaStart: 0.04,
  betaMin: 0.001,
  betaMax: 0.5,
  targetKl: 0.1,
  gain: 0.5,
} as const satisfies KlSchedule;

export const DEFAULT_ACCURACY_SCHEDULE = {
  kind: 'accuracy-conditioned',
  betaMin: 0.02,
  betaMax: 0.1,
  smoothing: 0.8,
} as const satisfies KlSchedule;

export const DEFAULT_ADAPTER: AdapterConfig = {
  kind: 'lora',
  r: 16,
  loraAlpha: 32,
  targetModules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
};

export const DEFAULT_REWARDS: RewardSpec[] = [
  { name: 'accuracy', weight: 1 },
  { name: 'format', weight: 1 },
];

export const DEFAULT_GRPO: GrpoConfig = {
  promptsPerStep: 16,
  numGenerations: 8,
  maxCompletionLength: 48,
  temperature: 1,
  topP: 1,
  minP: 0,
  lossType: 'grpo',
  scaleRewards: 'group',
  epsilon: 0.2,
  epsilonHigh: 0.2,
  numIterations: 1,
  maskTruncatedCompletions: false,
  useBiasCorrectionKl: false,
  gradientAccumulationSteps: 1,
};

/** The upper clip of DAPO (arXiv 2503.14476, §3.1); the lower one stays at 0.2. */
export const CLIP_HIGHER = 0.28;

export const DEFAULT_OPTIMISER: OptimiserConfig = {
  learningRate: 1e-3,
  lrScheduler: 'constant',
  warmupSteps: 5,
  weightDecay: 0,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  maxGradNorm: 1,
};

/** 1280 image tokens: docs/decisions/0010-default-detail.md says why. */
export const DEFAULT_DETAIL: Detail = 'high';

/** Where models are looked for if neither a setting nor HF_ENDPOINT names a hub. */
export const DEFAULT_HUB = 'https://huggingface.co';

export const DEFAULT_STEPS = 100;
export const DEFAULT_SEED = 7;
export const DEFAULT_CHECKPOINT_EVERY = 20;
export const DEFAULT_EVAL_SAMPLES = 0;
export const DEFAULT_EVAL_EVERY = 0;
export const DEFAULT_EVAL_DURING_SAMPLES = 32;
/** Such a measurement takes two more backward passes, so every 20th step costs about 5% of the time. */
export const DEFAULT_KL_SHARE_EVERY = 20;

/** R1-V's training text (two spaces are theirs), used if a model has no template of its own. */
export const R1V_PROMPT_TEMPLATE =
  '{question}  Output the thinking process in <think> </think> and final answer (number) in <answer> </answer> tags.';

/**
 * The template of the direct-answer baseline: the same question, asking only for the answer. A direct answer may have
 * no tags; it is then read as a whole (see `readDirectAnswer`).
 */
export const DIRECT_PROMPT_TEMPLATE = '{question} Give only the final answer in <answer> </answer> tags.';

/** The starter model knows few words; "Quick:" asks it to answer without thinking. */
export const STARTER_DIRECT_TEMPLATE = 'Quick: {question}';

/** Alternative wordings, used if a dataset has none of its own. */
export const DEFAULT_WORDINGS: readonly string[] = [
  '{question}',
  'Look at the picture. {question}',
  '{question} Look closely.',
  'Please answer: {question}',
  'Question: {question}',
];

/** A method's default schedule, used if you have not chosen one. */
export function defaultScheduleFor(method: Method): KlSchedule {
  return method === 'grpo-d' ? DEFAULT_GRPO_D_SCHEDULE : DEFAULT_GRPO_SCHEDULE;
}
