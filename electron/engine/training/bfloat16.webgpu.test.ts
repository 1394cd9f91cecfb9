/**
 * @file Frozen matrices in bfloat16 on WebGPU, with SwiftShader as the GPU: the logits and the greedy text of transformers with the same
 * rounded weights in float32 (fixtures/families/bfloat16.py).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { narrowToBfloat16 } from '../../formats/float-bits.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { MASKED } from '../model/attention.ts';
import type { LoadedModel } from '../policy/loaded-model.ts';
import { choosePrecision, storageOf } from '../policy/precision.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { floats } from '../runtime/program.ts';
import { compiledNeeds } from '../runtime/wgsl/needs.ts';
import { useSwiftShader } from '../testing/swiftshader.ts';
import { farthest, feedsOf, fixture, largest, loadTiny, shapeOf, stateOf } from '../testing/tiny.ts';
import { encodeEntry } from './policy-program.ts';
import { rolloutEntries, rolloutVariables } from './rollout/rollout-program.ts';
import { rollOut } from './rollout/rollout.ts';

const here = useSwiftShader();
const FOLDER = new URL('../fixtures/families/', import.meta.url).pathname;
const KEYS = ['A', 'B'] as const;

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, path), 'utf8'));
}

describe.skipIf(!here)('frozen matrices in bfloat16 on a GPU', () => {
  it('are what a run of a large published model keeps, unless they are trained or run op by op', async () => {
    const { gpu } = await loadRuntime();
    const large = { shapes: { w: [8192, 8192] }, storedAsBfloat16: true } as unknown as LoadedModel;
    const on = { native: null, gpu };
    expect(choosePrecision(large, ['w.lora_A'], on)).toBe('bfloat16');
    expect(choosePrecision(large, ['w'], on)).toBe('float32');
    expect(choosePrecision({ ...large, storedAsBfloat16: false }, [], on)).toBe('float32');
    const opByOp = { ...gpu!, programs: { ...gpu!.programs, kind: 'op-by-op' as const } };
    expect(choosePrecision(large, [], { native: null, gpu: opByOp })).toBe('float32');
  });

  it('give the logits and the text of the reference', async () => {
    const family = 'qwen3-vl';
    const runtime = await loadRuntime();
    const tiny = await loadTiny(join(FOLDER, family, 'model'));
    const { cases } = read(`${family}/golden.json`) as { cases: Record<'A' | 'B', { messages: unknown }> };
    const prompts = await Promise.all(
      KEYS.map((key) => {
        const text = JSON.stringify(cases[key].messages).replaceAll('"image":"', `"image":"${fixture}images/`);
        return tiny.processor.prepare({ messages: JSON.parse(text) as never });
      }),
    );
    const greedy = (read('bfloat16.json') as Record<string, Record<'A' | 'B', number[]>>)[family]!;
    const { config, padId } = tiny.processor;
    const shape = shapeOf(prompts, 1, greedy.A.length);
    const state = { ...stateOf(tiny), lanes: 1 };
    const suppressed = new Float32Array(config.vocabSize);
    for (const id of [315, 316, 317, 318, 319]) suppressed[id] = MASKED;
    const encode = encodeEntry(state, shape);
    const entries = rolloutEntries(state, shape, { temperature: 1, topP: 1, suppressed });
    const spec = {
      variables: { ...storageOf(tiny.shapes, 'bfloat16', 'weight'), ...rolloutVariables(state, shape) },
      entries: { encode, ...entries },
    };
    const matrices = Object.entries(tiny.shapes).filter(([, each]) => each.length > 1);
    const values = (all: typeof matrices): number => all.reduce((sum, [name]) => sum + tiny.weights[name]!.length, 0);
    // Every matrix of these models has an even number of values.
    const [all, narrow] = [values(Object.entries(tiny.shapes)), values(matrices)];
    expect(compiledNeeds(spec).variables.weight).toBe(4 * (all - narrow) + 2 * narrow);

    const program = await createProgram(runtime, spec);
    for (const [name, weights] of Object.entries(tiny.weights)) {
      const halves = new Uint16Array(weights.length);
      narrowToBfloat16(weights, halves);
      program.set({ [name]: tiny.shapes[name]!.length > 1 ? new Uint8Array(halves.buffer) : weights });
    }
    const feeds = feedsOf(tiny, prompts, shape);
    const features = floats(await program.call(encode, feeds), 'features');
    const result = await rollOut(
      program,
      entries,
      {
        ...{ prompts, shape, padId, greedy: true, eosIds: [], lanes: 1 },
        feeds: { ...feeds, features },
        uniform: () => 0,
        maxNewTokens: shape.completionLength,
      },
      config,
    );
    program.dispose();
    expect(runtime.gpu!.programs.notCompiled).toBeNull();
    const reader = await openSafetensors(join(FOLDER, 'bfloat16.safetensors'));
    for (const [row, key] of KEYS.entries()) {
      const wanted = await reader.readFloat32(`${family}.${key}.logits`);
      const logits = result.promptLogits.subarray(row * config.vocabSize, (row + 1) * config.vocabSize);
      expect(farthest(logits, wanted) / largest(wanted), key).toBeLessThan(1e-4);
      expect(result.tokens[row], key).toEqual(greedy[key]);
    }
    await reader.close();
  });
});
