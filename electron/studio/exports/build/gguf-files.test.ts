/** @file The Modelfile with which Ollama asks as in training. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DatasetId } from '../../../contract/model/primitives.ts';
import { conversation, modelfile } from './gguf-files.ts';

const model = { path: fileURLToPath(new URL('../../../engine/fixtures/qwen2vl-tiny/model', import.meta.url)) };
const promptTemplate = '{question} Answer {{briefly}}.';

describe('a Modelfile', () => {
  it('has the system prompt of the run as SYSTEM, where a person can change it', async () => {
    const text = await modelfile(
      { recipe: { promptTemplate, systemPrompt: 'You count "exactly", twice.' }, model },
      'f16',
    );
    expect(text).toContain('SYSTEM """You count "exactly", twice."""\n');
    expect(text).toContain('{{ .System }}');
    expect(text).toContain('{{ .Prompt }} Answer {{"{{"}}briefly}}.');
    expect(text).not.toContain('ATELIER');
  });

  it.each(['Say """nothing""".', 'End with a "quote"'])(
    'keeps what SYSTEM cannot hold in the template: %s',
    async (systemPrompt) => {
      const text = await modelfile({ recipe: { promptTemplate, systemPrompt }, model }, 'f16');
      expect(text).toContain(systemPrompt);
      expect(text).not.toMatch(/^SYSTEM/m);
    },
  );

  it('has the words of the heaviest dataset of a mixture, and the conversation those of each', async () => {
    const part = (name: string, weight: number, template: string) => ({
      name,
      weight,
      promptTemplate: template,
      datasetId: DatasetId.parse('0197a000-0000-8000-8000-000000000001'),
      datasetSha256: '0'.repeat(64),
    });
    const mixture = [part('Tags', 1, '{question} Tags.'), part('Boxes', 2, '{question} Box.')];
    const recipe = { promptTemplate: '{question}', mixture };
    expect(await modelfile({ recipe, model }, 'f16')).toContain('{{ .Prompt }} Box.');
    const { text, texts } = JSON.parse(await conversation({ recipe, model })) as {
      text: string;
      texts: Record<string, string>;
    };
    expect(text).toContain('ATELIER-QUESTION Box.');
    expect(texts).toEqual({ Boxes: text, Tags: text.replace('Box.', 'Tags.') });
  });

  it('has no SYSTEM without a system prompt', async () => {
    const text = await modelfile({ recipe: { promptTemplate }, model }, 'q8_0');
    expect(text).not.toMatch(/^SYSTEM|\.System/m);
    expect(text).toContain('FROM ./mmproj-Q8_0.gguf');
  });
});
