/** @file What a policy is refused for before anything is allocated. */
import { expect, it } from 'vitest';
import { loadRuntime } from '../runtime/backend.ts';
import { loadModel } from './loaded-model.ts';
import { policyProgram } from './policy.ts';

it('does not run linear attention on WebGPU, and says so in one sentence', async () => {
  const model = await loadModel(new URL('../fixtures/families/qwen3-5/model', import.meta.url).pathname);
  const shape = { batch: 1, promptLength: 8, images: 0, patches: 0, groupSize: 1, completionLength: 4 };
  const runtime = { ...(await loadRuntime()), native: null, gpu: {} as never };
  expect(() => policyProgram({ model, adapter: null, shape }, runtime)).toThrow(
    expect.objectContaining({
      code: 'ENGINE_UNAVAILABLE',
      message: 'Qwen3.5 does not run on a GPU through WebGPU, which lacks its linear attention.',
    }),
  );
});
