/** @file The engine's procedures on a tiny random checkpoint: training, resuming, evaluating, generating, scoring. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betaAt } from '../../method/kl-curve.ts';
import type { EvaluateEvent, TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { Method } from '../../contract/model/recipe.ts';
import { readAdapter } from '../../formats/peft.ts';
import { createEngineService } from './service.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { resultOf } from '../../contract/model/result-events.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const modelPath = join(fixture, 'model');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-engine-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function jobOf(method: Method, root: string, overrides: { steps?: number; adapter?: 'full' } = {}): TrainJob {
  const { steps = 4, adapter } = overrides;
  return tinyJob(join(folder, root), { method, steps, ...(adapter === 'full' ? { adapter: { kind: 'full' } } : {}) });
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function steps(events: TrainEvent[]): Extract<TrainEvent, { type: 'step' }>[] {
  return events.filter((event) => event.type === 'step');
}

describe('a training job', () => {
  it('rolls out, logs the beta that Eq. 3 gives, and writes adapters that read back', async () => {
    const job = jobOf('grpo-d', 'grpo');
    const events = await collect(createEngineService().train(job));
    const logged = steps(events);
    expect(logged.map(({ metrics }) => metrics.step)).toEqual([1, 2, 3, 4]);
    for (const { metrics, completions } of logged) {
      expect(metrics.beta).toBe(betaAt(job.recipe.klSchedule, metrics.step, 4));
      expect(completions).toHaveLength(8);
      expect(new Set(completions.map(({ sampleId }) => sampleId)).size).toBe(2);
      expect(Number.isFinite(metrics.loss)).toBe(true);
      // B starts at zero, so the policy is the reference at the first step.
      if (metrics.step === 1) expect(metrics.kl).toBeCloseTo(0, 4);
    }
    expect(events.filter(({ type }) => type === 'checkpoint').map((event) => (event as { step: number }).step)).toEqual(
      [2, 4],
    );
    expect(events.at(-1)).toEqual({ type: 'done', step: 4, stopped: false });
    const adapter = await readAdapter(join(folder, 'grpo', 'step-000004'));
    expect(adapter.weights.size).toBe(14);
  });

  for (const adapter of [undefined, 'full'] as const) {
    it(`resumes bit for bit (${adapter ?? 'lora'}, supervised)`, async () => {
      const options = adapter === undefined ? {} : { adapter };
      const whole = steps(
        await collect(createEngineService().train(jobOf('sft', `whole-${adapter ?? 'lora'}`, options))),
      );
      const root = `parts-${adapter ?? 'lora'}`;
      const service = createEngineService();
      const first: TrainEvent[] = [];
      for await (const event of service.train(jobOf('sft', root, options))) {
        first.push(event);
        if (event.type === 'step' && event.metrics.step === 1) await service.stop();
      }
      expect(first.at(-1)).toMatchObject({ type: 'done', stopped: true });
      const stoppedAt = (first.at(-1) as { step: number }).step;
      expect(stoppedAt).toBeLessThan(4);
      const name = `step-${String(stoppedAt).padStart(6, '0')}`;
      const resumed = await collect(
        service.train({ ...jobOf('sft', root, options), resumeFrom: join(folder, root, name) }),
      );
      const losses = [...steps(first), ...steps(resumed)].map(({ metrics }) => metrics.loss);
      expect(losses).toEqual(whole.map(({ metrics }) => metrics.loss));
      const file = adapter === 'full' ? 'model.safetensors' : 'adapter_model.safetensors';
      const [a, b] = await Promise.all(
        [`whole-${adapter ?? 'lora'}`, root].map((part) => readFile(join(folder, part, 'step-000004', file))),
      );
      expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
      expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    });
  }

  it('refuses a prompt and completion longer than the context, naming the field', async () => {
    const job = jobOf('grpo', 'long');
    job.recipe.grpo.maxCompletionLength = 2048;
    await expect(collect(createEngineService().train(job))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'grpo.maxCompletionLength' },
    });
  });
});

describe('answers', () => {
  it('evaluate grades every sample once, with batches that do not divide the number', async () => {
    const job = jobOf('grpo', 'unused');
    const events: EvaluateEvent[] = await collect(
      createEngineService().evaluate({
        modelPath,
        promptTemplate: '{question}',
        samples: job.samples.slice(0, 3),
        maxNewTokens: 6,
      }),
    );
    const items = events.flatMap((event) => (event.type === 'items' ? event.items : []));
    expect(items.map(({ sampleId }) => sampleId)).toEqual(['s-0', 's-1', 's-2']);
    expect(items.every(({ tokens }) => tokens >= 1 && tokens <= 6)).toBe(true);
  });

  it('generate and score agree with the golden greedy tokens and with each other', async () => {
    const golden = JSON.parse(await readFile(join(fixture, 'golden/generate.json'), 'utf8')) as Record<
      string,
      { ids: number[][] }
    >;
    const service = createEngineService();
    const image = join(fixture, 'images/rgb_70x70.png');
    const prompt = 'How many different items are there in the image?';
    const result = await resultOf(
      service.generate({
        model: modelPath,
        images: [image],
        prompt,
        greedy: true,
        temperature: 1,
        seed: 1,
        maxNewTokens: 6,
        alternatives: 3,
      }),
    );
    expect(result.tokenIds).toEqual(golden['A']?.ids[0]?.slice(0, 6));
    const [scored] = await resultOf(
      service.score({
        model: modelPath,
        items: [{ images: [image], prompt, completion: ' imag' }],
      }),
    );
    expect(scored?.promptIds).toEqual(result.promptIds);
    // Greedy takes the likeliest token everywhere; the probabilities told are those that scoring gives.
    expect(result.choices?.map(({ id, top }) => [id, top.length, top[0]?.id])).toEqual(
      result.tokenIds.map((id) => [id, 3, id]),
    );
    const told = result.choices?.map(({ logprob, top }) => [logprob, top[0]?.logprob]) ?? [];
    for (const [own, best] of told) expect(own).toBeCloseTo(best ?? 0, 5);
    expect(scored?.topLogits[0]?.id).toBe(result.tokenIds[0]);
    expect(scored?.logprobs).toHaveLength(scored?.completionIds.length ?? -1);
    const adapted = await resultOf(
      service.score({
        model: modelPath,
        adapter: join(fixture, 'lora'),
        items: [{ images: [image], prompt, completion: ' imag' }],
      }),
    );
    expect(adapted[0]?.logprobs[0]).not.toBeCloseTo(scored?.logprobs[0] ?? 0, 3);
  });
});
