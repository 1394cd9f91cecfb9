/**
 * @file Every family against transformers and PEFT (fixtures/families/generate.py): pixels, tokens, positions, image features,
 * logits, greedy text, log-probs, gradients, adapters.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubName } from '../../formats/checkpoint.ts';
import { fitAdapter, loraScaling, readAdapter } from '../../formats/peft.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import type { PreparedPrompt } from '../policy/processor.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { floats } from '../runtime/program.ts';
import { loraNames } from '../model/lora.ts';
import { MASKED } from '../model/attention.ts';
import {
  BRIEF,
  briefly,
  farthest,
  feedsOf,
  fixture,
  largest,
  loadTiny,
  shapeOf,
  splitFeeds,
  stateOf,
  tinyProgram,
  type Tiny,
} from '../testing/tiny.ts';
import { completionFeeds } from './batch.ts';
import { encodeEntry, scoreEntry, type PolicyState } from './policy-program.ts';
import { rolloutEntries, rolloutVariables } from './rollout/rollout-program.ts';
import { rollOut } from './rollout/rollout.ts';
import { createProgram } from '../runtime/create-program.ts';
import { variables } from '../runtime/program.ts';
import { rowWeights } from './update/loss.ts';
import { updateEntry, type UpdateConfig } from './update/update-program.ts';

interface Case {
  messages: unknown;
  rendered: string;
  input_ids: number[];
  grid: [number, number, number][];
  positions: [number[], number[], number[]];
  delta: number;
  greedy: number[];
}
interface Golden {
  cases: Record<'A' | 'B', Case>;
  completions: { case: 'A' | 'B'; ids: number[] }[];
  advantages: number[];
  /** Ids that are never sampled; absent = the last five. */
  suppressed?: number[];
  sft: { loss: number; norms: Record<string, number> };
  grpo: { loss: number; norms: Record<string, number> };
}

const KEYS = ['A', 'B'] as const;
/** Greedy text by family, case and penalty (fixtures/families/repetition_penalty.py). */
const PENALISED = JSON.parse(
  readFileSync(new URL('../fixtures/families/repetition-penalty.json', import.meta.url), 'utf8'),
) as Record<string, Record<'A' | 'B', Record<string, number[]>>>;
/** As the generator keeps of every gradient. */
const SAMPLES = 48;

/** One family by itself, with all that it has. */
const ONLY = process.env['ATELIER_TEST_FAMILY'];
const FAMILIES = ONLY === undefined ? ['qwen2-5-vl', 'qwen3-vl', 'qwen3-5', 'smolvlm', 'idefics3'] : [ONLY];
/** Its shaders take a software GPU half a minute to compile: its log-probs and gradients are tested by hand (qwen3-5.gpu-ops.test.ts). */
const LONG = BRIEF && ONLY === undefined ? 'qwen3-5' : null;

