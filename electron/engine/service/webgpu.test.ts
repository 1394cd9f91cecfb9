/** @file Whole jobs on WebGPU, with SwiftShader as the GPU: a run that is resumed bit for bit, an evaluation, an answer. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EvaluateEvent, TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { Method } from '../../contract/model/recipe.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { DEFAULT_ADAPTER } from '../../method/defaults.ts';
import { readAdapter } from '../../formats/peft.ts';
import { betaAt } from '../../method/kl-curve.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { useSwiftShader } from '../testing/swiftshader.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { fixture, goldenJson } from '../testing/tiny.ts';
import { createEngineService } from './service.ts';

const here = useSwiftShader();
const modelPath = join(fixture, 'model');
const opByOp = process.env['ATELIER_GPU_PROGRAMS'] === 'op-by-op';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-webgpu-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function jobOf(method: Method, root: string): TrainJob {
  const grpo = { promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 3 };
  const job = tinyJob(join(folder, root), { method, steps: 2, checkpointEvery: 1, grpo });
  return { ...job, samples: job.samples.slice(0, 1) };
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function metricsOf(events: TrainEvent[]) {
  return events.flatMap((event) => (event.type === 'step' ? [event.metrics] : []));
}

describe.skipIf(!here)('on WebGPU', () => {
  it('says what it computes on', async () => {
    const info = await createEngineService().info();
    expect(info).toMatchObject({ backend: 'webgpu', gpu: { used: true, adapter: { software: true }, reason: null } });
  });

  it.each(['sft', 'grpo-d'] as const)('resumes a run bit for bit: %s', async (method) => {
    const service = createEngineService();
    const whole = await collect(service.train(jobOf(method, `${method}-whole`)));
    // Shaders are counted while they are compiled; op by op, each is compiled when it is needed.
    const compiled = whole.flatMap((event) =>
      event.type === 'phase' && event.progress.phase === 'compile programs' ? [event.progress] : [],
    );
    const { done = 0, total = 0 } = compiled.at(-1) ?? {};
    expect(done === total && total > 10).toBe(process.env['ATELIER_GPU_PROGRAMS'] !== 'op-by-op');
    const root = `${method}-parts`;
    const resumed = await collect(
      service.train({ ...jobOf(method, root), resumeFrom: join(folder, `${method}-whole`, 'step-000001') }),
    );
    const [first, second] = metricsOf(whole);
    expect(whole.at(-1)).toEqual({ type: 'done', step: 2, stopped: false });
    expect(metricsOf(resumed)).toHaveLength(1);
    const same = ({ loss, kl, gradNorm }: NonNullable<typeof first>) => ({ loss, kl, gradNorm });
    expect(same(metricsOf(resumed)[0]!)).toEqual(same(second!));
    const files = await Promise.all(
      [`${method}-whole`, root].map((part) => readFile(join(folder, part, 'step-000002', 'adapter_model.safetensors'))),
    );
    expect(files[0]!.equals(files[1]!)).toBe(true);
    if (method === 'sft') {
      // One question, asked again.
      expect(second!.loss).toBeLessThan(first!.loss);
      return;
    }
    expect(first!.beta).toBe(betaAt(jobOf(method, 'none').recipe.klSchedule, 1, 2));
    expect(first!.kl).toBeCloseTo(0, 4);
  });

  it('takes a step again in smaller parts if the memory of the GPU runs out in it, with the same result', async () => {
    const service = createEngineService();
    const { gpu } = await loadRuntime();
    const { device } = gpu!;
    const job = (root: string): TrainJob => {
      const grpo = { promptsPerStep: 2, numGenerations: 2, maxCompletionLength: 2 };
      const whole = tinyJob(join(folder, root), { method: 'grpo', steps: 2, checkpointEvery: 2, grpo });
      return { ...whole, samples: whole.samples.slice(0, 2) };
    };
    const undisturbed = metricsOf(await collect(service.train(job('room'))));
    const [push, pop] = [device.pushErrorScope.bind(device), device.popErrorScope.bind(device)];
    const scopes: GPUErrorFilter[] = [];
    let short = false;
    vi.spyOn(device, 'pushErrorScope').mockImplementation((filter) => {
      scopes.push(filter);
      push(filter);
    });
    vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
      const fails = scopes.pop() === 'out-of-memory' && short;
      if (fails) short = false;
      const own = await pop();
      return fails ? ({ message: 'VK_ERROR_OUT_OF_DEVICE_MEMORY' } as GPUError) : own;
    });
    const events: TrainEvent[] = [];
    for await (const event of service.train(job('no-room'))) {
      events.push(event);
      if (event.type === 'step' && event.metrics.step === 1) short = true;
    }
    vi.restoreAllMocks();
    expect(short).toBe(false);
    const codes = events.flatMap((event) => (event.type === 'warning' ? [event.warning.code] : []));
    expect(codes).toContain('MEMORY_BACKED_OFF');
    const found = metricsOf(events);
    expect(found.map(({ step }) => step)).toEqual([1, 2]);
    found.forEach(({ loss }, at) => expect(loss).toBeCloseTo(undisturbed[at]!.loss, 4));
  });

  it.skipIf(opByOp)('trains on frozen weights in 4 bits, and repeats its steps bit for bit', async () => {
    const service = createEngineService();
    const adapter = {
      ...DEFAULT_ADAPTER,
      r: 2,
      loraAlpha: 4,
      targetModules: ['q_proj' as const, 'down_proj' as const],
    };
    const job = (root: string): TrainJob => {
      const whole = jobOf('grpo', root);
      return { ...whole, recipe: { ...whole.recipe, adapter, frozenWeights: 'nf4' } };
    };
    const first = metricsOf(await collect(service.train(job('nf4'))));
    const again = { ...job('nf4-again'), resumeFrom: join(folder, 'nf4', 'step-000001') };
    const [second] = metricsOf(await collect(service.train(again)));
    expect([second!.loss, second!.gradNorm]).toEqual([first[1]!.loss, first[1]!.gradNorm]);
    expect(first[0]!.kl).toBeCloseTo(0, 6);
    const checkpoint = join(folder, 'nf4', 'step-000002');
    expect((await readAdapter(checkpoint)).metadata['atelier.frozen_weights']).toBe('nf4');
    // What answers later has the same base: not that of the published weights.
    const item = { images: [join(fixture, 'images/rgb_70x70.png')], prompt: 'How many?', completion: 'three' };
    const logprobs = async (adapter?: string): Promise<number[]> => {
      const given = adapter === undefined ? {} : { adapter };
      return (await resultOf(service.score({ model: modelPath, items: [item], ...given })))[0]!.logprobs;
    };
    const [published, rounded] = [await logprobs(), await logprobs(checkpoint)];
    expect(Math.max(...published.map((value, at) => Math.abs(value - rounded[at]!)))).toBeGreaterThan(1e-3);
  });

  it('evaluates, and answers as the reference does', async () => {
    const service = createEngineService();
    const events: EvaluateEvent[] = await collect(
      service.evaluate({
        modelPath,
        promptTemplate: '{question}',
        samples: tinyJob(folder).samples.slice(0, 2),
        maxNewTokens: 2,
      }),
    );
    const items = events.flatMap((event) => (event.type === 'items' ? event.items : []));
    expect(items.map(({ sampleId }) => sampleId)).toEqual(['s-0', 's-1']);
    const golden = await goldenJson<Record<string, { ids: number[][] }>>('generate.json');
    const result = await resultOf(
      service.generate({
        model: modelPath,
        images: [join(fixture, 'images/rgb_70x70.png')],
        prompt: 'How many different items are there in the image?',
        greedy: true,
        temperature: 1,
        seed: 1,
        maxNewTokens: 3,
      }),
    );
    expect(result.tokenIds).toEqual(golden['A']?.ids[0]?.slice(0, 3));
  });
});
