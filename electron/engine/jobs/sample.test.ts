/** @file Sampling on a tiny random checkpoint: whole groups, the same again for the same seed, whatever the batch. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SampledGroup, SampleJob } from '../../contract/engine/engine.ts';
import { SampleJob as SampleJobSchema } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { evaluate } from './evaluate.ts';
import { sample } from './sample.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;

function job(overrides: Partial<SampleJob> = {}): SampleJob {
  return SampleJobSchema.parse({
    modelPath: join(fixture, 'model'),
    promptTemplate: '{question}',
    samples: ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png'].map((name, index) => ({
      id: `s-${index}`,
      imagePath: join(fixture, 'images', name),
      prompt: 'How many?',
      answer: '1',
      task: 'counting',
    })),
    numGenerations: 3,
    temperature: 1,
    topP: 1,
    maxNewTokens: 6,
    seed: 5,
    ...overrides,
  });
}

async function groupsOf(request: SampleJob): Promise<SampledGroup[]> {
  const groups: SampledGroup[] = [];
  for await (const event of sample(request)) if (event.type === 'groups') groups.push(...event.groups);
  return groups;
}

describe('sampling', () => {
  it('gives a whole group for each sample, and the same again for the same seed', async () => {
    const groups = await groupsOf(job());
    expect(groups.map(({ sampleId, completions }) => [sampleId, completions.length])).toEqual([
      ['s-0', 3],
      ['s-1', 3],
      ['s-2', 3],
    ]);
    for (const { tokens, truncated } of groups.flatMap(({ completions }) => completions)) {
      expect(tokens).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(6);
      expect(truncated ? tokens : 6).toBe(6);
    }
    // A random model does not say one thing three times.
    expect(groups.some(({ completions }) => new Set(completions.map(({ text }) => text)).size > 1)).toBe(true);
    expect(await groupsOf(job())).toEqual(groups);
    expect(await groupsOf(job({ seed: 6 }))).not.toEqual(groups);
    // Fewer samples make other batches, but not other answers.
    expect(await groupsOf(job({ samples: job().samples.slice(0, 1) }))).toEqual(groups.slice(0, 1));
  });

  it('takes the likeliest tokens if it is told to, as an evaluation does, with the penalty that the model publishes', async () => {
    const greedy = await groupsOf(job({ numGenerations: 1, greedy: true, asPublished: true }));
    const { modelPath, promptTemplate, samples, maxNewTokens } = job();
    const wanted: string[] = [];
    for await (const event of evaluate({ modelPath, promptTemplate, samples, maxNewTokens }))
      if (event.type === 'items') wanted.push(...event.items.map(({ text }) => text));
    expect(greedy.map(({ completions }) => completions[0]?.text)).toEqual(wanted);

    const model = await mkdtemp(join(tmpdir(), 'atelier-penalty-'));
    await cp(modelPath, model, { recursive: true });
    const path = join(model, 'generation_config.json');
    const published = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...published, repetition_penalty: 1.9 }));
    const asked = { modelPath: model, numGenerations: 1, greedy: true, maxNewTokens: 24 };
    const texts = async (more: Partial<SampleJob>): Promise<(string | undefined)[]> =>
      (await groupsOf(job({ ...asked, ...more }))).map(({ completions }) => completions[0]?.text);
    expect(await texts({ asPublished: true })).not.toEqual(await texts({}));
    await rm(model, { recursive: true });
  });

  it('refuses answers that are longer than the model can read', async () => {
    const failure = await groupsOf(job({ maxNewTokens: 1_000_000 })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AtelierError);
    expect(failure).toMatchObject({ code: 'BAD_INPUT', place: { field: 'maxCompletionLength' } });
  });
});
