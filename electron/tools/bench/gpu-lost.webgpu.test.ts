/** @file A run on a real engine whose GPU (SwiftShader) is taken away goes on from its checkpoint, and ends with the same bits. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunWarning } from '../../contract/model/runs.ts';
import { swiftShaderEnvironment } from '../../engine/testing/swiftshader.ts';
import { DEFAULT_GRPO } from '../../method/defaults.ts';
import { localPictures } from '../../pictures/work.ts';
import { nodeChild } from '../../processes/node-child.ts';
import {
  clientOf,
  copyTinyModel,
  temporaryFolder,
  untilEnded,
  writeDataset,
} from '../../studio/fixtures/test-studio.ts';
import { openStudio, type Studio } from '../../studio/studio.ts';

const environment = swiftShaderEnvironment();
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const spawnEngine = nodeChild({
  entry: at('../../engine/service/main.ts'),
  execArgv: ['--import', 'tsx', '--import', new URL('./lose-gpu.ts', import.meta.url).href],
});

describe.skipIf(environment === null)('a run on a GPU that is lost', () => {
  const home = join(temporaryFolder(), 'home');
  let studio: Studio;

  beforeAll(async () => {
    for (const [name, value] of Object.entries(environment ?? {})) vi.stubEnv(name, value);
    vi.stubEnv('ATELIER_TEST_LOSE_GPU', home);
    const setUp = { root: join(home, 'no-clone'), program: process.execPath };
    const resourcesDir = join(home, 'no-resources');
    studio = await openStudio({
      home,
      resourcesDir,
      version: '0.0.0-test',
      spawnEngine,
      pictures: localPictures,
      setUp,
    });
  });
  afterAll(async () => {
    await studio.close({ waitMs: 0 });
    vi.unstubAllEnvs();
  });

  it('goes on from its checkpoint by itself, says so, and repeats its steps bit for bit', async () => {
    const client = clientOf(studio);
    const { id: modelId } = await client.models.register({ path: copyTinyModel(home) });
    for await (const _ of await client.datasets.import({ path: await writeDataset(home) }));
    const [dataset] = await client.datasets.list();
    const grpo = { ...DEFAULT_GRPO, promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 3 };
    const weightsOf = async (name: string): Promise<{ bytes: Buffer; warnings: RunWarning[] }> => {
      const run = await client.runs.start({
        name,
        modelId,
        datasetId: dataset!.id,
        steps: 5,
        checkpointEvery: 1,
        evalSamples: 1,
        grpo,
      });
      expect(await untilEnded(client, run)).toMatchObject({ status: 'completed', step: 5 });
      expect((await client.runs.get({ runId: run.id })).device).toMatch(/^webgpu · SwiftShader/);
      const warnings: RunWarning[] = [];
      for await (const event of await client.runs.watch({ runId: run.id }))
        if (event.type === 'warning') warnings.push(event.warning);
      const checkpoint = join(home, 'runs', run.id, 'checkpoints', 'step-000005');
      return { warnings, bytes: readFileSync(join(checkpoint, 'adapter_model.safetensors')) };
    };
    const lost = await weightsOf('lost');
    expect(existsSync(join(home, 'gpu-was-lost'))).toBe(true);
    expect(lost.warnings.find(({ code }) => code === 'ENGINE_LOST')?.message).toMatch(
      /^The GPU was lost.* The run went on by itself from its checkpoint of step \d\.$/,
    );
    const whole = await weightsOf('whole');
    expect(whole.warnings.map(({ code }) => code)).not.toContain('ENGINE_LOST');
    expect(lost.bytes.equals(whole.bytes)).toBe(true);
  });
});
