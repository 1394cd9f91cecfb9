/**
 * @file The recipe: everything that defines a run. Immutable once a run has started; the page, the command line, the
 * store, the engine and the provenance record all use the same object. Names follow TRL's GRPOConfig and PEFT's
 * LoraConfig where those have one.
 */
import { z } from 'zod';
import { DatasetId, ModelId, RunId, Sha256, SystemPrompt } from './primitives.ts';
import { RewardSpec } from './rewards.ts';

export const Method = z.enum(['sft', 'grpo', 'grpo-d']);
export type Method = z.infer<typeof Method>;

const Beta = z.number().min(0).max(10);

/**
 * How the KL weight (beta) moves with training progress. `paper-eq3` is Eq. 3 of OThink-MR1
 * (arXiv 2503.16081): down from the middle to `betaMin` during exploration, then up to `betaMax`.
 * `paper-text` is the paper's prose: monotone from `betaMin` to `betaMax`.
 * `eq3-reversed` has the same weights in the opposite order, so it has the same mean: down from `betaMax` to `betaMin`,
 * then up to the middle.
 * `mean-matched` is a constant equal to the time-mean of `paper-eq3` with the same numbers.
 *
 * Two kinds respond to measurements (their state is part of a checkpoint, see kl-curve.ts): `target-kl` is the
 * proportional controller on log β of Ziegler et al. (arXiv 1909.08593, §2.2): β grows by the factor exp(gain · e)
 * after each step, e = KL / targetKl − 1 held within ±0.2, and stays in betaMin…betaMax. `accuracy-conditioned` follows
 * the running share of right answers: betaMin while none is right (explore), betaMax when all are (rely on experience);
 * `smoothing` is the weight of earlier steps.
 */
export const KlSchedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('constant'), beta: Beta }),
  z.object({ kind: z.literal('paper-eq3'), betaMin: Beta, betaMax: Beta, explorationRatio: z.number().gt(0).lt(1) }),
  z.object({
    kind: z.literal('eq3-reversed'),
    betaMin: Beta,
    betaMax: Beta,
    explorationRatio: z.number().gt(0).lt(1),
  }),
  z.object({ kind: z.literal('paper-text'), betaMin: Beta, betaMax: Beta }),
  z.object({ kind: z.literal('mean-matched'), betaMin: Beta, betaMax: Beta, explorationRatio: z.number().gt(0).lt(1) }),
  z.object({ kind: z.literal('linear'), betaStart: Beta, betaEnd: Beta }),
  z.object({ kind: z.literal('cosine'), betaStart: Beta, betaEnd: Beta }),
  z.object({
    kind: z.literal('target-kl'),
    betaStart: Beta.gt(0),
    betaMin: Beta.gt(0),
    betaMax: Beta.gt(0),
    /** Target mean KL per token. */
    targetKl: z.number().gt(0).max(100),
    gain: z.number().gt(0).max(5),
  }),
  z.object({
    kind: z.literal('accuracy-conditioned'),
    betaMin: Beta,
    betaMax: Beta,
    smoothing: z.number().min(0).lt(1),
  }),
]);
export type KlSchedule = z.infer<typeof KlSchedule>;

/**
 * A part of the model whose linear layers get an adapter: the language model (those in `targetModules`), what brings image
 * features to its width, or the layers of the vision tower.
 */
export const AdapterPart = z.enum(['language', 'merger', 'vision']);
export type AdapterPart = z.infer<typeof AdapterPart>;

