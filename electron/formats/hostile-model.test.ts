/** @file A model's folder whose own programs or numbers would hang or fill whoever reads it: each ends with its name. */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadChatTemplate } from './chat-template.ts';
import { hashCheckpoint, readCheckpoint, readCheckpointSettings } from './checkpoint.ts';
import type { ThreadLimits } from './expendable-thread.ts';
import { loadTokenizer } from './tokenizer.ts';

const TINY = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/model', import.meta.url));
/** Enough for a thread to start on a busy machine. */
const SHORT: ThreadLimits = { memoryMb: 2048, stillMs: 2500, answerMs: 10_000 };

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'atelier-hostile-model-')), 'model');
  await cp(TINY, dir, { recursive: true });
});

async function change(name: string, edit: (json: Record<string, unknown>) => void): Promise<void> {
  const json = JSON.parse(await readFile(join(dir, name), 'utf8')) as Record<string, unknown>;
  edit(json);
  await writeFile(join(dir, name), JSON.stringify(json));
}

const grown = (value: string, step: string): string =>
  `{% set ns = namespace(v=${value}) %}{% for i in range(60) %}{% set ns.v = ${step} %}{% endfor %}{{ ns.v | tojson }}`;

describe('a chat template', () => {
  it.each([
    ['counts to a thousand million', '{% for i in range(1000000000) %}{% endfor %}'],
    ['nests its loops', '{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}'],
    ['indents without end', '{{ "a\nb" | indent(400000000) }}{{ "a\nb" | indent(400000000) }}'],
    ['puts texts into texts', `{{ "${'x'.repeat(30_000)}" | replace("x", "${'y'.repeat(30_000)}") }}`],
    ['doubles a list', grown('[1, 2]', 'ns.v + ns.v')],
    ['doubles a text', grown('"ab"', 'ns.v ~ ns.v')],
    ['doubles what a list stands for', grown('[1]', '[ns.v, ns.v]')],
    ['renders a text without end', `{% for i in range(90000) %}${'x'.repeat(100)}{% endfor %}`],
  ])('that %s is refused with its file, and the next one renders', async (_, source) => {
    const file = join(dir, 'chat_template.jinja');
    await writeFile(file, source);
    const hostile = await loadChatTemplate(dir);
    await expect(hostile.render([], { addGenerationPrompt: true })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file },
      message: expect.stringContaining(file) as string,
    });
    const good = await loadChatTemplate(TINY);
    expect(await good.render([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true })).toContain('Hi');
  });

  it('keeps the sentence of a template that refuses, and shows nothing of the parser itself', async () => {
    await writeFile(join(dir, 'chat_template.jinja'), '{{ messages | no_such_filter }}');
    const { render } = await loadChatTemplate(dir);
    await expect(render([], { addGenerationPrompt: true })).rejects.toThrow(/cannot be used: .*no_such_filter/);
    await writeFile(join(dir, 'chat_template.jinja'), `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`);
    await expect(loadChatTemplate(dir)).rejects.toThrow(/cannot be used: it is nested too deeply/);
  });
});