describe.each(FAMILIES)('%s', (family) => {
  const folder = new URL(`../fixtures/families/${family}/`, import.meta.url).pathname;
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  let tiny: Tiny;
  let values: Record<string, Float32Array>;
  let prompts: PreparedPrompt[];

  beforeAll(async () => {
    await loadRuntime();
    tiny = await loadTiny(join(folder, 'model'));
    const reader = await openSafetensors(join(folder, 'golden.safetensors'));
    values = {};
    for (const name of reader.names()) values[name] = await reader.readFloat32(name);
    await reader.close();
    prompts = await Promise.all(
      KEYS.map((key) => {
        const text = JSON.stringify(golden.cases[key].messages).replaceAll('"image":"', `"image":"${fixture}images/`);
        return tiny.processor.prepare({ messages: JSON.parse(text) as never });
      }),
    );
  });

  afterAll(async () => {
    // On a GPU, a program that was not compiled would pass op by op.
    expect((await loadRuntime()).gpu?.programs.notCompiled ?? null).toBeNull();
  });

  it('has the text, tokens, positions and pixels of the reference', () => {
    KEYS.forEach((key, index) => {
      const { rendered, input_ids: ids, positions, delta, grid } = golden.cases[key];
      const prompt = prompts[index]!;
      expect(prompt.text).toBe(rendered);
      expect(prompt.inputIds).toEqual(ids);
      expect([...prompt.positions]).toEqual(positions.flat());
      expect(prompt.delta).toBe(delta);
      expect(prompt.images.map((image) => image.grid)).toEqual(grid);
      const pixels = prompt.images.flatMap(({ pixelValues }) => [...pixelValues]).filter((_, i) => i % 7 === 0);
      expect(farthest(pixels, values[`${key}.pixels`]!)).toBeLessThan(1e-6);
    });
  });

  it.each(
    briefly([
      ['at once', {}],
      ['in blocks', { blockValues: 500 }],
    ] as const),
  )('encodes images as the reference does, %s', async (_, how) => {
    const { config } = tiny.processor;
    const shape = shapeOf(prompts, 1, 2);
    const encode = encodeEntry({ ...stateOf(tiny), ...how }, shape);
    const program = await tinyProgram(tiny, { encode });
    const features = floats(await program.call(encode, feedsOf(tiny, prompts, shape)), 'features');
    program.dispose();
    const merged = config.vision.spatialMergeSize ** 2;
    const width = config.hiddenSize * (1 + (config.vision.deepstackLayers?.length ?? 0));
    let image = 0;
    for (const [index, key] of KEYS.entries()) {
      const found: number[] = [];
      for (const { grid, layout } of prompts[index]!.images) {
        const start = (image++ * shape.patches) / merged;
        for (let token = 0; token < (grid[1] * grid[2]) / merged; token++) {
          const row = start + (layout === undefined ? token : layout.places[token * merged]! / merged);
          found.push(...features.subarray(row * width, (row + 1) * width));
        }
      }
      const wanted = values[`${key}.features`]!;
      expect(farthest(found, wanted) / largest(wanted), key).toBeLessThan(1e-4);
    }
  });

  it.each(
    briefly([
      ['', {}, 1],
      [', with attention in blocks', { blockValues: 500 }, 1],
      [', in two lanes', { lanes: 2 }, 1],
      [', with the repetition penalty that Qwen2.5-VL publishes', {}, 1.05],
      [', with a stronger repetition penalty in two lanes', { lanes: 2 }, 1.3],
    ] as const),
  )(
    'has the logits of the reference at the end of a prompt, and its greedy text%s',
    async (_, how, repetitionPenalty) => {
      const { config, padId } = tiny.processor;
      const shape = shapeOf(prompts, 1, BRIEF ? 3 : golden.cases.A.greedy.length);
      const state: PolicyState = { ...stateOf(tiny), lanes: 1, ...how };
      const suppressed = new Float32Array(config.vocabSize);
      for (const id of golden.suppressed ?? [315, 316, 317, 318, 319]) suppressed[id] = MASKED;
      const [encode, entries] = [
        encodeEntry(state, shape),
        rolloutEntries(state, shape, { temperature: 1, topP: 1, suppressed, repetitionPenalty }),
      ];
      const program = await createProgram(await loadRuntime(), {
        variables: { ...variables('weight', tiny.shapes), ...rolloutVariables(state, shape) },
        entries: { encode, ...entries },
      });
      program.set(tiny.weights);
      const feeds = feedsOf(tiny, prompts, shape);
      const features = floats(await program.call(encode, feeds), 'features');
      const result = await rollOut(
        program,
        entries,
        {
          prompts,
          feeds: { ...feeds, features },
          shape,
          greedy: true,
          uniform: () => 0,
          eosIds: [],
          padId,
          maxNewTokens: shape.completionLength,
          lanes: state.lanes ?? 1,
        },
        config,
      );
      program.dispose();
      KEYS.forEach((key, row) => {
        const logits = result.promptLogits.subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
        const wanted = values[`${key}.logits`]!;
        expect(farthest(logits, wanted) / largest(wanted), key).toBeLessThan(1e-4);
        const text =
          repetitionPenalty === 1 ? golden.cases[key].greedy : PENALISED[family]?.[key]?.[String(repetitionPenalty)];
        expect(result.tokens[row], key).toEqual(text?.slice(0, shape.completionLength));
      });
    },
  );

  it.skipIf(family === LONG)(
    'has the log-probs of the reference, with an adapter beside the weights, merged into them, and off',
    async () => {
      const adapter = fitAdapter(await readAdapter(join(folder, 'lora')), new Map(Object.entries(tiny.shapes)), folder);
      const shapes: Record<string, number[]> = {};
      const factors: Record<string, Float32Array> = {};
      for (const [module, { a, b, r, inFeatures, outFeatures }] of adapter.weights) {
        const names = loraNames(module);
        [shapes[names.a], shapes[names.b]] = [
          [r, inFeatures],
          [outFeatures, r],
        ];
        [factors[names.a], factors[names.b]] = [a, b];
      }
      // Attention has four linear layers, linear attention five, an MLP three.
      const { numLayers, linear } = tiny.processor.config;
      expect(adapter.weights.size).toBe(7 * numLayers + (linear?.layers.length ?? 0));
      const shape = shapeOf(prompts, 2, longest());
      const state = stateOf(tiny, Object.keys(shapes), loraScaling(adapter));
      const encode = encodeEntry(state, shape);
      const entries = {
        off: scoreEntry(state, shape, 1, 'reference'),
        beside: scoreEntry(state, shape, 1, 'policy'),
        merged: scoreEntry({ ...state, mergedAdapter: true }, shape, 1, 'policy'),
        inBlocks: scoreEntry({ ...state, blockValues: 500 }, shape, 1, 'policy'),
      };
      const program = await tinyProgram(tiny, { encode, ...entries }, [], { shapes, values: factors });
      const { vision, prompted } = splitFeeds(feedsOf(tiny, prompts, shape));
      const features = floats(await program.call(encode, vision), 'features');
      const { mask, ...completions } = completed(shape.completionLength);
      for (const [name, entry] of briefly(Object.entries(entries), 3)) {
        const result = await program.call(entry, { ...prompted, features, ...completions });
        const found = floats(result, 'logprobs').filter((_, i) => mask[i] === 1);
        const wanted = values[name === 'off' ? 'logps' : name === 'merged' ? 'merged.logps' : 'lora.logps']!;
        expect(farthest(found, wanted) / largest(wanted), name).toBeLessThan(1e-4);
      }
      program.dispose();
    },
  );

  it.skipIf(family === LONG).each(['sft', 'grpo'] as const)(
    'has the loss and all gradients of the reference: %s',
    async (which) => {
      const length = longest();
      const shape = shapeOf(prompts, 2, length);
      const trainable = Object.keys(tiny.weights);
      const config: UpdateConfig = {
        // With β₁ = 0.5, the running mean after a step is half of the gradient.
        ...{ adamBeta1: 0.5, adamBeta2: 0.5, adamEpsilon: 1e-8, weightDecay: 0, maxGradNorm: 1e9 },
        trainable,
        temperature: 1,
        trainVision: true,
        ...(which === 'sft'
          ? {}
          : { loss: { lossType: 'dapo', epsilon: 0.2, epsilonHigh: 0.2, maxCompletionLength: length } as const }),
      };
      const update = updateEntry(stateOf(tiny), shape, config);
      const program = await tinyProgram(tiny, { update }, trainable);
      const completions = completed(length);
      const { mask } = completions;
      const one = (value: number): Float32Array => Float32Array.of(value);
      const result = await program.call(update, {
        ...feedsOf(tiny, prompts, shape),
        ...completions,
        rowWeights: rowWeights({ lossType: 'dapo', maxCompletionLength: length }, mask, length),
        ...(which === 'sft'
          ? {}
          : {
              oldLogprobs: spread(values['old']!, mask),
              refLogprobs: spread(values['ref']!, mask),
              advantages: Float32Array.from(golden.advantages),
              beta: one(0.04),
            }),
        ...{ learningRate: one(0), correction1: one(1), correction2: one(1) },
      });
      expect(result['loss']?.[0]).toBeCloseTo(golden[which].loss, 4);
      const means = await program.get(trainable.map((name) => `adam/${name}/mean`));
      program.dispose();
      const names = Object.keys(golden[which].norms);
      expect(names.map(hubName).sort()).toEqual([...trainable].sort());
      for (const name of names) {
        const gradient = means[`adam/${hubName(name)}/mean`]!.map((value) => 2 * value);
        const step = Math.max(1, Math.floor(gradient.length / SAMPLES));
        const sampled = gradient.filter((_, i) => i % step === 0).slice(0, SAMPLES);
        const norm = Math.hypot(...gradient);
        const wanted = golden[which].norms[name]!;
        expect(Math.abs(norm - wanted), `norm of ${name}`).toBeLessThan(1e-3 * wanted + 1e-6);
        expect(farthest(sampled, values[`${which}.${name}`]!), name).toBeLessThan(1e-3 * wanted + 1e-6);
      }
    },
  );

  function longest(): number {
    return Math.max(...golden.completions.map(({ ids }) => ids.length));
  }

  function completed(length: number): ReturnType<typeof completionFeeds> {
    const { config, padId } = tiny.processor;
    return completionFeeds(
      golden.completions.map(({ ids }) => ids),
      prompts,
      2,
      length,
      config,
      padId,
    );
  }

  /** Values of the counted tokens, laid out as the mask is. */
  function spread(compact: Float32Array, mask: Float32Array): Float32Array {
    let next = 0;
    return mask.map((counts) => (counts === 1 ? compact[next++]! : 0));
  }
});
