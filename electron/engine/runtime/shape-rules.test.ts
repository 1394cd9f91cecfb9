/** @file Shapes inferred without running an op are those that TensorFlow gives, for every op of the model's programs. */
import { describe, expect, it } from 'vitest';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { readCheckpoint } from '../../formats/checkpoint.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { adaptedModules, loraShapes } from '../model/lora.ts';
import { encodeEntry, scoreEntry, type PolicyState } from '../training/policy-program.ts';
import { rolloutEntries, rolloutVariables } from '../training/rollout/rollout-program.ts';
import { optimiserVariables, updateEntry } from '../training/update/update-program.ts';
import { loadRuntime } from './backend.ts';
import type { OpAttribute } from './native-api.ts';
import { createEagerProgram } from './eager-program.ts';
import { float32, namedEntries, sizeOf, variables, type FeedData, type ProgramSpec, type Specs } from './program.ts';
import { inferOutputs, type Described, type OpInput } from './shape-rules.ts';

const fixture = new URL('../fixtures/qwen2vl-tiny/model', import.meta.url).pathname;
const { native } = await loadRuntime();

describe.skipIf(native === null)('shape rules, beside what TensorFlow returns', () => {
  it('agree for every op of encode, rollouts, reference and update, and leave none out', async () => {
    if (native === null) return;
    const mistakes: string[] = [];
    const seen = new Set<string>();
    const compare = (op: string, attributes: OpAttribute[], inputs: TensorInfo[], outputs: Described[]): void => {
      seen.add(op);
      const inferred = inferOutputs({
        op,
        attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
        inputs: inputs.map((input) => describeInput(input)),
      });
      const found = outputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(' ');
      const expected = inferred?.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(' ');
      if (expected !== found) mistakes.push(`${op}: inferred ${String(expected)}, found ${found}`);
    };
    const describeInput = (input: TensorInfo): OpInput => {
      const int64 = (input as unknown as { valueArray?: Int32Array }).valueArray;
      if (int64 !== undefined) return { shape: [], dtype: 'int32', values: () => [...int64] };
      const { shape, dtype, dataId } = input;
      return { shape, dtype, values: () => Array.from(native.readSync(dataId) as Int32Array) };
    };
    const { executeSingleOutput: single, executeMultipleOutputs: multiple } = native;
    native.executeSingleOutput = (op, attributes, inputs) => {
      const output = single.call(native, op, attributes, inputs);
      compare(op, attributes, inputs, [output]);
      return output;
    };
    native.executeMultipleOutputs = (op, attributes, inputs, count) => {
      const outputs = multiple.call(native, op, attributes, inputs, count);
      compare(op, attributes, inputs, outputs);
      return outputs;
    };
    try {
      const spec = await tinyProgram();
      const program = createEagerProgram(spec);
      for (const { entry } of namedEntries(spec.entries)) await program.call(entry, zeros(entry.inputs));
      program.dispose();
    } finally {
      Object.assign(native, { executeSingleOutput: single, executeMultipleOutputs: multiple });
    }
    expect(mistakes).toEqual([]);
    expect([...seen]).toEqual(
      expect.arrayContaining(['BatchMatMulV2', 'Softmax', 'Transpose', 'InplaceUpdate', 'GatherV2']),
    );
  });

  it('have nothing to say about an op that they do not know', () => {
    expect(inferOutputs({ op: 'FFT', attributes: {}, inputs: [] })).toBeNull();
  });

  it('have nothing to say where a shape depends on values that exist only when the graph runs', () => {
    const unknown = { shape: [2], dtype: 'int32' as const, values: () => null };
    const x = { shape: [2, 3], dtype: 'float32' as const, values: () => null };
    expect(inferOutputs({ op: 'Reshape', attributes: {}, inputs: [x, unknown] })).toBeNull();
  });
});

async function tinyProgram(): Promise<ProgramSpec> {
  const { config, tensors } = await readCheckpoint(fixture);
  await tensors.close();
  const shapes = Object.fromEntries(expectedTensors(config));
  const factors = loraShapes(shapes, adaptedModules(shapes, ['q_proj', 'down_proj']), 4);
  const trainable = Object.keys(factors);
  const shape = { batch: 2, promptLength: 24, images: 2, patches: 16, groupSize: 8, completionLength: 5 };
  const state: PolicyState = {
    config,
    weightNames: Object.keys(shapes),
    adapterNames: trainable,
    scaling: 2,
    separateReference: false,
    lanes: 2,
  };
  const rollout = { temperature: 0.7, topP: 0.9, minP: 0.05, suppressed: new Float32Array(config.vocabSize) };
  const loss = { lossType: 'dapo', epsilon: 0.2, epsilonHigh: 0.3, maxCompletionLength: 5 } as const;
  return {
    variables: {
      ...variables('weight', { ...shapes, ...factors }),
      ...rolloutVariables(state, shape),
      ...optimiserVariables(factors, trainable),
    },
    entries: {
      encode: encodeEntry(state, shape),
      ...rolloutEntries(state, shape, rollout),
      reference: scoreEntry(state, shape, 1, 'reference'),
      update: updateEntry(state, shape, { ...DEFAULT_OPTIMISER, trainable, temperature: 1, trainVision: false, loss }),
    },
  };
}

function zeros(inputs: Specs): Record<string, FeedData> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype } = float32([])]) => [
      name,
      dtype === 'int32' ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape)),
    ]),
  );
}
