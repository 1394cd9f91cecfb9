/** @file What papers say about a base model that was kept in 4 bits while its adapter was trained. */
import { describe, expect, it } from 'vitest';
import { architectureOf } from './bundle-description.ts';
import { frozenText } from './model-card.ts';

const base = { architecture: 'Qwen2VLForConditionalGeneration' } as Parameters<typeof architectureOf>[0]['base'];
const adapter = { kind: 'lora', r: 8, loraAlpha: 16, targetModules: ['q_proj'] };
const described = (recipe: object): Parameters<typeof architectureOf>[0] =>
  ({ base, recipe }) as Parameters<typeof architectureOf>[0];

describe('a rounded base', () => {
  it('is named wherever the architecture is, and only if it was rounded', () => {
    expect(architectureOf(described({ adapter, frozenWeights: 'nf4' }))).toMatch(
      /^Qwen2VLForConditionalGeneration \(frozen matrices in 4 bits, NF4\) with LoRA \(r 8/,
    );
    expect(architectureOf(described({ adapter }))).toMatch(/^Qwen2VLForConditionalGeneration with LoRA/);
  });

  it('is what a merged model holds, and what an adapter by itself does not bring', () => {
    expect(frozenText('adapter')).toContain('On the base model as it is published, the adapter answers slightly');
    for (const kind of ['checkpoint', 'gguf', 'mlx'] as const)
      expect(frozenText(kind)).toContain('The weights here are those rounded ones with the adapter worked in');
  });
});
