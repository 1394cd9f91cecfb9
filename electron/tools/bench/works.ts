/**
 * @file The workloads that are measured and compared. Each fixes a model's shape (random weights), the lengths and the
 * number of rollouts, so that two engines given the same workload do the same arithmetic.
 */
export interface TextShape {
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  numKeyValueHeads: number;
  headDim: number;
  vocabSize: number;
  mropeSection: readonly [number, number, number];
}

export interface VisionShape {
  embedDim: number;
  depth: number;
  numHeads: number;
}

/** A checkpoint with random weights; model-files.ts writes its files. */
export interface BenchModel {
  name: string;
  dtype: 'F32' | 'BF16';
  text: TextShape;
  vision: VisionShape;
  /**
   * About one in this many tokens ends an answer; absent = no end token is ever drawn, so every answer has full length.
   */
  endsEvery?: number;
  /** The preprocessor's `max_pixels`; absent = 1,003,520. */
  maxPixels?: number;
}

export interface Workload {
  name: string;
  model: BenchModel;
  prompts: number;
  groupSize: number;
  /** Side of the square images, in pixels: a multiple of 28. */
  imageSide: number;
  /** Tokens of a prompt, image tokens included. */
  promptTokens: number;
  /** Exact: the models' end token is never drawn. */
  completionTokens: number;
  adapter: 'lora' | 'full';
  /** The engine's memory limit; absent = what the machine can spare. */
  memoryLimitBytes?: number;
  /** Sequences of a supervised step of the same lengths. */
  supervisedBatch: number;
  /** The detail: larger pictures are shrunk to so many pixels; absent = as the model says. */
  maxPixels?: number;
}

/** What an adapter changes: every projection of the language model's layers. */
export const PROJECTIONS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

export const LORA_RANK = 16;
export const KL_WEIGHT = 0.04;

const NANO_TEXT: TextShape = {
  hiddenSize: 192,
  intermediateSize: 512,
  numLayers: 6,
  numHeads: 6,
  numKeyValueHeads: 2,
  headDim: 32,
  vocabSize: 2048,
  mropeSection: [4, 6, 6],
};

/** Qwen2-VL-2B's language model. */
const TWO_B_TEXT: TextShape = {
  hiddenSize: 1536,
  intermediateSize: 8960,
  numLayers: 28,
  numHeads: 12,
  numKeyValueHeads: 2,
  headDim: 128,
  vocabSize: 151_936,
  mropeSection: [16, 24, 24],
};

const NANO: BenchModel = {
  name: 'nano',
  dtype: 'F32',
  text: NANO_TEXT,
  vision: { embedDim: 128, depth: 4, numHeads: 4 },
};

const WIDE2: BenchModel = {
  name: 'wide2',
  dtype: 'BF16',
  text: { ...TWO_B_TEXT, numLayers: 2 },
  vision: { embedDim: 1280, depth: 2, numHeads: 16 },
};

const FULL2B: BenchModel = {
  name: 'full2b',
  dtype: 'BF16',
  text: TWO_B_TEXT,
  vision: { embedDim: 1280, depth: 32, numHeads: 16 },
};

const SHORT = { imageSide: 112, promptTokens: 64, completionTokens: 32, adapter: 'lora' } as const;

/** What a software GPU can do beside TRL: it shows that the comparison works, and nothing of a card. */
export const SMALLEST: Workload = {
  name: 'smallest',
  model: {
    name: 'smallest',
    dtype: 'F32',
    text: { ...NANO_TEXT, hiddenSize: 64, intermediateSize: 128, numLayers: 2, numHeads: 2, numKeyValueHeads: 1 },
    vision: { embedDim: 64, depth: 1, numHeads: 2 },
  },
  prompts: 1,
  groupSize: 2,
  imageSide: 56,
  promptTokens: 48,
  completionTokens: 8,
  adapter: 'lora',
  supervisedBatch: 2,
};

