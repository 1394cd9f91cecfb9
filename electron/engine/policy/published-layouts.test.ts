/** @file The layouts in which models are published: the same model, laid out otherwise, gives the reference's own inputs. */
import { readFileSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SampleJob } from '../../contract/engine/engine.ts';
import { hashCheckpoint, readCheckpoint } from '../../formats/checkpoint.ts';
import { openSafetensors, writeSafetensors, type TensorEntry } from '../../formats/safetensors.ts';
import { sample } from '../jobs/sample.ts';
import { score } from '../jobs/score.ts';
import { fixture } from '../testing/tiny.ts';
import { createProcessor, type PreparedPrompt } from './processor.ts';

type Json = Record<string, unknown>;
const IMAGE = join(fixture, 'images/big_219x161.png');
const CHAT = (
  JSON.parse(readFileSync(join(fixture, 'golden/chat.json'), 'utf8')) as Record<string, { input_ids: number[] }>
)['A']!;

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'atelier-layout-')), 'Modell für Bilder 画像');
  await cp(join(fixture, 'model'), dir, { recursive: true });
});

async function edit(name: string, change: (json: Json) => void): Promise<void> {
  const json = JSON.parse(await readFile(join(dir, name), 'utf8')) as Json;
  change(json);
  await writeFile(join(dir, name), JSON.stringify(json));
}

const question = async (): Promise<PreparedPrompt> =>
  (await createProcessor(dir)).prepare({
    prompt: 'How many different items are there in the image?',
    imagePaths: [join(fixture, 'images/rgb_70x70.png')],
  });

/** Image tokens of a picture that every limit in these tests shrinks or not. */
const imageTokens = async (): Promise<number> => {
  const { grid } = (await (await createProcessor(dir)).prepare({ prompt: 'x', imagePaths: [IMAGE] })).images[0]!;
  return (grid[1] * grid[2]) / 4;
};

describe('special tokens', () => {
  it('may stand in added_tokens_decoder only, as Qwen2-VL-2B-Instruct has them', async () => {
    await edit('tokenizer.json', (json) => {
      const added = json['added_tokens'] as { content: string }[];
      json['added_tokens'] = added.filter(({ content }) => /endoftext|im_start|im_end/.test(content));
    });
    expect(JSON.stringify(await readFile(join(dir, 'tokenizer_config.json'), 'utf8'))).toContain('image_pad');
    expect((await question()).inputIds).toEqual(CHAT.input_ids);
  });

  it('are refused where the two files disagree', async () => {
    await edit('tokenizer_config.json', (json) => {
      (json['added_tokens_decoder'] as Record<string, Json>)['318']!['content'] = '<other>';
    });
    await expect(createProcessor(dir)).rejects.toThrow(/tokenizer_config\.json gives the id 318 to "<other>"/);
  });
});

