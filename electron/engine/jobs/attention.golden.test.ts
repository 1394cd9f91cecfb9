/** @file Where every family looks, against transformers' eager attention (fixtures/families/attention.py). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../formats/safetensors.ts';
import { layerBands } from '../model/attention-weights.ts';
import { createPolicy } from '../policy/policy.ts';
import { loadModel } from '../policy/loaded-model.ts';
import { floats } from '../runtime/program.ts';
import { farthest, fixture, goldenJson } from '../testing/tiny.ts';
import { attention } from './attention.ts';
import { cellsOfPictures } from './picture-cells.ts';
import { answerPass, answerPolicy } from './token-choices.ts';

const families = new URL('../fixtures/families/', import.meta.url).pathname;
const FOLDERS = [
  'qwen2-vl',
  ...readdirSync(families).filter((name) => /^[a-z0-9-]+$/.test(name) && name !== 'attention'),
];
const A = { image: 'rgb_70x70.png', prompt: 'How many things are there?' };
const B = [
  { role: 'system', content: 'Answer briefly.' },
  {
    role: 'user',
    content: [
      { type: 'image', image: join(fixture, 'images/tall_42x98.png') },
      { type: 'text', text: 'Compare it with this one:' },
      { type: 'image', image: join(fixture, 'images/big_219x161.png') },
      { type: 'text', text: 'What differs?' },
    ],
  },
];

function modelOf(family: string): string {
  return family === 'qwen2-vl' ? join(fixture, 'model') : join(families, family, 'model');
}

async function goldenOf(family: string): Promise<Record<string, Float32Array>> {
  const reader = await openSafetensors(join(families, 'attention', `${family}.safetensors`));
  const values: Record<string, Float32Array> = {};
  for (const name of reader.names()) values[name] = await reader.readFloat32(name);
  await reader.close();
  return values;
}

describe.each(FOLDERS)('%s', (family) => {
  it('looks where the reference looks, in each layer, at one picture and at two', async () => {
    const golden = await goldenOf(family);
    const model = await loadModel(modelOf(family));
    const { processor } = model;
    const bands = layerBands(processor.config, processor.config.numLayers);
    const prompts = {
      A: await processor.prepare({ prompt: A.prompt, imagePaths: [join(fixture, 'images', A.image)] }),
      B: await processor.prepare({ messages: B as never }),
    };
    for (const [key, prompt] of Object.entries(prompts)) {
      const ids = Array.from(golden[`${key}.ids`]!);
      const policy = await createPolicy(answerPolicy(model, null, [prompt], ids.length, 3, bands));
      const seen = floats((await answerPass(policy, model, prompt, ids)) as Record<string, Float32Array>, 'attention');
      const { promptLength } = policy.shape;
      policy.dispose();
      const start = promptLength - prompt.inputIds.length;
      bands.forEach(({ first: layer }, band) => {
        const wanted = golden[`${key}.layer${layer}`]!;
        const width = wanted.length / ids.length;
        ids.forEach((_, token) => {
          const at = (band * ids.length + token) * promptLength;
          const row = seen.subarray(at + start, at + promptLength);
          const expected = wanted.subarray(token * width, token * width + prompt.inputIds.length);
          expect(farthest(row, expected), `${key}, layer ${layer}, token ${token}`).toBeLessThan(1e-4);
          // Padding gets nothing.
          expect(Math.max(0, ...seen.subarray(at, at + start))).toBeLessThan(1e-9);
        });
      });
    }
  });

  it('tells the shares of pictures, prompt and answer, which are one together', async () => {
    const golden = await goldenOf(family);
    const tokenIds = Array.from(golden['A.ids']!);
    const job = {
      model: modelOf(family),
      images: [join(fixture, 'images', A.image)],
      prompt: A.prompt,
      answer: { tokenIds },
      alternatives: 3,
    };
    const told = await attention(job);
    const { processor } = await loadModel(job.model);
    const prompt = await processor.prepare({ prompt: A.prompt, imagePaths: job.images });
    const [cells] = cellsOfPictures(prompt, processor.config);
    expect(told.pictures).toEqual([{ rows: cells!.rows, columns: cells!.columns }]);
    expect(told.tokens.map(({ id }) => id)).toEqual(tokenIds);
    const layers = layerBands(processor.config, processor.config.numLayers).map(({ first }) => first);
    const width = golden[`A.layer${layers[0]!}`]!.length / tokenIds.length;
    told.bands[0]!.tokens.forEach((token, index) => {
      expect(token.picture + token.prompt + token.answer).toBeCloseTo(1, 3);
      const sum = token.pictures.flat().reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(token.picture, 3);
      let wanted = 0;
      for (const layer of layers) {
        for (const { place } of cells!.spread)
          wanted += golden[`A.layer${layer}`]![index * width + place]! / layers.length;
      }
      expect(Math.abs(token.picture - wanted)).toBeLessThan(1e-4);
    });
  });
});

describe('the attention job', () => {
  const model = join(fixture, 'model');
  const images = [join(fixture, 'images', A.image)];

  it('divides a text into tokens, and tells how likely each was', async () => {
    const told = await attention({ model, images, prompt: A.prompt, answer: { text: 'two' }, alternatives: 2 });
    expect(told.tokens.map(({ text }) => text).join('')).toBe('two');
    expect(told.tokens.every(({ logprob, top }) => logprob < 0 && top.length === 2)).toBe(true);
    expect(told).toMatchObject({ omitted: 0, layers: 2 });
    expect(told.bands.map(({ first, last }) => [first, last])).toEqual([
      [1, 2],
      [1, 1],
      [2, 2],
    ]);
  });

  it('sees the adapter', async () => {
    const job = { model, images, prompt: A.prompt, answer: { text: 'two' }, alternatives: 2 };
    const [base, tuned] = [await attention(job), await attention({ ...job, adapter: join(fixture, 'lora') })];
    expect(tuned.bands[0]!.tokens[0]!.picture).not.toBeCloseTo(base.bands[0]!.tokens[0]!.picture, 3);
  });

  it('tells the beginning of a very long answer, and how much it left out', async () => {
    const { ids } = await goldenJson<{ ids: number[] }[]>('tokenization.json').then((all) => all[0]!);
    const tokenIds = Array.from({ length: 300 }, (_, index) => ids[index % ids.length]!);
    const told = await attention({ model, images, prompt: A.prompt, answer: { tokenIds }, alternatives: 1 });
    expect([told.tokens.length, told.omitted]).toEqual([256, 44]);
  });

  it.each([
    ['no picture', { images: [] }, 'no picture'],
    ['an answer of no tokens', { answer: { text: '' } }, 'no tokens'],
    ['a token that the model lacks', { answer: { tokenIds: [99_999] } }, '99999'],
    ['too little memory', { memoryLimitBytes: 1 }, 'memory'],
  ])('refuses %s in a sentence', async (_, change, words) => {
    const job = { model, images, prompt: A.prompt, answer: { text: 'two' }, alternatives: 1, ...change };
    await expect(attention(job)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(words) as string,
    });
  });
});
