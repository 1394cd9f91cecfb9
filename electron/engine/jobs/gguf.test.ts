/** @file GGUF files of every family: tensor by tensor what the merged safetensors hold, and readable by others. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { GgufEvent, GgufJob } from '../../contract/engine/engine.ts';
import { decodeGgml } from '../../formats/gguf/ggml-values.ts';
import { openGguf } from '../../formats/gguf/gguf-file.ts';
import { openCheckpointTensors } from '../../formats/safetensors.ts';
import { fixture } from '../testing/tiny.ts';
import { writeGguf } from './gguf.ts';
import { merge } from './merge.ts';

const families = join(fixture, '..', 'families');
const FAMILIES = {
  'qwen2-vl': fixture,
  'qwen2-5-vl': join(families, 'qwen2-5-vl'),
  'qwen3-vl': join(families, 'qwen3-vl'),
  smolvlm: join(families, 'smolvlm'),
} as const;
const python = process.env['ATELIER_PYTHON'] ?? 'python3';
const hasGguf = await promisify(execFile)(python, ['-c', 'import gguf']).then(
  () => true,
  () => false,
);

async function write(folder: string, job: Partial<GgufJob> = {}, signal?: AbortSignal) {
  const out = await mkdtemp(join(tmpdir(), 'atelier-gguf-'));
  const whole = { modelPath: join(folder, 'model'), adapterPath: join(folder, 'lora'), folder: out };
  let done: Extract<GgufEvent, { type: 'done' }> | undefined;
  const rest = { weights: 'f16', name: 'tiny', licence: 'MIT', metadata: { 'atelier.run_id': 'run-1' } } as const;
  for await (const event of writeGguf({ ...whole, ...rest, ...job }, signal)) if (event.type === 'done') done = event;
  if (done === undefined) throw new Error('The job did not end.');
  return { out, ...done };
}

describe.each(Object.entries(FAMILIES))('%s', (family, folder) => {
  it('holds the merged weights, rounded once, and everything that llama.cpp asks for', async () => {
    const { out, check } = await write(folder);
    const merged = await mkdtemp(join(tmpdir(), 'atelier-gguf-'));
    const job = { modelPath: join(folder, 'model'), adapterPath: join(folder, 'lora'), folder: merged, metadata: {} };
    for await (const _ of merge(job));
    const [model, mmproj, wanted] = [
      await openGguf(join(out, 'model-F16.gguf')),
      await openGguf(join(out, 'mmproj-F16.gguf')),
      await openCheckpointTensors(merged),
    ];
    const name = wanted.names().find((each) => each.endsWith('layers.1.mlp.down_proj.weight'))!;
    const stored = decodeGgml(await model.readBytes('blk.1.ffn_down.weight'), 'F16');
    const values = await wanted.readFloat32(name);
    stored.forEach((value, i) =>
      expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(2 ** -11 * Math.abs(values[i]!) + 1e-7),
    );
    expect(check.files.every(({ largestError }) => largestError > 0 && largestError < 2 ** -10)).toBe(true);
    expect(check.adapter?.silent).toEqual([]);
    expect(model.metadata.get('general.architecture')?.[1]).toBe(
      { 'qwen3-vl': 'qwen3vl', smolvlm: 'llama' }[family] ?? 'qwen2vl',
    );
    expect(model.metadata.get('tokenizer.ggml.pre')?.[1]).toBe(family === 'smolvlm' ? 'smollm' : 'qwen2');
    expect(model.metadata.get('tokenizer.ggml.tokens')?.[1]).toHaveLength(
      model.tensors.get('token_embd.weight')!.shape[0]!,
    );
    expect(model.metadata.has('tokenizer.chat_template')).toBe(true);
    expect(mmproj.metadata.get('general.type')?.[1]).toBe('mmproj');
    await Promise.all([model.close(), mmproj.close(), wanted.close()]);
  });
});

it('stores blocks of 8 bits, and names what does not fill them', async () => {
  const { check } = await write(FAMILIES['qwen3-vl'], { weights: 'q8_0' });
  const [model, mmproj] = check.files;
  expect(model).toMatchObject({ name: 'model-Q8_0.gguf', fallbacks: [] });
  expect(mmproj?.fallbacks).toContain('v.blk.0.attn_q.weight');
  expect(model?.largestError).toBeLessThan(0.5 / 127 + 1e-3);
});

it('stores 4 and 6 bits as llama-quantize does, with a tower of 8, and names what does not fill the blocks', async () => {
  const { out, check } = await write(FAMILIES['qwen3-vl'], { weights: 'q4_k_m' });
  expect(check.files.map(({ name }) => name)).toEqual(['model-Q4_K_M.gguf', 'mmproj-Q8_0.gguf']);
  const [model] = check.files;
  const { metadata, tensors, close } = await openGguf(join(out, 'model-Q4_K_M.gguf'));
  expect(metadata.get('general.file_type')).toEqual(['u32', 15]);
  expect(model?.entries).toBe(metadata.size);
  // The rows of this model have less than 256 values: q5_0 stands for q4_K, and q8_0 for q6_K.
  expect(tensors.get('blk.0.attn_q.weight')?.type).toBe('Q5_0');
  expect(tensors.get('blk.2.ffn_down.weight')?.type).toBe('Q8_0');
  expect(tensors.get('output_norm.weight')?.type).toBe('F32');
  expect(model?.fallbacks).toContain('blk.0.attn_q.weight');
  await close();
});

it('refuses a damaged file, naming it', async () => {
  await expect(openGguf(join(fixture, 'model', 'model.safetensors'))).rejects.toThrow('is not a GGUF file');
});

it('stops when cancelled', async () => {
  await expect(write(fixture, {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
});

describe.skipIf(!hasGguf)("with PyPI's gguf", () => {
  it('reads the same tensors and values', async () => {
    const { out } = await write(fixture, { weights: 'q8_0' });
    const program = `
import json, sys
from gguf import GGUFReader
from gguf.quants import dequantize
reader = GGUFReader(sys.argv[1])
print(json.dumps({t.name: [list(map(int, t.shape)), float(abs(dequantize(t.data, t.tensor_type)).sum())] for t in reader.tensors}))
`;
    for (const name of ['model-Q8_0.gguf', 'mmproj-Q8_0.gguf', 'adapter/lora-F32.gguf']) {
      const { stdout } = await promisify(execFile)(python, ['-c', program, join(out, name)]);
      const theirs = JSON.parse(stdout) as Record<string, [number[], number]>;
      const ours = await openGguf(join(out, name));
      expect(Object.keys(theirs)).toEqual([...ours.tensors.keys()]);
      for (const [tensor, { type, shape }] of ours.tensors) {
        expect(theirs[tensor]?.[0], tensor).toEqual([...shape].reverse());
        const sum = decodeGgml(await ours.readBytes(tensor), type).reduce((total, value) => total + Math.abs(value), 0);
        expect(theirs[tensor]![1] / sum, tensor).toBeCloseTo(1, 4);
      }
      await ours.close();
    }
  });
});
