/**
 * @file `npm run bench`: what one GRPO step costs on this machine, by phase, beside the machine's own matrix-product peak
 * measured in the same run. Prints JSON. Numbers are for comparing within one run; nothing asserts them.
 *
 * The work is `starter`: the starter model, 8 prompts × 8 completions of exactly 32 tokens, LoRA r 16, one update.
 */
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../contract/defaults.ts';
import type { LoraConfig } from '../../contract/recipe.ts';
import { freshAdapter, loadModel } from '../loaded-model.ts';
import { createPolicy, type Policy } from '../policy.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/program.ts';
import { completionFeeds, padRows, shapeFor, type Feeds } from '../training/batch.ts';
import { scoreEntry, type PolicyShape } from '../training/policy-program.ts';
import { lossConfigOf, updateEntry } from '../training/update-program.ts';
import { uniform } from '../training/random.ts';
import { rowWeights } from '../training/loss.ts';
import { rollOut } from '../training/rollout.ts';

const PROMPTS = 8;
const GROUP = 8;
const TOKENS = 32;
const REPEATS = Number(process.env['ATELIER_BENCH_REPEATS'] ?? 7);
const root = resolve(import.meta.dirname, '../../..');

interface Timing {
  best: number;
  median: number;
}

function timing(seconds: readonly number[]): Timing {
  const sorted = [...seconds].sort((a, b) => a - b);
  return { best: sorted[0] ?? NaN, median: sorted[Math.floor(sorted.length / 2)] ?? NaN };
}

