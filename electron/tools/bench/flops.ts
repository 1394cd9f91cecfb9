/**
 * @file The matrix products a workload needs, phase by phase, from its shapes alone, and their floating-point
 * operations (2·m·k·n for [m, k] × [k, n]). Only products count: norms, softmax, rotary embeddings and the optimiser
 * come on top.
 *
 * These count as needed: each prompt and image once for its whole group; completions attend to the prompt's keys and
 * their own; logits only where a completion token is predicted, and, in the last layer, only a prompt's keys, values
 * and last position; attention as dense products, causal or not. Frozen weights have a backward product for their input
 * but none for themselves. Recomputed activations, padding and any extra products of an implementation are not counted:
 * they lower its share of the peak, as they should.
 */
import { imageTokens, LORA_RANK, type BenchModel, type PhotoSize, type Workload } from './works.ts';

export interface Product {
  what: string;
  m: number;
  k: number;
  n: number;
  /** Independent products of that shape in one call (attention heads). */
  batch: number;
  /** How often the call is made. */
  count: number;
  /** The second factor is a weight, stored [n, k]. */
  weight: boolean;
}

/** Pixels along a side of an image token. */
const TOKEN_SIDE = 28;

export const PHASES = ['encode', 'prefill', 'decode', 'reference', 'update'] as const;
export type Phase = (typeof PHASES)[number];

export function flopsOf(products: readonly Product[]): number {
  return products.reduce((sum, { m, k, n, batch, count }) => sum + 2 * m * k * n * batch * count, 0);
}

/** Rows that pass through the layers, and those the last layer must output. */
interface Rows {
  all: number;
  last: number;
}

/** One GRPO step: every image seen for the first time, one reference pass, one update. */
export function grpoProducts(work: Workload): Record<Phase, Product[]> {
  return stepProducts(work, 1);
}

/** @param promptEnds positions of a prompt that the last layer must output */
function stepProducts(work: Workload, promptEnds: number): Record<Phase, Product[]> {
  const { prompts, groupSize, promptTokens, completionTokens } = work;
  const completions = prompts * groupSize * (completionTokens - 1);
  const together: Rows = {
    all: prompts * promptTokens + completions,
    last: prompts * promptEnds + completions,
  };
  const forward = [
    ...linears(work, together),
    ...promptAttention(work, prompts, promptEnds),
    ...groupAttention(work, prompts, groupSize),
    logits(work, prompts * groupSize * completionTokens),
  ];
  return {
    encode: visionProducts(work, prompts),
    prefill: [
      ...linears(work, { all: prompts * promptTokens, last: prompts * promptEnds }),
      ...promptAttention(work, prompts, promptEnds),
      logits(work, prompts),
    ],
    decode: decodeProducts(work),
    reference: forward,
    update: updateProducts(work, forward, together),
  };
}

/** The first token of an answer to a question about one picture. @param promptTokens with those of the picture */
export function firstTokenProducts(model: BenchModel, picture: PhotoSize, promptTokens: number): Product[] {
  const tokens = Math.round(picture.width / TOKEN_SIDE) * Math.round(picture.height / TOKEN_SIDE);
  const rows = { all: promptTokens, last: 1 };
  return [
    ...towerProducts(model, 1, tokens),
    ...linears({ model }, rows),
    ...promptAttention({ model, promptTokens }, 1, 1),
    logits({ model }, 1),
  ];
}

/** One supervised step on `supervisedBatch` sequences: groups of one. */
export function supervisedProducts(work: Workload): Record<'encode' | 'update', Product[]> {
  const { encode, update } = grpoProducts({ ...work, prompts: work.supervisedBatch, groupSize: 1 });
  return { encode, update };
}

/**
 * The cost of the same step if each rollout carries its own copy of prompt and image through all three passes and all
 * layers.
 */
export function repeatedFlops(work: Workload): number {
  const alone: Workload = { ...work, prompts: work.prompts * work.groupSize, groupSize: 1 };
  const { encode, ...language } = stepProducts(alone, work.promptTokens);
  return 3 * flopsOf(encode) + Object.values(language).reduce((sum, products) => sum + flopsOf(products), 0);
}

function product(what: string, m: number, k: number, n: number, count: number, weight = true, batch = 1): Product {
  return { what, m, k, n, batch, count, weight };
}

/** The seven linear layers of every block; in the last block, only keys and values for every row. */
function linears({ model }: Pick<Workload, 'model'>, rows: Rows, count = 1): Product[] {
  const { hiddenSize: h, intermediateSize: i, numLayers, numHeads, numKeyValueHeads, headDim } = model.text;
  const block = (tokens: number, layers: number): Product[] => [
    product('q', tokens, h, numHeads * headDim, layers * count),
    product('o', tokens, numHeads * headDim, h, layers * count),
    product('gate, up', tokens, h, i, 2 * layers * count),
    product('down', tokens, i, h, layers * count),
  ];
  return [
    product('k, v', rows.all, h, numKeyValueHeads * headDim, 2 * numLayers * count),
    ...(rows.all === rows.last
      ? block(rows.all, numLayers)
      : [...block(rows.all, numLayers - 1), ...block(rows.last, 1)]),
  ].filter((each) => each.count > 0);
}