describe('a tokenizer', () => {
  it('whose pattern backtracks for ever is refused with its file, and the next one encodes', async () => {
    await change('tokenizer.json', (json) => {
      json['pre_tokenizer'] = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false };
    });
    const tokenizer = await loadTokenizer(dir, SHORT);
    await expect(tokenizer.encode(`${'a'.repeat(60)}!`)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(dir, 'tokenizer.json') },
      message: expect.stringContaining('took longer than') as string,
    });
    expect(await (await loadTokenizer(TINY)).encode('Hi')).not.toEqual([]);
  });

  it('whose pattern is not one is refused when it is loaded', async () => {
    await change('tokenizer.json', (json) => {
      json['pre_tokenizer'] = { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated', invert: false };
    });
    await expect(loadTokenizer(dir)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(dir, 'tokenizer.json') },
    });
  });

  it('whose vocabulary needs more memory than its thread has ends only the thread', async () => {
    await change('tokenizer.json', (json) => {
      const model = json['model'] as { vocab: Record<string, number> };
      for (let id = 1000; id < 400_000; id += 1) model.vocab[`token number ${id}`] = id;
    });
    await expect(loadTokenizer(dir, { ...SHORT, memoryMb: 24 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(dir, 'tokenizer.json') },
      // Looking for memory again and again may take the time instead.
      message: expect.stringMatching(/needs more than 24 MB of memory|took longer than/) as string,
    });
  });

  it('that changes while the model is in use is not used', async () => {
    const tokenizer = await loadTokenizer(dir);
    await change('tokenizer.json', (json) => (json['version'] = 'another'));
    // The thread still has the first one; a thread of its own has not.
    expect(await tokenizer.encode('Hi')).not.toEqual([]);
    const alone = await loadTokenizer(dir, SHORT);
    await change('tokenizer.json', (json) => (json['version'] = 'a third'));
    await expect(alone.encode('Hi')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a configuration', () => {
  it.each([
    ['num_hidden_layers', 3_000_000],
    ['vocab_size', 4_000_000_000],
    ['max_position_embeddings', 1e15],
    ['hidden_size', 2 ** 40],
  ])('with %s %d is refused before anything is made from it', async (field, value) => {
    await change('config.json', (json) => {
      const holder = (json['text_config'] ?? json) as Record<string, unknown>;
      holder[field] = value;
    });
    await expect(readCheckpointSettings(dir)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(dir, 'config.json'), field: expect.stringContaining(field) as string },
    });
  });

  it('that asks for more layers than the weights have tensors is refused with both numbers', async () => {
    await change('config.json', (json) => {
      const holder = (json['text_config'] ?? json) as Record<string, unknown>;
      holder['num_hidden_layers'] = 1000;
    });
    await expect(readCheckpoint(dir)).rejects.toThrow(
      /"num_hidden_layers" is 1000, but the weights have only \d+ tensors/,
    );
  });

  it('that would enlarge every picture is refused', async () => {
    await change('preprocessor_config.json', (json) => {
      delete json['size'];
      json['min_pixels'] = 1e12;
      json['max_pixels'] = 1e12;
    });
    await expect(readCheckpointSettings(dir)).rejects.toMatchObject({ place: { field: 'min_pixels' } });
  });

  it('nested deeper than the call stack is refused in words', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const text = await readFile(join(dir, 'generation_config.json'), 'utf8');
    const json = JSON.stringify({ ...(JSON.parse(text) as object), eos_token_id: 0 });
    await writeFile(join(dir, 'generation_config.json'), json.replace('"eos_token_id":0', `"eos_token_id":${deep}`));
    await expect(readCheckpointSettings(dir)).rejects.toThrow(/"eos_token_id" is nested too deeply/);
  });
});

describe.skipIf(process.platform === 'win32')('a file of the folder', () => {
  it.each(['config.json', 'tokenizer.json', 'model.safetensors', 'chat_template.jinja'])(
    'that is a pipe or a device (%s) is refused and never waited for',
    async (name) => {
      for (const make of [() => spawnSync('mkfifo', [join(dir, name)]), () => symlink('/dev/zero', join(dir, name))]) {
        await rm(join(dir, name), { force: true });
        await make();
        await expect(hashCheckpoint(dir)).rejects.toMatchObject({ code: 'BAD_INPUT' });
      }
    },
  );

  it('may be a link to a file, as in the cache of the hub', async () => {
    await rm(join(dir, 'config.json'));
    await symlink(join(TINY, 'config.json'), join(dir, 'config.json'));
    const checkpoint = await readCheckpoint(dir);
    await checkpoint.tensors.close();
    expect(await hashCheckpoint(dir)).toBe(await hashCheckpoint(TINY));
  });
});