describe('image processor settings', () => {
  const limits = [3136, 7840] as const;
  it.each<[string, (json: Json) => void]>([
    ['min_pixels and max_pixels', (json) => void ([json['min_pixels'], json['max_pixels']] = limits)],
    [
      'size.shortest_edge and longest_edge',
      (json) => void (json['size'] = { shortest_edge: limits[0], longest_edge: limits[1] }),
    ],
    [
      'size.min_pixels and max_pixels',
      (json) => void (json['size'] = { min_pixels: limits[0], max_pixels: limits[1] }),
    ],
  ])('have their limits in %s, in either file, and count for the model', async (_, state) => {
    const whole = await imageTokens();
    const clean = (json: Json): void => {
      delete json['min_pixels'];
      delete json['max_pixels'];
      delete json['size'];
    };
    await edit('preprocessor_config.json', (json) => {
      clean(json);
      state(json);
    });
    const tokens = await imageTokens();
    expect(tokens).toBeLessThan(whole);
    const settings = JSON.parse(await readFile(join(dir, 'preprocessor_config.json'), 'utf8')) as Json;
    await rm(join(dir, 'preprocessor_config.json'));
    await writeFile(join(dir, 'processor_config.json'), JSON.stringify({ image_processor: settings }));
    expect(await imageTokens()).toBe(tokens);
    const before = await hashCheckpoint(dir);
    await writeFile(
      join(dir, 'processor_config.json'),
      JSON.stringify({ image_processor: { ...settings, do_normalize: false } }),
    );
    expect(await hashCheckpoint(dir)).not.toBe(before);
  });

  it('under image_processor come before preprocessor_config.json, as in transformers', async () => {
    const whole = await imageTokens();
    await writeFile(join(dir, 'processor_config.json'), JSON.stringify({ image_processor: { max_pixels: 7840 } }));
    expect(await imageTokens()).toBeLessThan(whole);
  });

  it('may leave out the normalisation', async () => {
    await edit('preprocessor_config.json', (json) => (json['do_normalize'] = false));
    const { pixelValues } = (await question()).images[0]!;
    expect(Math.min(...pixelValues)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pixelValues)).toBeLessThanOrEqual(1);
  });

  it.each<[string, unknown]>([
    ['do_resize', false],
    ['do_rescale', false],
    ['do_convert_rgb', false],
    ['do_center_crop', true],
    ['rescale_factor', 0.5],
    ['resample', 2],
    ['image_processor_type', 'CLIPImageProcessor'],
  ])('are refused with %s %j, never ignored', async (field, value) => {
    await edit('preprocessor_config.json', (json) => (json[field] = value));
    const place = { file: join(dir, 'preprocessor_config.json'), field };
    await expect(createProcessor(dir)).rejects.toMatchObject({ code: 'BAD_INPUT', place });
  });

  it('that are missing altogether are asked for', async () => {
    await rm(join(dir, 'preprocessor_config.json'));
    await expect(createProcessor(dir)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('does not say how pictures are resized') as string,
      remedy: expect.stringContaining('max_pixels') as string,
    });
  });
});

