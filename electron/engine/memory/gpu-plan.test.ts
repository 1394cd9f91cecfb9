/** @file What a run will need on a GPU is counted before anything is computed there, and what the GPU cannot hold is refused. */
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeEntry, scoreEntry } from '../training/policy-program.ts';
import { completionFeeds } from '../training/batch.ts';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { floats, variables } from '../runtime/program.ts';
import { gpuNeeds } from '../runtime/webgpu/dry-run.ts';
import {
  farthest,
  feedsOf,
  goldenPrompt,
  goldenTensors,
  largest,
  loadTiny,
  shapeOf,
  splitFeeds,
  stateOf,
} from '../testing/tiny.ts';
import { useSwiftShader } from '../testing/swiftshader.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import type { Judge } from '../rewards/judge.ts';
import { prepareTraining } from '../trainer/setup.ts';
import type { Trainer } from '../trainer/trainer.ts';
import { trainingPolicyOptions } from '../trainer/training-policy.ts';
import { openFittedTrainer } from './fitted-trainer.ts';
import { planMemory } from './memory-plan.ts';
import { candidatesOf } from './training-memory.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

/** The same GPU with a lower limit of what a shader can bind. */
function limitedTo(bytes: number): Runtime {
  const gpu = runtime.gpu!;
  return { ...runtime, gpu: { ...gpu, limits: { ...gpu.limits, bytes } } };
}

async function planned(on: Runtime, limitBytes?: number) {
  const job = tinyJob(tmpdir(), { grpo: { promptsPerStep: 4 } });
  const setup = await prepareTraining(job, { attribution: null, evaluates: false });
  const optionsFor = (workload: (typeof candidates)[number]) => trainingPolicyOptions(setup, workload).options;
  const candidates = candidatesOf(setup);
  const machine = { residentBytes: 0, limitBytes: 1e12 };
  return planMemory({ optionsFor, candidates, imageBytes: 0, pixelBytes: 0, limitBytes }, on, machine);
}

describe.skipIf(!here)('on a GPU', () => {
  it('counts the memory and the dispatches that a call then takes op by op, with the image features of the reference', async () => {
    runtime.gpu!.programs.kind = 'op-by-op';
    const tiny = await loadTiny();
    const prompts = [await goldenPrompt(tiny, 'A')];
    const shape = shapeOf(prompts, 2, 8);
    const state = stateOf(tiny);
    const entries = { encode: encodeEntry(state, shape), score: scoreEntry(state, shape, 1, 'policy') };
    const spec = { variables: variables('weight', tiny.shapes), entries };
    const needs = gpuNeeds(runtime.gpu!, spec);
    const backend = runtime.gpu!.backend;
    const run = backend.runWebGPUProgram.bind(backend);
    let dispatches = 0;
    backend.runWebGPUProgram = (...args) => {
      dispatches += 1;
      return run(...args);
    };
    const { numBytesAllocated } = backend.bufferManager;

    const program = await createProgram(runtime, spec);
    program.set(tiny.weights);
    const { vision, prompted } = splitFeeds(feedsOf(tiny, prompts, shape));
    const features = floats(await program.call(entries.encode, vision), 'features');
    expect(dispatches).toBe(needs.counts['encode']?.dispatches);
    const { 'A.vision.merger': wanted } = await goldenTensors('forward.safetensors');
    expect(farthest(features.subarray(0, wanted!.length), wanted!) / largest(wanted!)).toBeLessThan(1e-4);
    const ids = [5, 6, 7, 8, 9, 10, 11, 12];
    const { config, padId } = tiny.processor;
    const completions = completionFeeds([ids, ids], prompts, 2, 8, config, padId);
    await program.call(entries.score, { ...prompted, ...completions, features });
    const taken = backend.bufferManager.numBytesAllocated - numBytesAllocated;
    const predicted = [needs.variables.weight, ...Object.values(needs.calls)].reduce((sum = 0, each = 0) => sum + each);
    expect(Math.abs(taken / predicted! - 1)).toBeLessThan(0.05);
    program.dispose();
    backend.runWebGPUProgram = run;
    runtime.gpu!.programs.kind = 'compiled';
  });

  it('plans a run, and smaller micro-batches where less may be used', async () => {
    const plan = await planned(runtime);
    expect(plan).toMatchObject({ fits: true, precision: 'float32' });
    expect(plan.parts.every(({ bytes }) => bytes >= 0)).toBe(true);
    const smaller = await planned(runtime, plan.predictedBytes - 1);
    expect(smaller.predictedBytes).toBeLessThan(plan.predictedBytes);
    expect(smaller.microBatchPrompts).toBeLessThan(4);
  });

  it('warns of an op that keeps a run from being compiled, but not of one of an earlier job', async () => {
    const { programs } = runtime.gpu!;
    const setup = await prepareTraining(tinyJob(tmpdir()), { attribution: null, evaluates: false });
    const warned = async (op: string | null): Promise<string[]> => {
      const messages: string[] = [];
      const open = (): Promise<Trainer> => {
        programs.notCompiled ??= op;
        return Promise.resolve({} as Trainer);
      };
      await openFittedTrainer(setup, {} as Judge, ({ message }) => messages.push(message), undefined, open);
      return messages;
    };
    programs.notCompiled = 'Sin';
    expect(await warned(null)).toEqual([]);
    expect(await warned('Einsum')).toEqual([expect.stringContaining('because Einsum cannot be compiled')]);
    programs.notCompiled = null;
  });

  it('refuses a tensor that the GPU cannot read, naming it', async () => {
    await expect(planned(limitedTo(100_000))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(/^A result of encode takes .* KiB; .* up to 97\.7 KiB\.$/),
      remedy: expect.stringContaining('ATELIER_BACKEND'),
    });
  });
});
