/** @file Operations counted from shapes, against numbers computed by hand. */
import { describe, expect, it } from 'vitest';
import { firstTokenProducts, flopsOf, grpoProducts, repeatedFlops, supervisedProducts } from './flops.ts';
import { WORKLOADS, type Workload } from './works.ts';

/** One layer, one head, everything as small as possible. */
const TINY: Workload = {
  name: 'tiny',
  model: {
    name: 'tiny',
    dtype: 'F32',
    text: {
      hiddenSize: 8,
      intermediateSize: 16,
      numLayers: 1,
      numHeads: 1,
      numKeyValueHeads: 1,
      headDim: 8,
      vocabSize: 32,
      mropeSection: [1, 1, 2],
    },
    vision: { embedDim: 4, depth: 0, numHeads: 1 },
  },
  prompts: 1,
  groupSize: 2,
  imageSide: 28,
  promptTokens: 10,
  completionTokens: 3,
  adapter: 'lora',
  supervisedBatch: 1,
};

describe('operations of a work', () => {
  it('counts a prompt once, its attention and one row of logits, and of the last layer only what is of use', () => {
    const keysAndValues = 2 * 8 * 8;
    const rest = 2 * 8 * 8 + 3 * 8 * 16;
    const attention = (queries: number): number => 2 * (queries * 8 * 10);
    expect(flopsOf(grpoProducts(TINY).prefill)).toBe(2 * (10 * keysAndValues + rest + attention(1) + 8 * 32));
    const { model } = TINY;
    const two: Workload = { ...TINY, model: { ...model, text: { ...model.text, numLayers: 2 } } };
    const layers = 20 * keysAndValues + 11 * rest + attention(10) + attention(1);
    expect(flopsOf(grpoProducts(two).prefill)).toBe(2 * (layers + 8 * 32));
  });

  it('gives frozen weights one backward product and trained ones two', () => {
    const count = (adapter: Workload['adapter'], dtype: Workload['model']['dtype'] = 'F32'): number => {
      const work: Workload = { ...TINY, adapter, model: { ...TINY.model, dtype } };
      return grpoProducts(work).update.filter(({ what }) => what.startsWith('down')).length;
    };
    expect(count('full')).toBe(3);
    // Forward, gradient of the input, and the adapter's own: four products if it merges into the weight, else six.
    expect(count('lora')).toBe(6);
    expect(count('lora', 'BF16')).toBe(8);
  });

  it('needs less when prompts and images are shared than when every rollout carries its own', () => {
    for (const work of Object.values(WORKLOADS)) {
      const shared = Object.values(grpoProducts(work)).reduce((sum, products) => sum + flopsOf(products), 0);
      expect(repeatedFlops(work)).toBeGreaterThan(1.5 * shared);
    }
  });

  it('is the same work whether sequences are supervised or a group of one', () => {
    const alone: Workload = { ...WORKLOADS.nano, prompts: WORKLOADS.nano.supervisedBatch, groupSize: 1 };
    expect(flopsOf(supervisedProducts(WORKLOADS.nano).update)).toBe(flopsOf(grpoProducts(alone).update));
  });

  it('counts a first token as encoding its picture and running its prompt', () => {
    const { encode, prefill } = grpoProducts(TINY);
    const square = { width: TINY.imageSide, height: TINY.imageSide };
    expect(firstTokenProducts(TINY.model, square, TINY.promptTokens)).toEqual([...encode, ...prefill]);
    // 644 × 476 pixels, as the preprocessor resizes them.
    const [patches] = firstTokenProducts(WORKLOADS.full2b.model, { width: 640, height: 480 }, 435);
    expect(patches?.m).toBe(46 * 34);
  });
});