describe('a chat template that takes content as one text only', () => {
  const TEXT_ONLY =
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  it('gets texts, with the tokens of a picture in them', async () => {
    for (const name of ['chat_template.json', 'chat_template.jinja']) await rm(join(dir, name), { force: true });
    await writeFile(join(dir, 'chat_template.jinja'), TEXT_ONLY);
    const { text, images } = await question();
    expect(text).toBe(
      '<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>How many different items are there in the image?<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(images).toHaveLength(1);
  });
});

describe('weights', () => {
  async function entries(dtypeOf: (index: number) => TensorEntry['dtype']): Promise<TensorEntry[]> {
    const reader = await openSafetensors(join(fixture, 'model/model.safetensors'));
    const found: TensorEntry[] = [];
    for (const [index, name] of reader.names().entries())
      found.push({ name, dtype: dtypeOf(index), shape: reader.info(name).shape, data: await reader.readFloat32(name) });
    await reader.close();
    return found;
  }

  const answer = async (): Promise<readonly number[]> => {
    const items = [{ images: [IMAGE], prompt: 'How many?', completion: '3 items' }];
    return (await score({ model: dir, items }))[0]!.logprobs;
  };

  /** Divides them into two files with an index. */
  async function divide(): Promise<void> {
    const all = await entries(() => 'F32');
    await rm(join(dir, 'model.safetensors'));
    const map: Record<string, string> = {};
    for (const part of [0, 1]) {
      const name = `model-0000${part + 1}-of-00002.safetensors`;
      const own = all.filter((_, index) => index % 2 === part);
      await writeSafetensors(join(dir, name), own);
      for (const entry of own) map[entry.name] = name;
    }
    await writeFile(join(dir, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
  }

  it('that end too early in one of several files are refused with that file', async () => {
    await divide();
    const cut = join(dir, 'model-00002-of-00002.safetensors');
    await truncate(cut, (await stat(cut)).size - 4);
    await expect(readCheckpoint(dir)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: cut } });
  });

  it('lie in several files, as links into the cache of the hub, with the same results', async () => {
    const before = await answer();
    await divide();
    const cache = join(dir, '../models--me--tiny');
    const snapshot = join(cache, 'snapshots/0123abc');
    for (const folder of [join(cache, 'blobs'), snapshot]) await mkdir(folder, { recursive: true });
    for (const [index, name] of (await readdir(dir)).entries()) {
      await rename(join(dir, name), join(cache, 'blobs', String(index)));
      await symlink(join('../../blobs', String(index)), join(snapshot, name));
    }
    dir = snapshot;
    expect(await answer()).toEqual(before);
    expect(await hashCheckpoint(dir)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('may mix float32, float16 and bfloat16, and have a null for metadata', async () => {
    const before = await answer();
    await writeSafetensors(
      join(dir, 'model.safetensors'),
      await entries((index) => (['F32', 'F16', 'BF16'] as const)[index % 3]!),
      { a: 'b' },
    );
    const bytes = await readFile(join(dir, 'model.safetensors'));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = bytes
      .subarray(8, 8 + length)
      .toString()
      .replace('{"a":"b"}', 'null     ');
    await writeFile(
      join(dir, 'model.safetensors'),
      Buffer.concat([bytes.subarray(0, 8), Buffer.from(header), bytes.subarray(8 + length)]),
    );
    // Rounded weights, so the answers agree roughly.
    (await answer()).forEach((value, index) => expect(Math.abs(value - before[index]!)).toBeLessThan(0.5));
  });

  it.each<[string, string]>([
    ['model.layers.0.self_attn.q_proj.qweight', 'AWQ or GPTQ'],
    ['model.layers.0.mlp.up_proj.weight.absmax', 'bitsandbytes'],
    ['model.layers.0.mlp.up_proj.weight_scale_inv', 'FP8'],
  ])('that are quantised are refused by name: %s', async (name, method) => {
    const extra: TensorEntry = { name, dtype: 'F32', shape: [1], data: new Float32Array(1) };
    await writeSafetensors(join(dir, 'model.safetensors'), [...(await entries(() => 'F32')), extra]);
    await expect(readCheckpoint(dir)).rejects.toMatchObject({
      message: expect.stringContaining(`quantised with ${method} (tensor "${name}")`) as string,
      remedy: expect.stringContaining('bfloat16') as string,
    });
  });

  it('may make the token of a picture or a video the likeliest, and it is not drawn even so', async () => {
    const likelier = async (id: number, than: number): Promise<void> => {
      const all = await entries(() => 'F32');
      const { data, shape } = all.find(({ name }) => name.endsWith('embed_tokens.weight')) as TensorEntry;
      const [rows, width = 0] = [data as Float32Array, shape[1]];
      // The output layer has the same weights, so the logit is three times as large.
      for (let at = 0; at < width; at += 1) rows[id * width + at] = 3 * (rows[than * width + at] ?? 0);
      await writeSafetensors(join(dir, 'model.safetensors'), all);
    };
    const said = async (): Promise<string | undefined> => {
      const samples = [{ id: 's', imagePath: IMAGE, prompt: 'How many?', answer: '1', task: 'counting' }];
      const asked = { modelPath: dir, promptTemplate: '{question}', samples, numGenerations: 1, greedy: true };
      const job = SampleJob.parse({ ...asked, temperature: 1, topP: 1, maxNewTokens: 6, seed: 1 });
      for await (const event of sample(job)) if (event.type === 'groups') return event.groups[0]?.completions[0]?.text;
      return undefined;
    };
    const { config, tokenizer } = await createProcessor(dir);
    const before = await said();
    const [first = 0, ...more] = await tokenizer.encode(' different');
    expect([before?.includes(' different'), more]).toEqual([true, []]);
    for (const id of [config.imageTokenId, config.videoTokenId]) {
      await likelier(id ?? NaN, first);
      expect(await said()).toBe(before);
    }
    // The last letter of the alphabet is in no prompt.
    const [other = 0] = await tokenizer.encode('Z');
    await likelier(other, first);
    expect(await said()).not.toBe(before);
  });

  it('that the configuration calls quantised are refused with the method', async () => {
    await edit('config.json', (json) => (json['quantization_config'] = { quant_method: 'awq', bits: 4 }));
    await expect(createProcessor(dir)).rejects.toMatchObject({
      message: expect.stringContaining('quantised with AWQ') as string,
      place: { field: 'quantization_config' },
    });
  });
});
