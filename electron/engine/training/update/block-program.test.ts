/** @file Layer by layer gives what the whole graph gives: reference log-probs, loss, logged sums and gradients. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIMISER } from '../../../method/defaults.ts';
import { freshAdapter, loadModel } from '../../policy/loaded-model.ts';
import { createPolicy, type Policy } from '../../policy/policy.ts';
import { createProcessor, type PreparedPrompt } from '../../policy/processor.ts';
import { floats, type FeedsOf } from '../../runtime/program.ts';
import { completionFeeds, shapeFor } from '../batch.ts';
import { rowWeights } from './loss.ts';
import type { PolicyShape } from '../policy-program.ts';
import { updateCalls, updateVariables, type UpdateCalls, type UpdateLayout } from './update-step.ts';
import { accumulator, type BatchSpecs } from './update-program.ts';

const fixture = new URL('../../fixtures/qwen2vl-tiny', import.meta.url).pathname;
/** A model with linear attention. */
const LINEAR = new URL('../../fixtures/families/qwen3-5', import.meta.url).pathname;
const LORA = {
  kind: 'lora' as const,
  r: 4,
  loraAlpha: 8,
  targetModules: ['q_proj' as const, 'v_proj' as const, 'o_proj' as const, 'down_proj' as const],
};
const loss = { lossType: 'dapo' as const, epsilon: 0.2, epsilonHigh: 0.28, maxCompletionLength: 6 };

async function promptsOf(folder: string, sizes: readonly [string, string]): Promise<PreparedPrompt[]> {
  const processor = await createProcessor(join(folder, 'model'));
  const ask = (image: string, text: string): Promise<PreparedPrompt> =>
    processor.prepare({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', image: join(fixture, 'images', image) },
            { type: 'text', text },
          ],
        },
      ],
    } as never);
  return [await ask(sizes[0], 'How many?'), await ask(sizes[1], 'How many red squares do you see in this picture?')];
}

/** Deterministic numbers in [-scale, scale). */
const noise = (count: number, seed: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i * 78.233 + seed * 12.9898));

describe('scoring and updating layer by layer', () => {
  it.each([
    [2, fixture],
    [3, fixture],
    [16, fixture],
    // The state after a prompt goes to its completions, with its gradient.
    [2, LINEAR],
  ])(
    'equals the whole graph with mixed image sizes, left and right padding, %i completions to a prompt (%#)',
    async (groupSize, folder) => {
      const model = await loadModel(join(folder, 'model'));
      const { readdir } = await import('node:fs/promises');
      const images = (await readdir(join(fixture, 'images'))).sort();
      const prompts = await promptsOf(folder, [images[0] ?? '', images.at(-1) ?? '']);
      const shape: PolicyShape = { ...shapeFor(prompts, 2), groupSize, completionLength: 6 };
      const adapter = freshAdapter(LORA, model, 1);
      // B is zero in a fresh adapter, and then A has no gradient.
      for (const [name, values] of Object.entries(adapter.values))
        if (name.endsWith('.lora_B')) adapter.values[name] = noise(values.length, name.length, 0.05);
      const trainable = Object.keys(adapter.shapes);
      const build = (plan: UpdateLayout): Promise<Policy<UpdateCalls>> =>
        createPolicy({
          model,
          adapter,
          shape,
          trainable,
          byLayer: plan.byLayer,
          variables: updateVariables(plan, model.processor.config, shape, adapter.shapes),
          calls: (state) =>
            updateCalls(
              plan,
              state,
              shape,
              { ...DEFAULT_OPTIMISER, trainable, trainVision: false, temperature: 0.8, loss },
              {
                temperature: 0.8,
              },
            ),
        });
      const whole = await build({ split: true, sizes: [2], byLayer: false });
      const layered = await build({ split: true, sizes: [2], byLayer: true });
      const { config, padId } = model.processor;
      const completions = Array.from({ length: 2 * groupSize }, (_, row) =>
        Array.from({ length: 1 + ((row * 5) % 6) }, (_, position) => 5 + ((7 * row + position) % 40)),
      );
      const rows = completionFeeds(completions, prompts, shape.groupSize, shape.completionLength, config, padId);
      const feeds = async (policy: Policy): Promise<FeedsOf<BatchSpecs> & Awaited<ReturnType<Policy['feeds']>>> => {
        const { mask } = rows;
        return {
          ...(await policy.feeds(prompts)),
          ...rows,
          rowWeights: rowWeights({ lossType: 'dapo', maxCompletionLength: 6 } as never, mask, shape.completionLength),
          oldLogprobs: noise(mask.length, 3, 0.2).map((value) => value - 3),
          refLogprobs: noise(mask.length, 4, 0.2).map((value) => value - 3),
          advantages: noise(2 * groupSize, 5, 1),
          beta: Float32Array.of(0.04),
        };
      };
      const reference = async ({ calls, ...policy }: Policy<UpdateCalls>): Promise<Float32Array> => {
        if (calls.reference === null) throw new Error('There is no reference.');
        const scored = await calls.reference.logprobs(policy.program, await feeds({ ...policy, calls }));
        return floats(scored, 'logprobs');
      };
      const accumulate = async ({ calls, ...policy }: Policy<UpdateCalls>): Promise<Record<string, unknown>> => {
        if (calls.split === null) throw new Error('The update is not split.');
        return await calls.split.accumulate(policy.program, await feeds({ ...policy, calls }));
      };
      close(await reference(layered), await reference(whole), 'reference log-probs');
      for (let part = 0; part < 2; part++) {
        const found = await accumulate(layered);
        const wanted = await accumulate(whole);
        expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
        for (const name of Object.keys(wanted)) close(found[name] as Float32Array, wanted[name] as Float32Array, name);
      }
      const sums = trainable.map(accumulator);
      const found = await layered.program.get(sums);
      const wanted = await whole.program.get(sums);
      for (const name of sums) close(found[name] as Float32Array, wanted[name] as Float32Array, name);
      expect(Math.max(...(wanted[sums[0] ?? ''] ?? []).map(Math.abs))).toBeGreaterThan(0);
      whole.dispose();
      layered.dispose();
    },
  );
});

/** Equal to rounding, measured against the largest value. */
function close(found: Float32Array, wanted: Float32Array, what: string): void {
  const scale = Math.max(1e-3, ...wanted.map(Math.abs));
  const worst = Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? NaN))));
  expect(found.length, what).toBe(wanted.length);
  expect(worst / scale, what).toBeLessThan(2e-5);
}
