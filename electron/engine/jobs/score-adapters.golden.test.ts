/** @file Adapters in every layout of PEFT that Atelier reads: the log-probs are PEFT's (fixtures/adapters/generate.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { score } from './score.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const TINY = join(FIXTURES, 'qwen2vl-tiny');
const GOLDEN = JSON.parse(readFileSync(join(FIXTURES, 'adapters/golden.json'), 'utf8')) as {
  image: string;
  prompt: string;
  completion: string;
  base: number[];
  adapters: Record<string, number[]>;
};

async function logprobs(adapter?: string, partialAdapter = false): Promise<number[]> {
  const { image, prompt, completion } = GOLDEN;
  const [result] = await score({
    model: join(TINY, 'model'),
    items: [{ images: [join(TINY, 'images', image)], prompt, completion }],
    ...(adapter === undefined ? {} : { adapter: join(FIXTURES, 'adapters', adapter), partialAdapter }),
  });
  return result!.logprobs;
}

function expectClose(found: readonly number[], golden: readonly number[]): void {
  expect(found).toHaveLength(golden.length);
  found.forEach((value, index) => {
    expect(value).toBeCloseTo(golden[index]!, 4);
  });
}

describe('an adapter from PEFT', () => {
  it.each(['rslora', 'patterns', 'vision', 'regex', 'excluded', 'gaussian'])(
    '"%s" computes what PEFT computes',
    async (name) => {
      expectClose(await logprobs(name), GOLDEN.adapters[name]!);
    },
  );

  it('is refused if it lacks layers that it should change, naming them, and taken as PEFT does on request', async () => {
    await expect(logprobs('missing')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(FIXTURES, 'adapters/missing/adapter_model.safetensors'), field: 'target_modules' },
      message: expect.stringContaining(
        'base_model.model.model.language_model.layers.1.mlp.down_proj.lora_A.weight, base_model.model.model.language_model.layers.1.mlp.down_proj.lora_B.weight.',
      ) as string,
    });
    expectClose(await logprobs('missing', true), GOLDEN.adapters['missing']!);
  });

  it('is refused if it holds layers that PEFT would ignore, and taken without them on request', async () => {
    await expect(logprobs('narrow')).rejects.toThrow(/does not cover.*layers\.0\.mlp\.down_proj\.lora_A/);
    expectClose(await logprobs('narrow', true), GOLDEN.adapters['narrow']!);
  });
});
