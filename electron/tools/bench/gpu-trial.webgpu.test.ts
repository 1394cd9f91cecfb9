/** @file A trial in real engines, with SwiftShader counted as a real GPU: both compute the same, and the processor is faster. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { swiftShaderEnvironment } from '../../engine/testing/swiftshader.ts';
import { nodeChild } from '../../processes/node-child.ts';
import { createEngineClient, type EngineClient } from '../../studio/engine-client/engine-client.ts';
import { createGpuChoice } from '../../studio/engine-client/gpu-choice.ts';

const gpu = swiftShaderEnvironment();
const engineEntry = fileURLToPath(new URL('../../engine/service/main.ts', import.meta.url));
const model = fileURLToPath(new URL('../../engine/fixtures/qwen2vl-tiny/model', import.meta.url));
const spawn = nodeChild({ entry: engineEntry, execArgv: ['--import', 'tsx'] });
const home = await mkdtemp(join(tmpdir(), 'atelier-gpu-trial-'));
const open: EngineClient[] = [];

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  await rm(home, { recursive: true, force: true });
});

describe.skipIf(gpu === null)('a trial of SwiftShader', () => {
  it('finds the right numbers and the processor faster, and the run computes there', async () => {
    const { ATELIER_BACKEND: _, ...env } = { ...process.env, ...gpu };
    const choice = createGpuChoice({
      home,
      env,
      setting: () => Promise.resolve('automatic'),
      openEngine: (own) => createEngineClient({ spawn, env: own }),
      isReal: () => true,
    });
    const client = createEngineClient({ spawn, env, gpu: choice });
    open.push(client);
    const trial = await client.settleDevice(model, null, { onTrial: () => undefined });
    const { backend, gpu: report } = await client.info(model);
    if (trial === null) {
      // Without TensorFlow, there is nothing to compare with.
      expect(backend).toBe('wasm');
      return;
    }
    expect(trial.reason).toMatch(/^A short step of training took [\d.]+ s on the GPU and [\d.]+ s on the processor\.$/);
    expect(trial).toMatchObject({ chosen: 'processor', adapter: expect.stringMatching(/SwiftShader/) });
    expect(backend).toBe('tensorflow');
    expect(report).toMatchObject({ used: false, use: 'automatic', trials: [trial] });
  });
});
