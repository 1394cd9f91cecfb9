/** @file The whole way with a model of each family: plan, answer, train, export, and load what was exported. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import { openCheckpointTensors, openSafetensors } from '../../formats/safetensors.ts';
import { withCounterparts } from '../../formats/families/counterparts.ts';
import { createProcessor } from '../policy/processor.ts';
import { createEngineService } from '../service/service.ts';
import { fixture } from '../testing/tiny.ts';
import { tinyJob, tinySamples, type RecipeChanges } from '../testing/tiny-job.ts';
import { generate } from './generate.ts';
import { merge } from './merge.ts';
import { plan } from './plan.ts';
import { score } from './score.ts';

const IMAGE = join(fixture, 'images/big_219x161.png');
const PROMPT = 'How many different items are there?';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-families-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function tensorNames(path: string): Promise<string[]> {
  const reader = await openCheckpointTensors(path);
  const names = reader.names();
  await reader.close();
  return [...names].sort();
}

describe.each(['qwen2-5-vl', 'qwen3-vl', 'qwen3-5', 'smolvlm'])('a model of %s', (family) => {
  const own = new URL(`../fixtures/families/${family}/`, import.meta.url).pathname;
  const model = join(own, 'model');

  const jobOf = (root: string, changes: RecipeChanges = {}): TrainJob =>
    tinyJob(
      join(folder, family, root),
      {
        rewards: [
          { name: 'accuracy', weight: 1 },
          { name: 'repetition', weight: 1, params: { ngram: 1 } },
        ],
        // Random weights are sure of what they say; answers that differ give something to learn.
        grpo: { temperature: 4 },
        steps: 2,
        ...changes,
      },
      { modelPath: model, samples: tinySamples(PROMPT, (index) => index) },
    );

  async function trained(job: TrainJob): Promise<{ events: TrainEvent[]; checkpoint: string }> {
    const events: TrainEvent[] = [];
    for await (const event of createEngineService().train(job)) events.push(event);
    const [last] = (await readdir(job.checkpointRoot))
      .filter((name) => name.startsWith('step-'))
      .sort()
      .reverse();
    return { events, checkpoint: join(job.checkpointRoot, last ?? '') };
  }

  async function logprobs(path: string, adapter?: string): Promise<number[]> {
    const items = [{ images: [IMAGE], prompt: PROMPT, completion: '<answer>3</answer>' }];
    const [result] = await score({ model: path, items, ...(adapter === undefined ? {} : { adapter }) });
    return result!.logprobs;
  }

  it('is planned, answers, and trains an adapter that PEFT loads, alone and merged', async () => {
    const job = jobOf('lora');
    const { runId: _run, checkpointRoot: _root, ...planned } = job;
    expect((await plan(planned))?.predictedBytes).toBeGreaterThan(1e6);
    const asked = { model, images: [IMAGE], prompt: PROMPT, maxNewTokens: 4, greedy: true, temperature: 1, seed: 0 };
    const answer = await generate(asked);
    expect(answer.tokenIds.length).toBeGreaterThan(0);

    const { events, checkpoint } = await trained(job);
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.metrics] : []));
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    expect(steps[0]?.kl).toBe(0);

    // The keys that PEFT itself writes for this family.
    const targets = job.recipe.adapter.kind === 'lora' ? job.recipe.adapter.targetModules : [];
    const peft = await openSafetensors(join(own, 'lora/adapter_model.safetensors'));
    const { config } = await createProcessor(model);
    const meant = withCounterparts(targets, config);
    const keys = peft.names().filter((name) => meant.some((target) => name.includes(`.${target}.`)));
    await peft.close();
    const adapter = await openSafetensors(join(checkpoint, 'adapter_model.safetensors'));
    expect([...adapter.names()].sort()).toEqual([...keys].sort());
    await adapter.close();

    const merged = await mkdtemp(join(folder, 'merged-'));
    await cp(model, merged, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
    for await (const _ of merge({
      modelPath: model,
      adapterPath: checkpoint,
      folder: merged,
      metadata: { format: 'pt' },
    }));
    expect(await tensorNames(merged)).toEqual(await tensorNames(model));
    const [before, beside, within] = [await logprobs(model), await logprobs(model, checkpoint), await logprobs(merged)];
    within.forEach((value, index) => {
      expect(value).toBeCloseTo(beside[index]!, 3);
    });
    expect(Math.max(...beside.map((value, index) => Math.abs(value - before[index]!)))).toBeGreaterThan(1e-5);
  });

  it('trains all weights into a model with the names of its family', async () => {
    const { checkpoint } = await trained(
      jobOf('full', { adapter: { kind: 'full' }, method: 'sft', steps: 1, checkpointEvery: 1 }),
    );
    // Layers that nobody trained are not part of it.
    const read = (await tensorNames(model)).filter((name) => !name.startsWith('mtp.'));
    expect(await tensorNames(checkpoint)).toEqual(read);
    expect((await logprobs(checkpoint)).every(Number.isFinite)).toBe(true);
  });
});