export const LoraConfig = z.object({
  kind: z.literal('lora'),
  r: z.int().min(1).max(512),
  loraAlpha: z.number().positive(),
  targetModules: z.array(z.enum(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'])).min(1),
  /** Absent = the language model alone. */
  layers: z.array(AdapterPart).min(1).max(3).optional(),
});
export type LoraConfig = z.infer<typeof LoraConfig>;

export const AdapterConfig = z.discriminatedUnion('kind', [LoraConfig, z.object({ kind: z.literal('full') })]);
export type AdapterConfig = z.infer<typeof AdapterConfig>;

export const FrozenWeights = z.enum(['as-published', 'nf4']);
export type FrozenWeights = z.infer<typeof FrozenWeights>;

export const GrpoConfig = z.object({
  promptsPerStep: z.int().min(1).max(512),
  numGenerations: z.int().min(2).max(64),
  maxCompletionLength: z.int().min(1).max(4096),
  temperature: z.number().gt(0).max(5),
  topP: z.number().gt(0).max(1),
  /** Tokens less likely than this share of the most likely one are never drawn (transformers' min_p); 0 or absent = off. */
  minP: z.number().min(0).max(1).optional(),
  lossType: z.enum(['grpo', 'bnpo', 'dapo', 'dr_grpo']),
  scaleRewards: z.enum(['group', 'batch', 'none']),
  epsilon: z.number().min(0).max(1),
  epsilonHigh: z.number().min(0).max(10),
  numIterations: z.int().min(1).max(16),
  maskTruncatedCompletions: z.boolean(),
  /**
   * Weights each token's KL term by its importance ratio (TRL's `use_bias_correction_kl`, on by default there since 1.10).
   * False or absent = the loss of the paper.
   */
  useBiasCorrectionKl: z.boolean().optional(),
  /** Number of parts in which a step's update is computed, to save memory. Does not affect the result. Absent = 1. */
  gradientAccumulationSteps: z.int().min(1).max(512).optional(),
});
export type GrpoConfig = z.infer<typeof GrpoConfig>;

export const OptimiserConfig = z.object({
  learningRate: z.number().gt(0).max(1),
  lrScheduler: z.enum(['constant', 'linear', 'cosine']),
  warmupSteps: z.int().min(0),
  weightDecay: z.number().min(0).max(1),
  adamBeta1: z.number().min(0).lt(1),
  adamBeta2: z.number().min(0).lt(1),
  adamEpsilon: z.number().gt(0),
  maxGradNorm: z.number().gt(0),
});
export type OptimiserConfig = z.infer<typeof OptimiserConfig>;

/** A checkpoint of an earlier run, and the hash of its folder. */
export const StartFrom = z.object({ runId: RunId, step: z.int().positive(), sha256: Sha256 });
export type StartFrom = z.infer<typeof StartFrom>;

/** The same as a person names it; `step` absent = the checkpoint that stands for the run. */
export const StartRequest = StartFrom.omit({ sha256: true }).partial({ step: true });
export type StartRequest = z.infer<typeof StartRequest>;

/** An adapter that was made elsewhere, as its folder describes it. */
export const StartAdapter = z.object({
  /** Of its folder. */
  name: z.string().min(1).max(200),
  /** Over its configuration, weights, card and licence files. */
  sha256: Sha256,
  /** SPDX expression; null = its folder states none that is understood. */
  licence: z.string().max(500).nullable(),
  author: z.string().max(500).nullable(),
  /** What its configuration says it was trained on. */
  baseModel: z.string().max(500).nullable(),
});
export type StartAdapter = z.infer<typeof StartAdapter>;

/** The same as a person names it: a folder, or the hash of one that an earlier run began with. */
export const AdapterRequest = StartAdapter.partial().extend({ path: z.string().min(1).optional() });
export type AdapterRequest = z.infer<typeof AdapterRequest>;

const PromptTemplate = z.string().includes('{question}');

/** The largest weight of a dataset in a mixture. */
export const LARGEST_MIXTURE_WEIGHT = 1_000_000;

/** One of the datasets that a run draws from. */
export const MixturePart = z.object({
  datasetId: DatasetId,
  /** Of the dataset, when the run was made. */
  name: z.string().min(1).max(500),
  /** Hash over the sorted sample records of this dataset. */
  datasetSha256: Sha256,
  /** How often its samples are drawn, relative to the weights of the others. */
  weight: z.number().gt(0).max(LARGEST_MIXTURE_WEIGHT),
  /** Where its answers have a form of their own: its rewards and template; absent = the recipe's. */
  rewards: z.array(RewardSpec).min(1).optional(),
  promptTemplate: PromptTemplate.optional(),
});
export type MixturePart = z.infer<typeof MixturePart>;

/** The same as a person names it: the studio fills in name and hash. */
export const MixtureRequest = z
  .array(MixturePart.omit({ datasetSha256: true }).partial({ name: true }))
  .min(2)
  .max(16);
export type MixtureRequest = z.infer<typeof MixtureRequest>;

/** The same in a file, which names a dataset by its id here or else its name. */
export const WrittenPart = MixturePart.omit({ datasetSha256: true, name: true })
  .partial({ datasetId: true })
  .extend({ dataset: z.string().optional() });
export type WrittenPart = z.infer<typeof WrittenPart>;

export const Recipe = z.object({
  name: z.string().min(1).max(200),
  modelId: ModelId,
  modelSha256: Sha256,
  /** The dataset; the first of `mixture`, if there is one. */
  datasetId: DatasetId,
  /** Hash over the sorted sample records that the run may use, of all its datasets; identifies the exact data. */
  datasetSha256: Sha256,
  /** All datasets that the run draws from, with their weights; absent = only `datasetId`. */
  mixture: z.array(MixturePart).min(2).max(16).optional(),
  /** Few-shot: learn from only the first n training samples; absent = all of them. */
  trainSamples: z.int().min(1).optional(),
  method: Method,
  /** The user turn; `{question}` is replaced by the sample's prompt. Reused byte for byte in evaluation. */
  promptTemplate: PromptTemplate,
  /** The system message before the user turn; absent = none of its own, so the chat template may write its default. */
  systemPrompt: SystemPrompt.optional(),
  adapter: AdapterConfig,
  /**
   * Keeps the frozen matrices of all linear layers in 4 bits (NF4), as QLoRA does: policy, reference and rollouts compute with the
   * rounded weights. Absent = as they are published; in a request that begins with an adapter, as that one was trained. A recipe
   * says `as-published` only where that differs from the adapter that it begins with.
   */
  frozenWeights: FrozenWeights.optional(),
  /**
   * The adapter that the run begins with, which is also GRPO's reference model, as in TRL. Absent = a new adapter, and the
   * base model is the reference.
   */
  startFrom: StartFrom.optional(),
  /** The adapter made elsewhere that the weights rest on: the run begins with it, or an earlier one in its chain did. */
  startAdapter: StartAdapter.optional(),
  rewards: z.array(RewardSpec).min(1),
  grpo: GrpoConfig,
  klSchedule: KlSchedule,
  optimiser: OptimiserConfig,
  steps: z.int().min(1).max(1_000_000),
  seed: z.int().min(0).max(0x7fffffff),
  checkpointEvery: z.int().min(1),
  /**
   * Larger pictures are shrunk to this many pixels before the model sees them (transformers' `max_pixels`). Absent in
   * recipes of earlier versions: the checkpoint's own limit.
   */
  maxPixels: z.int().positive().optional(),
  /** Contribution: `estimate` measures each update's effect on every group; absent = off. */
  attribution: z.enum(['off', 'estimate']).optional(),
  /** Steps between measurements of the KL term's share of the gradient; 0 or absent = never. Does not affect the result. */
  klShareEvery: z.int().min(0).optional(),
  /** Held-out samples evaluated before and after (0 = all of the test split). */
  evalSamples: z.int().min(0),
  /** Steps between evaluations on held-out samples during training; 0 or absent = none. */
  evalEvery: z.int().min(0).optional(),
  /** How many held-out samples such an evaluation uses, always the same ones. */
  evalDuringSamples: z.int().min(1).max(4096).optional(),
  /**
   * Ends the run after so many interim evaluations in a row without more right answers (transformers'
   * `early_stopping_patience`); absent = never.
   */
  earlyStoppingPatience: z.int().min(1).max(1000).optional(),
  /**
   * Keeps a checkpoint of the best interim evaluation, and lets the run stand for it once it is complete: evaluation,
   * playground and export (transformers' `load_best_model_at_end`). False or absent = the last checkpoint.
   */
  loadBestModelAtEnd: z.boolean().optional(),
});
export type Recipe = z.infer<typeof Recipe>;