function seconds(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** Best rate of a large float32 product, in GFLOP/s. */
async function productPeak(): Promise<number> {
  const [m, k, n, count] = [1024, 1024, 1024, 8];
  const program = await createProgram(await loadRuntime(), {
    variables: { a: { shape: [m, k], dtype: 'float32' }, b: { shape: [k, n], dtype: 'float32' } },
    entries: {
      run: {
        inputs: { shift: { shape: [], dtype: 'float32' } },
        run: ({ shift }, { a, b }) => {
          if (shift === undefined || a === undefined || b === undefined) throw new Error('A tensor is missing.');
          const sums = Array.from({ length: count }, (_, i) =>
            tf.max(tf.matMul(tf.add(a, tf.mul(shift, i)) as tf.Tensor2D, b as tf.Tensor2D)),
          );
          return { outputs: { sum: tf.addN(sums) } };
        },
      },
    },
  });
  program.set({ a: new Float32Array(m * k).fill(0.5), b: new Float32Array(k * n).fill(0.5) });
  const times = Array.from({ length: REPEATS + 2 }, (_, i) =>
    seconds(() => program.call('run', { shift: Float32Array.of(i) })),
  );
  program.dispose();
  return (2 * m * k * n * count) / 1e9 / timing(times).best;
}

async function main(): Promise<void> {
  const started = performance.now();
  const { info } = await loadRuntime();
  const model = await loadModel(join(root, 'resources/models/nano'));
  const loadSeconds = (performance.now() - started) / 1000;
  const { config, padId } = model.processor;
  const image = (i: number): string =>
    join(root, `resources/datasets/counting/images/train-${String(i + 1).padStart(3, '0')}.png`);
  const prompts = [];
  for (let i = 0; i < PROMPTS; i++) {
    prompts.push(await model.processor.prepare({ prompt: 'How many stars are there?', imagePaths: [image(i)] }));
  }
  const shape: PolicyShape = { ...shapeFor(prompts, PROMPTS), groupSize: GROUP, completionLength: TOKENS };
  const adapter = freshAdapter(DEFAULT_ADAPTER as LoraConfig, model, 1);
  const trainable = Object.keys(adapter.shapes);
  const compile = performance.now();
  const policy: Policy = await createPolicy({
    model,
    adapter,
    shape,
    trainable,
    sampling: { temperature: 1, topP: 1 },
    entries: (state) => ({
      reference: scoreEntry(state, shape, 1, 'reference'),
      update: updateEntry(state, shape, {
        ...DEFAULT_OPTIMISER,
        trainable,
        trainVision: false,
        temperature: 1,
        loss: lossConfigOf(DEFAULT_GRPO),
      }),
    }),
  });
  const compileSeconds = (performance.now() - compile) / 1000;
  const feeds = policy.feeds(prompts);
  const phases: Record<'generate' | 'reference' | 'update' | 'step', number[]> = {
    generate: [],
    reference: [],
    update: [],
    step: [],
  };
  const memory: number[] = [];
  for (let repeat = 0; repeat < REPEATS + 1; repeat++) {
    const times = oneStep(policy, prompts, feeds, config, padId, repeat);
    memory.push(process.memoryUsage.rss());
    // The first step also warms up.
    if (repeat > 0) for (const [name, value] of Object.entries(times)) phases[name as keyof typeof phases].push(value);
  }
  const peak = await productPeak();
  const steps = timing(phases.step);
  process.stdout.write(
    `${JSON.stringify(
      {
        machine: {
          cpu: cpus()[0]?.model ?? 'unknown',
          threads: info.threads,
          backend: info.backend,
          version: info.version,
          device: info.device,
        },
        work: {
          name: 'starter',
          parameters: Object.values(model.shapes).reduce((sum, weight) => sum + weight.reduce((a, b) => a * b, 1), 0),
          prompts: PROMPTS,
          groupSize: GROUP,
          completionTokens: TOKENS,
          promptTokens: shape.promptLength,
          adapter: 'LoRA r 16',
        },
        repeats: REPEATS,
        loadSeconds,
        compileSeconds,
        seconds: {
          generate: timing(phases.generate),
          reference: timing(phases.reference),
          update: timing(phases.update),
          step: steps,
        },
        rolloutTokensPerSecond: (PROMPTS * GROUP * TOKENS) / timing(phases.generate).best,
        trainedTokensPerSecond: (PROMPTS * (shape.promptLength + GROUP * TOKENS)) / timing(phases.update).best,
        productPeakGflops: peak,
        residentBytes: { afterFirstStep: memory[0], peak: Math.max(...memory), afterLastStep: memory.at(-1) },
      },
      null,
      2,
    )}\n`,
  );
  policy.dispose();
}

function oneStep(
  policy: Policy,
  prompts: Parameters<Policy['feeds']>[0],
  feeds: Feeds,
  config: Parameters<typeof rollOut>[2],
  padId: number,
  repeat: number,
): Record<'generate' | 'reference' | 'update' | 'step', number> {
  const { shape, program } = policy;
  const start = performance.now();
  const rollout = rollOut(
    program,
    {
      prompts,
      feeds,
      shape,
      greedy: false,
      uniform: (row, position) => uniform(repeat, 2, row, position),
      eosIds: [],
      padId,
      maxNewTokens: TOKENS,
    },
    config,
  );
  const generated = performance.now();
  const { mask, ...completions } = completionFeeds(rollout.tokens, prompts, GROUP, TOKENS, config, padId);
  const inputs = { ...feeds, ...completions };
  const refLogprobs = program.call('reference', inputs)['logprobs'] as Float32Array;
  const judged = performance.now();
  program.call('update', {
    ...inputs,
    mask: mask as Float32Array,
    oldLogprobs: padRows(rollout.logprobs, TOKENS),
    refLogprobs,
    advantages: Float32Array.from({ length: PROMPTS * GROUP }, (_, row) => (row % 2 === 0 ? 1 : -1)),
    beta: Float32Array.of(0.04),
    rowWeights: rowWeights(DEFAULT_GRPO, mask as Float32Array, TOKENS),
    learningRate: Float32Array.of(0),
    correction1: Float32Array.of(1),
    correction2: Float32Array.of(1),
  });
  const ended = performance.now();
  return {
    generate: (generated - start) / 1000,
    reference: (judged - generated) / 1000,
    update: (ended - judged) / 1000,
    step: (ended - start) / 1000,
  };
}

await main();
