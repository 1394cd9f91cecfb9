/**
 * @file `npx tsx electron/tools/bench/frozen-weights.ts weights|products|step`: what keeping frozen weights in NF4 costs and saves. `weights`: the error on
 * SmolLM2-135M's weights and of its log-probs. `products`: times of one matrix beside float32 and bfloat16. `step`: one GRPO-D step of
 * `full2b` and the peak of the process's memory. The figures are in docs/decisions/0019-frozen-weights-in-nf4.md.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { GenerateRequest, ScoreRequest } from '../../contract/model/models.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { narrowToBfloat16, widenBfloat16 } from '../../formats/float-bits.ts';
import { FROZEN_WEIGHTS, roundToNf4 } from '../../formats/nf4.ts';
import { writeAdapter } from '../../formats/peft.ts';
import { linear } from '../../engine/model/ops.ts';
import { freshAdapter, loadModel, withWeights } from '../../engine/policy/loaded-model.ts';
import { roundedNames } from '../../engine/policy/rounded-weights.ts';
import { loraNames } from '../../engine/model/lora.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import { createProgram } from '../../engine/runtime/create-program.ts';
import { packNf4 } from '../../engine/runtime/own-ops.ts';
import { entryOf, float32, type VariableSpec } from '../../engine/runtime/program.ts';
import { candidatesOf, planTraining } from '../../engine/memory/training-memory.ts';
import { prepareTraining } from '../../engine/trainer/setup.ts';
import { createEngineService } from '../../engine/service/service.ts';
import { trainJobOf } from './measured-job.ts';
import { ensureImages, ensureModel } from './model-files.ts';
import { MODELS } from './places.ts';
import { ensureRealModel, REAL_QUESTIONS } from './real/real-model.ts';
import { peakResidentBytes } from './resident.ts';
import { WORKLOADS } from './works.ts';

const [part = '', python = 'python3'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const SEEDS = 8;
const TOKENS = 24;

async function weights(): Promise<void> {
  const found = await ensureRealModel(python);
  if (typeof found === 'string') throw new Error(found);
  const model = await loadModel(found.folders.float32);
  const names = roundedNames(model.shapes, model.processor.config);
  const squares = { all: 0, nf4: 0, bfloat16: 0 };
  await withWeights(model, async (reader) => {
    for (const name of [...names].filter((each) => each.startsWith('model.layers.'))) {
      const values = await reader.float32(name);
      const rounded = values.slice();
      roundToNf4(rounded);
      const words = new Uint16Array(values.length);
      const half = new Float32Array(values.length);
      narrowToBfloat16(values, words);
      widenBfloat16(words, half);
      values.forEach((value, i) => {
        squares.all += value ** 2;
        squares.nf4 += (value - rounded[i]!) ** 2;
        squares.bfloat16 += (value - half[i]!) ** 2;
      });
    }
  });
  const share = (sum: number): string => `${(100 * Math.sqrt(sum / squares.all)).toFixed(2)} %`;
  say(
    `relative error of the weights (root mean square): NF4 ${share(squares.nf4)}, bfloat16 ${share(squares.bfloat16)}`,
  );

  const service = createEngineService();
  const items: { prompt: string; images: never[]; completion: string }[] = [];
  for (const prompt of REAL_QUESTIONS)
    for (let seed = 1; seed <= SEEDS; seed++) {
      const asked = { model: found.folders.float32, prompt, maxNewTokens: TOKENS, temperature: 1, seed };
      const { text } = await resultOf(service.generate(GenerateRequest.parse(asked)));
      if (text !== '') items.push({ prompt, images: [], completion: text });
    }
  const logprobs = async (folder: string, adapter?: string): Promise<number[]> => {
    const request = { model: folder, items, ...(adapter === undefined ? {} : { adapter }) };
    const scores = await resultOf(service.score(ScoreRequest.parse(request)));
    return scores.flatMap((score) => score.logprobs);
  };
  const adapter = await silentAdapter(found.folders.float32);
  const published = await logprobs(found.folders.float32);
  for (const [name, other] of [
    ['NF4', await logprobs(found.folders.float32, adapter)],
    ['bfloat16', await logprobs(found.folders.bfloat16)],
  ] as const) {
    const gaps = published.map((value, i) => other[i]! - value);
    const mean = (of: (gap: number) => number): string =>
      (gaps.reduce((sum, gap) => sum + of(gap), 0) / gaps.length).toFixed(4);
    say(
      `${name}, ${String(gaps.length)} tokens drawn from the published model: KL ${mean((gap) => Math.exp(gap) - 1 - gap)}, mean |Δ log-prob| ${mean(Math.abs)}`,
    );
  }
  await rm(adapter, { recursive: true });
}

/** An adapter that changes nothing, on a base that is rounded. */
async function silentAdapter(modelPath: string): Promise<string> {
  const model = await loadModel(modelPath);
  const config = { kind: 'lora' as const, r: 1, loraAlpha: 1, targetModules: ['q_proj' as const] };
  const { modules, values } = freshAdapter(config, model, 1);
  const folder = await mkdtemp(join(tmpdir(), 'atelier-silent-'));
  await writeAdapter(folder, {
    ...config,
    baseModelNameOrPath: modelPath,
    naming: model.processor.config,
    weights: new Map(
      modules.map((module) => {
        const { a, b } = loraNames(module);
        return [module, { a: values[a]!, b: values[b]! }] as const;
      }),
    ),
    metadata: { [FROZEN_WEIGHTS]: 'nf4' },
  });
  return folder;
}