export const WORKLOADS = {
  nano: { name: 'nano', model: NANO, prompts: 8, groupSize: 8, ...SHORT, supervisedBatch: 64 },
  wide2: { name: 'wide2', model: WIDE2, prompts: 2, groupSize: 4, ...SHORT, supervisedBatch: 8 },
  real: {
    name: 'real',
    model: WIDE2,
    prompts: 2,
    groupSize: 8,
    imageSide: 448,
    promptTokens: 320,
    completionTokens: 64,
    adapter: 'lora',
    supervisedBatch: 8,
  },
  full2b: {
    name: 'full2b',
    model: FULL2B,
    prompts: 1,
    groupSize: 4,
    imageSide: 448,
    promptTokens: 320,
    completionTokens: 32,
    adapter: 'lora',
    memoryLimitBytes: 8 * 1024 ** 3,
    supervisedBatch: 2,
  },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/**
 * 45 million weights with the shapes of Qwen2-VL and the `max_pixels` of its published checkpoints, so that photos reach the
 * model whole.
 */
export const PHOTO_MODEL: BenchModel = {
  name: 'photos',
  dtype: 'F32',
  text: {
    hiddenSize: 256,
    intermediateSize: 704,
    numLayers: 4,
    numHeads: 4,
    numKeyValueHeads: 2,
    headDim: 64,
    vocabSize: 151_936,
    mropeSection: [8, 12, 12],
  },
  vision: { embedDim: 256, depth: 2, numHeads: 4 },
  maxPixels: 12_845_056,
};

/** SmolLM2-135M's language model, with random weights: small enough that launching ops could take as long as reading the weights. */
export const ONE_ROW_MODEL: BenchModel = {
  name: 'one-row',
  dtype: 'F32',
  text: {
    hiddenSize: 576,
    intermediateSize: 1536,
    numLayers: 30,
    numHeads: 9,
    numKeyValueHeads: 3,
    headDim: 64,
    vocabSize: 49_152,
    mropeSection: [8, 12, 12],
  },
  vision: { embedDim: 64, depth: 1, numHeads: 2 },
};

/** 1.4 GB of weights in Qwen2-VL-2B's shapes: exporting them takes seconds, and a step of training does too. */
export const EXPORTED_MODEL: BenchModel = {
  name: 'exported',
  dtype: 'BF16',
  text: { ...TWO_B_TEXT, numLayers: 8 },
  vision: { embedDim: 1280, depth: 2, numHeads: 16 },
};

export interface PhotoSize {
  width: number;
  height: number;
}

/** Of 2 to 12 megapixels. */
export const PHOTO_SIZES: readonly PhotoSize[] = [
  { width: 1600, height: 1200 },
  { width: 2016, height: 1512 },
  { width: 2560, height: 1920 },
  { width: 4032, height: 3024 },
];

/** What the large model is asked about. */
export const LARGE_PHOTO: PhotoSize = { width: 640, height: 480 };
/** What it is trained on, as far as memory is concerned. */
export const TRAINED_PHOTO: PhotoSize = { width: 2016, height: 1512 };

/** The dimensions along which growth is measured, each from a smaller nano so that every point is quick. */
export const GROWTH_AXES = ['groupSize', 'completionTokens', 'imageSide', 'numLayers', 'hiddenSize'] as const;
export type GrowthAxis = (typeof GROWTH_AXES)[number];

export interface GrowthPoint {
  value: number;
  work: Workload;
}

/** Workloads that differ from a base in one dimension only. */
export function growthPoints(axis: GrowthAxis): GrowthPoint[] {
  const base: Workload = { ...WORKLOADS.nano, name: 'growth', prompts: 4 };
  const withText = (name: string, change: Partial<TextShape>): Partial<Workload> => ({
    model: { ...NANO, name, text: { ...NANO_TEXT, ...change } },
  });
  const changes: Record<GrowthAxis, [number[], (value: number) => Partial<Workload>]> = {
    groupSize: [[4, 8, 16, 32], (value) => ({ groupSize: value })],
    completionTokens: [[16, 32, 64, 128], (value) => ({ completionTokens: value })],
    // The number of words stays the same; the image's tokens come on top.
    imageSide: [[56, 112, 224, 448], (value) => ({ imageSide: value, promptTokens: 48 + imageTokens(value) })],
    numLayers: [[3, 6, 12, 24], (value) => withText(`layers-${String(value)}`, { numLayers: value })],
    hiddenSize: [
      [96, 192, 384, 768],
      (value) =>
        withText(`width-${String(value)}`, {
          hiddenSize: value,
          intermediateSize: (value * 8) / 3,
          numHeads: value / 32,
          numKeyValueHeads: value === 96 ? 1 : 2,
        }),
    ],
  };
  const [values, change] = changes[axis];
  return values.map((value) => ({
    value,
    work: { ...base, ...change(value), name: `${axis}-${String(value)}` },
  }));
}

/** Mean lengths (before the limit cuts) at which the saving from early endings is measured. */
export const ENDINGS = [8, 16, 32, 64] as const;
export const ENDINGS_LIMIT = 128;

/** nano with long answers that end at random after `mean` tokens on average; null = never. */
export function endingsWorkload(mean: number | null): Workload {
  const model: BenchModel = mean === null ? NANO : { ...NANO, name: `nano-ends-${String(mean)}`, endsEvery: mean };
  return { ...WORKLOADS.nano, name: model.name, model, completionTokens: ENDINGS_LIMIT };
}

/** Tokens of a square image of `side` pixels (patches of 14, merged 2 × 2). */
export function imageTokens(side: number): number {
  return (side / 28) ** 2;
}
