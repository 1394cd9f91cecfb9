/** @file How far an adapter moved its model: both models' own answers, and what each makes of the other's. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriftJob, SampleJob, type DriftEvent, type SampledGroup } from '../../contract/engine/engine.ts';
import { drift } from './drift.ts';
import { sample } from './sample.ts';
import { score } from './score.ts';

const TINY = new URL('../fixtures/qwen2vl-tiny/', import.meta.url).pathname;
const IMAGES = ['rgb_70x70.png', 'tall_42x98.png', 'grey_37x53.png', 'rgb_70x70.png', 'palette_20x20.png'];

const common = {
  modelPath: join(TINY, 'model'),
  promptTemplate: '{question}',
  samples: IMAGES.map((name, index) => ({
    id: `s-${index}`,
    imagePath: join(TINY, 'images', name),
    prompt: `How many? ${index}`,
    answer: '1',
    task: 'counting',
  })),
  numGenerations: 4,
  maxNewTokens: 2,
  seed: 5,
};
const adapterPath = join(TINY, 'lora');

type Answers = Extract<DriftEvent, { type: 'groups' }>['groups'];

async function measured(adapter = adapterPath): Promise<Record<'tuned' | 'base', Answers>> {
  const found: Record<'tuned' | 'base', Answers> = { tuned: [], base: [] };
  for await (const event of drift(DriftJob.parse({ ...common, adapterPath: adapter })))
    if (event.type === 'groups') found[event.of].push(...event.groups);
  return found;
}

async function sampled(adapter?: string): Promise<SampledGroup[]> {
  const groups: SampledGroup[] = [];
  const job = SampleJob.parse({
    ...common,
    temperature: 1,
    topP: 1,
    ...(adapter === undefined ? {} : { adapterPath: adapter }),
  });
  for await (const event of sample(job)) if (event.type === 'groups') groups.push(...event.groups);
  return groups;
}

const withoutRatios = (groups: Answers): SampledGroup[] =>
  groups.map(({ sampleId, completions }) => ({
    sampleId,
    completions: completions.map(({ logRatio: _, ...answer }) => answer),
  }));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-drift-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the drift of an adapter', () => {
  it('is measured on the answers that both models sample, each scored by both', async () => {
    const measuredGroups = await measured();
    const { tuned, base } = measuredGroups;
    expect(withoutRatios(tuned)).toEqual(await sampled(adapterPath));
    expect(withoutRatios(base)).toEqual(await sampled());
    // The score job knows nothing of groups, batches or switching an adapter off.
    const asked = (['tuned', 'base'] as const).flatMap((of) =>
      measuredGroups[of].flatMap(({ completions }, index) =>
        completions.map((answer) => ({ of, ...answer, ...common.samples[index]! })),
      ),
    );
    const items = asked.map(({ imagePath, prompt, text }) => ({ images: [imagePath], prompt, completion: text }));
    const on = await score({ model: common.modelPath, adapter: adapterPath, items });
    const off = await score({ model: common.modelPath, items });
    const sumOf = ({ logprobs }: { logprobs: number[] }): number => logprobs.reduce((sum, value) => sum + value, 0);
    let compared = 0;
    for (const [index, { of, tokens, truncated, logRatio }] of asked.entries()) {
      // A random model writes bytes, and not all of them are the same tokens when they are read again.
      if (!truncated || on[index]?.completionIds.length !== tokens) continue;
      const difference = sumOf(on[index]) - sumOf(off[index]!);
      expect(logRatio).toBeCloseTo(of === 'tuned' ? difference : -difference, 3);
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(5);
  });

  it('is exactly zero for an adapter that changes nothing', async () => {
    await cp(adapterPath, folder, { recursive: true });
    const path = join(folder, 'adapter_model.safetensors');
    const bytes = await readFile(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
      string,
      { data_offsets?: [number, number] }
    >;
    for (const [name, { data_offsets: [from, to] = [0, 0] }] of Object.entries(header))
      if (name.includes('lora_B')) bytes.fill(0, 8 + length + from, 8 + length + to);
    await writeFile(path, bytes);
    const { tuned, base } = await measured(folder);
    expect(tuned).toEqual(base);
    for (const { logRatio } of tuned.flatMap(({ completions }) => completions)) expect(logRatio).toBe(0);
  });
});
