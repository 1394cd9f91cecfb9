/** @file Conversations render exactly as in the reference, with the template in each place it may be stored. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadChatTemplate, mustTakeSystem, type ChatMessage } from './chat-template.ts';

interface GoldenChat {
  messages: ChatMessage[];
  rendered: string;
  rendered_no_generation_prompt: string;
  rendered_add_vision_id: string;
}

const TINY = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/', import.meta.url));
const CHATS = JSON.parse(readFileSync(join(TINY, 'golden/chat.json'), 'utf8')) as Record<string, GoldenChat>;

async function folderWith(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'atelier-template-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

describe('loadChatTemplate', () => {
  it.each(Object.entries(CHATS))('renders conversation %s', async (_, golden) => {
    const template = await loadChatTemplate(join(TINY, 'model'));
    expect(await template.render(golden.messages, { addGenerationPrompt: true })).toBe(golden.rendered);
    expect(await template.render(golden.messages, { addGenerationPrompt: false })).toBe(
      golden.rendered_no_generation_prompt,
    );
    expect(await template.render(golden.messages, { addGenerationPrompt: true, addVisionId: true })).toBe(
      golden.rendered_add_vision_id,
    );
  });

  it('finds the same template in chat_template.json and tokenizer_config.json', async () => {
    const { source } = await loadChatTemplate(join(TINY, 'model'));
    for (const name of ['chat_template.json', 'tokenizer_config.json']) {
      const dir = await folderWith({ [name]: readFileSync(join(TINY, 'model', name), 'utf8') });
      expect((await loadChatTemplate(dir)).source).toBe(source);
    }
  });

  it('takes the default of several templates, and the .jinja file before all', async () => {
    const list = JSON.stringify({
      chat_template: [
        { name: 'tool', template: 'T' },
        { name: 'default', template: 'D' },
      ],
    });
    expect((await loadChatTemplate(await folderWith({ 'tokenizer_config.json': list }))).source).toBe('D');
    expect(
      (await loadChatTemplate(await folderWith({ 'tokenizer_config.json': list, 'chat_template.jinja': 'J' }))).source,
    ).toBe('J');
  });

  it.each([
    ['a template that is not Jinja', { 'chat_template.jinja': '{% for x in %}' }],
    ['a template of the wrong kind', { 'chat_template.json': '{"chat_template": 3}' }],
    ['null in the list of templates', { 'tokenizer_config.json': '{"chat_template": [null]}' }],
    ['a file that is not JSON', { 'chat_template.json': '{' }],
  ])('refuses %s', async (_, files) => {
    await expect(loadChatTemplate(await folderWith(files))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('names the file when the template itself refuses a conversation', async () => {
    const dir = await folderWith({ 'chat_template.jinja': "{{ raise_exception('only questions') }}" });
    const template = await loadChatTemplate(dir);
    await expect(template.render([], { addGenerationPrompt: true })).rejects.toThrow(
      /chat_template\.jinja.*only questions/,
    );
  });

  it.each([
    ['takes', '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}', true],
    ['drops', "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", false],
    [
      'refuses',
      "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages }}",
      false,
    ],
  ])('tells a template that %s a system message', async (_, source, takes) => {
    const template = await loadChatTemplate(await folderWith({ 'chat_template.jinja': source }));
    expect(await template.takesSystem()).toBe(takes);
    const asked = expect(mustTakeSystem(template));
    await (takes
      ? asked.resolves.toBeUndefined()
      : asked.rejects.toMatchObject({ code: 'BAD_INPUT', place: { field: 'systemPrompt' } }));
  });

  it('says when there is none', async () => {
    await expect(loadChatTemplate(await folderWith({}))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