function promptAttention(
  { model, promptTokens: p }: Pick<Workload, 'model' | 'promptTokens'>,
  prompts: number,
  promptEnds: number,
): Product[] {
  const { numLayers, numHeads, numKeyValueHeads: heads, headDim } = model.text;
  const layers = (queries: number, count: number): Product[] => {
    const rows = (numHeads / heads) * queries;
    return [
      product('prompt scores', rows, headDim, p, count, false, prompts * heads),
      product('prompt context', rows, p, headDim, count, false, prompts * heads),
    ];
  };
  return [...layers(p, numLayers - 1), ...layers(promptEnds, 1)].filter((each) => each.count > 0);
}

function groupAttention(
  { model, promptTokens: p, completionTokens }: Workload,
  prompts: number,
  group: number,
): Product[] {
  const { numLayers, numHeads, numKeyValueHeads: heads, headDim } = model.text;
  const perHead = numHeads / heads;
  const c = completionTokens - 1;
  return [
    product('completion → prompt scores', group * perHead * c, headDim, p, numLayers, false, prompts * heads),
    product('completion → prompt context', group * perHead * c, p, headDim, numLayers, false, prompts * heads),
    product('completion scores', perHead * c, headDim, c, numLayers, false, prompts * heads * group),
    product('completion context', perHead * c, c, headDim, numLayers, false, prompts * heads * group),
  ];
}

function logits({ model }: Pick<Workload, 'model'>, rows: number, count = 1): Product {
  return product('logits', rows, model.text.hiddenSize, model.text.vocabSize, count);
}

/** All tokens but the first, one position at a time; the adapter is counted as merged. */
function decodeProducts(work: Workload): Product[] {
  const { prompts, groupSize, promptTokens: p, completionTokens } = work;
  const { numLayers, numHeads, numKeyValueHeads: heads, headDim } = work.model.text;
  const rows = prompts * groupSize;
  const steps = completionTokens - 1;
  const perHead = numHeads / heads;
  // Own keys grow from 1 to `steps`; the mean length represents all of them.
  const own = Math.ceil((steps + 1) / 2);
  return [
    ...linears(work, { all: rows, last: rows }, steps),
    product('decode → prompt scores', groupSize * perHead, headDim, p, numLayers * steps, false, prompts * heads),
    product('decode → prompt context', groupSize * perHead, p, headDim, numLayers * steps, false, prompts * heads),
    product('decode scores', perHead, headDim, own, numLayers * steps, false, rows * heads),
    product('decode context', perHead, own, headDim, numLayers * steps, false, rows * heads),
    logits(work, rows, steps),
  ];
}

/** Numbers in the weights that one position of decoding is multiplied with: all layers' and the output projection. */
export function decodedWeights(work: Workload): number {
  const once = { all: 1, last: 1 };
  return [...linears(work, once), logits(work, 1)].reduce((sum, { k, n, count }) => sum + k * n * count, 0);
}

function updateProducts(work: Workload, forward: readonly Product[], rows: Rows): Product[] {
  const backward = forward.flatMap((each) => {
    const { what, m, k, n, batch, count, weight } = each;
    const forInput = { ...product(`${what}: gradient of the input`, m, n, k, count, weight, batch), weight: false };
    const forFactor = product(`${what}: gradient of the weight`, k, m, n, count, false, batch);
    return weight && work.adapter === 'lora' ? [forInput] : [forInput, forFactor];
  });
  return [...forward, ...backward, ...(work.adapter === 'lora' ? loraProducts(work, rows) : [])];
}

/**
 * The adapter's two factors, forward and backward. If the weight is float32, the adapter can be merged into it; then
 * only the gradients of the factors need their own products.
 */
function loraProducts(work: Workload, rows: Rows): Product[] {
  const merges = work.model.dtype === 'F32';
  return linears(work, rows).flatMap(({ what, m, k, n, count }) => [
    product(`${what}: adapter A`, m, k, LORA_RANK, count),
    product(`${what}: adapter B, gradient of the input`, m, n, LORA_RANK, count, false),
    product(`${what}: adapter B, gradient`, LORA_RANK, m, n, count, false),
    product(`${what}: adapter A, gradient`, LORA_RANK, m, k, count, false),
    ...(merges
      ? []
      : [
          product(`${what}: adapter B`, m, LORA_RANK, n, count),
          product(`${what}: adapter A, gradient of the input`, m, LORA_RANK, k, count, false),
        ]),
  ]);
}

/** Qwen2-VL's tower over `images` square images. */
function visionProducts({ model, imageSide }: Workload, images: number): Product[] {
  return towerProducts(model, images, imageTokens(imageSide));
}

/** @param merged tokens of each image */
function towerProducts(model: BenchModel, images: number, merged: number): Product[] {
  const { embedDim: e, depth, numHeads } = model.vision;
  const patches = 4 * merged;
  const rows = images * patches;
  const headDim = e / numHeads;
  return [
    product('patches', rows, 3 * 14 * 14, e, 1),
    product('vision qkv', rows, e, 3 * e, depth),
    product('vision scores', patches, headDim, patches, depth, false, images * numHeads),
    product('vision context', patches, patches, headDim, depth, false, images * numHeads),
    product('vision proj', rows, e, e, depth),
    product('vision fc1', rows, e, 4 * e, depth),
    product('vision fc2', rows, 4 * e, e, depth),
    product('merger 1', images * merged, 4 * e, 4 * e, 1),
    product('merger 2', images * merged, 4 * e, model.text.hiddenSize, 1),
  ];
}
