/** @file Where runs compute on a machine with a GPU: settled by a trial, kept to the end, and left where the GPU cannot take the run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineInfo } from '../../contract/model/system.ts';
import type { RunRequest, RunSummary } from '../../contract/model/runs.ts';
import { prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
import { mayTakeNf4 } from './start.ts';

let on: TestStudio;
beforeEach(async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'fast');
  on = await prepareStudio();
});
afterEach(async () => {
  await on.studio.close({ waitMs: 0 });
  vi.unstubAllEnvs();
});

function start(name: string, request: Partial<RunRequest> = {}): Promise<RunSummary> {
  const { modelId, datasetId } = on;
  return on.client.runs.start({ name, steps: 4, checkpointEvery: 2, ...request, modelId, datasetId });
}

async function ended(run: RunSummary): Promise<{ status: string; device: string | null; codes: string[] }> {
  const { status } = await untilEnded(on.client, run);
  const { device } = await on.client.runs.get({ runId: run.id });
  const codes: string[] = [];
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'warning') codes.push(event.warning.code);
  return { status, device, codes };
}

const TRIED = 'A short step of training took 0.10 s on the GPU and 1.0 s on the processor.';

it.each(['gpu-binds-less', 'gpu-no-room'])(
  'begins a run of %s again on the processor, says so, and sends later ones there at once',
  async (name) => {
    expect(await ended(await start('fits'))).toMatchObject({
      status: 'completed',
      device: `webgpu · Pretend · ${TRIED}`,
    });
    const left = await start(name);
    const { status, device, codes } = await ended(left);
    expect([status, codes.includes('GPU_LEFT')]).toEqual(['completed', true]);
    expect(device).toMatch(/^tensorflow · CPU · A run could not be computed on the GPU\. The /);
    const kept = JSON.parse(readFileSync(join(on.home, 'gpu-trials.json'), 'utf8')) as { trials: unknown[] };
    expect(kept.trials).toMatchObject([{ chosen: 'processor' }]);
    expect((await ended(await start(name))).codes).not.toContain('GPU_LEFT');
  },
);

it('does not leave the GPU for what the processor cannot do either', async () => {
  const { status, device } = await ended(await start('too-large gpu-binds-less'));
  expect(status).toBe('failed');
  expect(device).toContain('webgpu');
  const kept = JSON.parse(readFileSync(join(on.home, 'gpu-trials.json'), 'utf8')) as { trials: unknown[] };
  expect(kept.trials).toMatchObject([{ chosen: 'gpu' }]);
});

it('stays where a person sent it', async () => {
  await on.client.system.setPreferences({ gpu: 'always' });
  expect(await ended(await start('gpu-no-room'))).toMatchObject({ status: 'failed', device: 'webgpu · Pretend' });
});

it('stops during a trial that hangs', async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'hangs');
  const run = await start('stopped');
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'phase' && event.progress.phase === 'try the GPU') break;
  await on.client.runs.stop({ runId: run.id });
  expect((await untilEnded(on.client, run)).status).toBe('interrupted');
  expect(() => readFileSync(join(on.home, 'gpu-trials.json'))).toThrow('ENOENT');
});

it('resumes a run where it began, whatever is set since, and then lets other work go where it is set', async () => {
  await on.client.system.setPreferences({ gpu: 'never' });
  const run = await start('slow', { steps: 40 });
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'steps' && event.steps.some(({ step }) => step >= 3)) break;
  await on.client.runs.stop({ runId: run.id });
  await untilEnded(on.client, run);
  await on.client.system.setPreferences({ gpu: 'always' });
  await on.client.runs.resume({ runId: run.id });
  expect(await ended(run)).toMatchObject({ status: 'completed', device: 'tensorflow · CPU' });
  expect((await ended(await start('next'))).device).toBe('webgpu · Pretend');
});

it('takes frozen weights in 4 bits where the run may find what they need', () => {
  const adapter = { name: 'R', software: false, largestBufferBytes: 1, largestTensorBytes: 1, key: 'R' };
  const gpu = { adapter, names: [], used: false, reason: null, remedy: null };
  const info: EngineInfo = { backend: 'tensorflow', version: '1', device: 'CPU', threads: 1, nf4: false };
  expect(mayTakeNf4(info, on.modelPath)).toBe(false);
  expect(mayTakeNf4({ ...info, gpu: { ...gpu, use: 'never' } }, on.modelPath)).toBe(false);
  expect(mayTakeNf4({ ...info, gpu: { ...gpu, use: 'automatic' } }, on.modelPath)).toBe(true);
  expect(mayTakeNf4({ ...info, nf4: true }, on.modelPath)).toBe(true);
  expect(mayTakeNf4({ ...info, ownOps: { instructions: 'AVX2', reason: null } }, on.modelPath)).toBe(true);
});