/** The largest matrices of a 2B model's layers. */
const [OUT, IN] = [8960, 1536];
const TIMES = 7;

async function products(): Promise<void> {
  const runtime = await loadRuntime();
  const values = Float32Array.from({ length: OUT * IN }, (_, i) => Math.sin(i * 12.9898) * 0.02);
  const words = new Uint16Array(values.length);
  narrowToBfloat16(values, words);
  const stored = { float32: values, bfloat16: new Uint8Array(words.buffer), nf4: packNf4(values) };
  for (const rows of [1, 8, 64, 512]) {
    const line: string[] = [];
    for (const dtype of ['float32', 'bfloat16', 'nf4'] as const) {
      const x = float32([rows, IN]);
      const forward = entryOf(['y'], { x }, ({ x }, { w }) => ({ outputs: { y: tf.sum(linear(x, w as Tensor)) } }));
      const back = entryOf(['dx'], { x, dy: float32([rows, OUT]) }, ({ x, dy }, { w }) => {
        const dx = tf.grad((input: Tensor) => linear(input, w as Tensor))(x, dy);
        return { outputs: { dx: tf.sum(dx) } };
      });
      const variables: Record<string, VariableSpec> = { w: { role: 'weight', shape: [OUT, IN], dtype } };
      const program = await createProgram(runtime, { variables, entries: { forward, back } });
      program.set({ w: stored[dtype] });
      const feeds = { x: Float32Array.from({ length: rows * IN }, (_, i) => Math.cos(i)) };
      const best = async (run: () => Promise<unknown>): Promise<number> => {
        const seen: number[] = [];
        for (let turn = 0; turn < TIMES; turn++) {
          const begun = performance.now();
          await run();
          seen.push(performance.now() - begun);
        }
        return Math.min(...seen);
      };
      const once = await best(() => program.call(forward, feeds));
      const dy = Float32Array.from({ length: rows * OUT }, (_, i) => Math.cos(i));
      const there = await best(() => program.call(back, { ...feeds, dy }));
      line.push(`${dtype} ${once.toFixed(2)} ms, its gradient ${there.toFixed(2)} ms`);
      program.dispose();
    }
    say(`${String(rows)} rows: ${line.join('; ')}`);
  }
}

async function step(): Promise<void> {
  const work = { ...WORKLOADS.full2b, memoryLimitBytes: 4 * 1024 ** 3 };
  const modelPath = await ensureModel(work.model, MODELS);
  const imagePaths = await ensureImages(work.imageSide, 2, MODELS);
  const job = trainJobOf(work, 'grpo', { modelPath, imagePaths });
  job.recipe = {
    ...job.recipe,
    ...(process.env['AS_PUBLISHED'] === undefined ? { frozenWeights: 'nf4' as const } : {}),
    method: 'grpo-d',
    klSchedule: { kind: 'paper-eq3', betaMin: 0.01, betaMax: 0.1, explorationRatio: 0.5 },
    steps: 2,
  };
  const begun = performance.now();
  const clock = (): string => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  const setup = await prepareTraining(job, { attribution: null, evaluates: false });
  say(`plan: ${JSON.stringify(await planTraining(setup, candidatesOf(setup)))}`);
  for await (const event of createEngineService().train(job)) {
    if (event.type !== 'step') continue;
    const { step: taken, kl, loss } = event.metrics;
    const peak = (peakResidentBytes() / 1024 ** 3).toFixed(2);
    say(`${clock()} step ${String(taken)}: KL ${String(kl)}, loss ${String(loss)}, peak ${peak} GiB`);
  }
}

const parts: Record<string, () => Promise<void>> = { weights, products, step };
await (parts[part] ?? (() => Promise.reject(new Error('Name a part: weights, products or step.'))))();
process.exit(0);
