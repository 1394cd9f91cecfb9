/**
 * @file Adapters on vision tower and merger against PEFT (fixtures/tower-lora/generate.py): log-probs with the adapter beside
 * the weights and merged, from features and from pixels, and the gradients of all its factors.
 */
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openGguf } from '../../formats/gguf/gguf-file.ts';
import { loraScaling, readAdapter } from '../../formats/peft.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { hubName } from '../../formats/tensor-names.ts';
import { writeGguf } from '../jobs/gguf.ts';
import { merge } from '../jobs/merge.ts';
import { adaptedModules, loraNames } from '../model/lora.ts';
import { loadAdapter, loadModel, type LoadedAdapter } from '../policy/loaded-model.ts';
import type { PreparedPrompt } from '../policy/processor.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { floats } from '../runtime/program.ts';
import {
  farthest,
  feedsOf,
  fixture,
  largest,
  loadTiny,
  shapeOf,
  splitFeeds,
  stateOf,
  tinyProgram,
} from '../testing/tiny.ts';
import type { Tiny } from '../testing/tiny.ts';
import { completionFeeds } from './batch.ts';
import { encodeEntry, scoreEntry } from './policy-program.ts';
import { rowWeights } from './update/loss.ts';
import { updateEntry, type UpdateConfig } from './update/update-program.ts';

interface Golden {
  cases: Record<'A' | 'B', unknown>;
  completions: { case: 'A' | 'B'; ids: number[] }[];
  modules: number;
  sft: { loss: number; norms: Record<string, number> };
}

/** As the generator keeps of every gradient. */
const SAMPLES = 12;
const TEXT = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
const root = new URL('../fixtures/', import.meta.url).pathname;

