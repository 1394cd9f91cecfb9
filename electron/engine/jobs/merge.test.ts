/** @file Merged weights: PEFT's own values in every float type, files of a chosen size, and the end on request. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MergeEvent } from '../../contract/engine/engine.ts';
import {
  openCheckpointTensors,
  openSafetensors,
  writeSafetensors,
  type TensorEntry,
} from '../../formats/safetensors.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { mergeRows } from '../runtime/merge-rows.ts';
import { fixture, goldenTensors } from '../testing/tiny.ts';
import { merge } from './merge.ts';

const MODEL = join(fixture, 'model');
const LORA = join(fixture, 'lora');
const metadata = { format: 'pt', note: 'merged' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-merge-'));
});

async function run(job: { modelPath?: string; shardBytes?: number } = {}): Promise<MergeEvent[]> {
  const events: MergeEvent[] = [];
  const whole = { modelPath: MODEL, adapterPath: LORA, folder, metadata, ...job };
  for await (const event of merge(whole)) events.push(event);
  return events;
}

describe('merge', () => {
  it('computes what merge_and_unload computes, copies all else, and hashes what it wrote', async () => {
    const done = (await run()).at(-1);
    if (done?.type !== 'done') throw new Error('The merge did not end.');
    const file = await readFile(join(folder, 'model.safetensors'));
    expect(done.files).toEqual([
      { name: 'model.safetensors', sha256: createHash('sha256').update(file).digest('hex'), sizeBytes: file.length },
    ]);
    const [base, merged] = [await openCheckpointTensors(MODEL), await openCheckpointTensors(folder)];
    expect(merged.metadata).toEqual(metadata);
    expect(merged.names()).toEqual(base.names());
    // What was read back: all of them, and the adapter changed every layer that it names.
    expect(done.check).toEqual({ tensors: base.names().length, files: 1, silent: [] });
    const golden = await goldenTensors('lora.safetensors', 'merged/');
    expect(Object.keys(golden)).toHaveLength(2);
    for (const [name, values] of Object.entries(golden)) {
      const found = await merged.readFloat32(name);
      found.forEach((value, index) => expect(value).toBeCloseTo(values[index]!, 6));
    }
    for (const name of base.names().filter((each) => !/[qv]_proj\.weight$/.test(each))) {
      expect(await merged.readBytes(name), name).toEqual(await base.readBytes(name));
    }
    await Promise.all([base.close(), merged.close()]);
  });

  it('divides a large model into files with an index, and every tensor is in its file', async () => {
    const done = (await run({ shardBytes: 200_000 })).at(-1);
    const names = (await readdir(folder)).sort();
    expect(names).toContain('model.safetensors.index.json');
    expect(names.filter((name) => /^model-0000\d-of-0000\d\.safetensors$/.test(name)).length).toBe(names.length - 1);
    expect(done?.type === 'done' && done.files.map(({ name }) => name).sort()).toEqual(names);
    const parts = await openCheckpointTensors(folder);
    const whole = await mkdtemp(join(tmpdir(), 'atelier-merge-'));
    for await (const _ of merge({ modelPath: MODEL, adapterPath: LORA, folder: whole, metadata }));
    const one = await openCheckpointTensors(whole);
    expect(parts.names()).toEqual(one.names());
    for (const name of one.names()) expect(await parts.readBytes(name), name).toEqual(await one.readBytes(name));
    await Promise.all([parts.close(), one.close()]);
  });

  it.each(['BF16', 'F16'] as const)('rounds to the type of the base: %s', async (dtype) => {
    const model = join(folder, 'base');
    await cp(MODEL, model, { recursive: true });
    const reader = await openSafetensors(join(MODEL, 'model.safetensors'));
    const entries: TensorEntry[] = [];
    for (const name of reader.names())
      entries.push({ name, dtype, shape: reader.info(name).shape, data: await reader.readFloat32(name) });
    await reader.close();
    await writeSafetensors(join(model, 'model.safetensors'), entries);
    await run({ modelPath: model });
    const merged = await openCheckpointTensors(folder);
    const golden = await goldenTensors('lora.safetensors', 'merged/');
    const steps = dtype === 'BF16' ? 2 ** -7 : 2 ** -10;
    for (const [name, values] of Object.entries(golden)) {
      expect(merged.info(name).dtype).toBe(dtype);
      const found = await merged.readFloat32(name);
      // The base was rounded once before, and the sum once more.
      found.forEach((value, index) =>
        expect(Math.abs(value - values[index]!)).toBeLessThanOrEqual(steps * (Math.abs(values[index]!) + 0.1)),
      );
    }
    await merged.close();
  });

  it('gives the same bits with and without native TensorFlow', async () => {
    const runtime = await loadRuntime();
    const random = (length: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i * 12.9898)));
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      const bytes = new Uint8Array(6 * 8 * (dtype === 'F32' ? 4 : 2));
      // Exponents of ordinary numbers.
      bytes.forEach((_, index) => (bytes[index] = index % 2 === 0 ? (index * 37) & 0xff : 0x3c));
      const job = { bytes, dtype, columns: 8, a: random(16), b: random(12), r: 2, scaling: 0.5 };
      expect(await mergeRows({ ...runtime, native: null }, job), dtype).toEqual(await mergeRows(runtime, job));
    }
  });

  it('ends with the signal', async () => {
    const cancel = new AbortController();
    cancel.abort();
    const events = merge({ modelPath: MODEL, adapterPath: LORA, folder, metadata }, cancel.signal);
    await expect(events.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