describe.each(['qwen2-vl', 'qwen2-5-vl', 'qwen3-vl', 'smolvlm', 'idefics3'])('%s', (family) => {
  const folder = join(root, 'tower-lora', family);
  const modelFolder = family === 'qwen2-vl' ? join(fixture, 'model') : join(root, 'families', family, 'model');
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;
  let tiny: Tiny;
  let values: Record<string, Float32Array>;
  let prompts: PreparedPrompt[];
  let adapter: LoadedAdapter;

  beforeAll(async () => {
    await loadRuntime();
    tiny = await loadTiny(modelFolder);
    const reader = await openSafetensors(join(folder, 'golden.safetensors'));
    values = {};
    for (const name of reader.names()) values[name] = await reader.readFloat32(name);
    await reader.close();
    prompts = await Promise.all(
      (['A', 'B'] as const).map((key) => {
        const text = JSON.stringify(golden.cases[key]).replaceAll('"image":"', `"image":"${fixture}images/`);
        return tiny.processor.prepare({ messages: JSON.parse(text) as never });
      }),
    );
    adapter = await loadAdapter(folder, await loadModel(modelFolder));
  });

  it('has a factor pair for every linear layer that the parts name', async () => {
    const { config } = tiny.processor;
    const all = adaptedModules(tiny.shapes, TEXT, { layers: ['language', 'merger', 'vision'], config });
    expect([...adapter.modules].sort()).toEqual([...all].sort());
    expect(all).toHaveLength(golden.modules);
    const parts = (['language', 'merger', 'vision'] as const).map((part) =>
      adaptedModules(tiny.shapes, TEXT, { layers: [part], config }),
    );
    expect(parts.every((own) => own.length > 0)).toBe(true);
    expect(parts.flat().sort()).toEqual([...all].sort());
    expect(adapter.scaling).toBe(loraScaling(await readAdapter(folder)));
  });

  it('has the log-probs and the gradients of PEFT', async () => {
    const { config, padId } = tiny.processor;
    const length = Math.max(...golden.completions.map(({ ids }) => ids.length));
    const shape = shapeOf(prompts, 2, length);
    const trainable = Object.keys(adapter.shapes);
    const state = stateOf(tiny, trainable, adapter.scaling);
    const update: UpdateConfig = {
      // With β₁ = 0.5, the running mean after a step is half of the gradient.
      ...{ adamBeta1: 0.5, adamBeta2: 0.5, adamEpsilon: 1e-8, weightDecay: 0, maxGradNorm: 1e9 },
      trainable,
      temperature: 1,
      trainVision: true,
    };
    const encode = encodeEntry(state, shape);
    const entries = {
      features: scoreEntry(state, shape, 1, 'policy'),
      pixels: scoreEntry(state, shape, 1, 'policy', { promptLogits: false, pixels: true }),
      merged: scoreEntry({ ...state, mergedAdapter: true }, shape, 1, 'policy', { promptLogits: false, pixels: true }),
      beside: updateEntry(state, shape, update),
      inBlocks: updateEntry({ ...state, mergedAdapter: true, blockValues: 500 }, shape, update),
    };
    const program = await tinyProgram(tiny, { encode, ...entries }, trainable, adapter);
    const { vision, prompted } = splitFeeds(feedsOf(tiny, prompts, shape));
    const ids = golden.completions.map((completion) => completion.ids);
    const { mask, ...completions } = completionFeeds(ids, prompts, 2, length, config, padId);
    const features = floats(await program.call(encode, vision), 'features');
    for (const [name, seen] of [
      ['features', { features }],
      ['pixels', vision],
      ['merged', vision],
    ] as const) {
      const result = await program.call(entries[name], { ...prompted, ...seen, ...completions });
      const found = floats(result, 'logprobs').filter((_, i) => mask[i] === 1);
      const wanted = values[name === 'merged' ? 'merged.logps' : 'lora.logps']!;
      expect(farthest(found, wanted) / largest(wanted), name).toBeLessThan(1e-4);
    }
    const one = (value: number): Float32Array => Float32Array.of(value);
    for (const name of ['beside', 'inBlocks'] as const) {
      const zeros = Object.fromEntries(
        trainable.map((each) => [`adam/${each}/mean`, new Float32Array(adapter.values[each]!.length)]),
      );
      program.set(zeros);
      const result = await program.call(entries[name], {
        ...prompted,
        ...vision,
        ...completions,
        mask,
        rowWeights: rowWeights({ lossType: 'dapo', maxCompletionLength: length }, mask, length),
        ...{ learningRate: one(0), correction1: one(1), correction2: one(1) },
      });
      expect(result['loss']?.[0]).toBeCloseTo(golden.sft.loss, 4);
      const means = await program.get(trainable.map((each) => `adam/${each}/mean`));
      for (const [key, norm] of Object.entries(golden.sft.norms)) {
        const [, module = '', side] = /^base_model\.model\.(.+)\.lora_([AB])\.default\.weight$/.exec(key) ?? [];
        const names = loraNames(hubName(module));
        const gradient = means[`adam/${side === 'A' ? names.a : names.b}/mean`]!.map((value) => 2 * value);
        const step = Math.max(1, Math.floor(gradient.length / SAMPLES));
        const sampled = gradient.filter((_, i) => i % step === 0).slice(0, SAMPLES);
        expect(Math.abs(Math.hypot(...gradient) - norm), `${name}: norm of ${key}`).toBeLessThan(1e-3 * norm + 1e-6);
        expect(farthest(sampled, values[`sft.${key}`]!), `${name}: ${key}`).toBeLessThan(1e-3 * norm + 1e-6);
      }
    }
    program.dispose();
  });

  it('is merged into files whose log-probs are those of merge_and_unload', async () => {
    const { config, padId } = tiny.processor;
    const merged = await mkdtemp(join(tmpdir(), 'atelier-tower-'));
    for await (const _ of merge({ modelPath: modelFolder, adapterPath: folder, folder: merged, metadata: {} }));
    for (const name of await readdir(modelFolder))
      if (!name.includes('safetensors')) await copyFile(join(modelFolder, name), join(merged, name));
    const whole = await loadTiny(merged);
    const length = Math.max(...golden.completions.map(({ ids }) => ids.length));
    const shape = shapeOf(prompts, 2, length);
    const entry = scoreEntry(stateOf(whole), shape, 1, 'policy', { promptLogits: false, pixels: true });
    const program = await tinyProgram(whole, { entry });
    const ids = golden.completions.map((completion) => completion.ids);
    const { mask, ...completions } = completionFeeds(ids, prompts, 2, length, config, padId);
    const result = await program.call(entry, { ...feedsOf(whole, prompts, shape), ...completions });
    const found = floats(result, 'logprobs').filter((_, i) => mask[i] === 1);
    program.dispose();
    const wanted = values['merged.logps']!;
    expect(farthest(found, wanted) / largest(wanted)).toBeLessThan(1e-4);
  });

  it.skipIf(family === 'idefics3')('is merged into the projector of llama.cpp', async () => {
    const out = await mkdtemp(join(tmpdir(), 'atelier-tower-'));
    const job = { modelPath: modelFolder, folder: out, weights: 'f16', name: 'tiny', licence: null } as const;
    const differs = async (adapterPath: string | null): Promise<Map<string, Uint8Array>> => {
      const place = await mkdtemp(join(out, 'gguf-'));
      for await (const _ of writeGguf({ ...job, folder: place, adapterPath, metadata: {} }));
      const reader = await openGguf(join(place, 'mmproj-F16.gguf'));
      const tensors = new Map<string, Uint8Array>();
      for (const name of reader.tensors.keys()) tensors.set(name, await reader.readBytes(name));
      await reader.close();
      return tensors;
    };
    const [plain, adapted] = [await differs(null), await differs(folder)];
    const changed = [...plain].filter(([name, bytes]) => Buffer.compare(bytes, adapted.get(name)!) !== 0);
    const names = changed.map(([name]) => name);
    // Every linear layer, and nothing else: no norm, bias, position or patch.
    expect(names.every((name) => /^(v\.blk|v\.deepstack|mm)\..*weight$/.test(name))).toBe(true);
    const linear = [...plain.keys()].filter(
      (name) => /^(v\.blk|v\.deepstack|mm)\..*weight$/.test(name) && !/norm|ln\d/.test(name),
    );
    expect(names.sort()).toEqual(linear.sort());
  });
});
