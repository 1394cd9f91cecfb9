/** @file Where runs compute on a machine with a GPU: settled by a trial, kept to the end, and left where the GPU cannot take the run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineInfo, GpuUse } from '../../contract/model/system.ts';
import type { RunRequest, RunSummary, RunWarning } from '../../contract/model/runs.ts';
import { clientOf, openTestStudio, prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
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

interface Ended {
  status: string;
  device: string | null;
  codes: string[];
  warnings: RunWarning[];
}

async function ended(run: RunSummary): Promise<Ended> {
  const { status } = await untilEnded(on.client, run);
  const { device } = await on.client.runs.get({ runId: run.id });
  const warnings: RunWarning[] = [];
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'warning') warnings.push(event.warning);
  return { status, device, warnings, codes: warnings.map(({ code }) => code) };
}

/** A run that was stopped after a few of its steps. */
async function stopped(): Promise<RunSummary> {
  const run = await start('slow', { steps: 40 });
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'steps' && event.steps.some(({ step }) => step >= 3)) break;
  await on.client.runs.stop({ runId: run.id });
  await untilEnded(on.client, run);
  return run;
}

/** The studio on the same data folder, as on another day. */
async function reopen(): Promise<void> {
  await on.studio.close({ waitMs: 0 });
  const studio = await openTestStudio(on.home);
  on = { ...on, studio, client: clientOf(studio) };
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
  const run = await stopped();
  await on.client.system.setPreferences({ gpu: 'always' });
  await on.client.runs.resume({ runId: run.id });
  const { status, device, codes } = await ended(run);
  expect([status, device]).toEqual(['completed', 'tensorflow · CPU']);
  expect(codes).not.toContain('DEVICE_CHANGED');
  expect((await ended(await start('next'))).device).toBe('webgpu · Pretend');
});

const [CPU, PRETEND, ANOTHER] = ['tensorflow · CPU', 'webgpu · Pretend', 'webgpu · Another'];
it.each<[string, string, GpuUse, Record<string, string>, string]>([
  ['ATELIER_BACKEND says otherwise', CPU, 'never', { ATELIER_BACKEND: 'webgpu' }, PRETEND],
  ['the machine has another GPU', PRETEND, 'always', { ATELIER_FAKE_GPU: 'another' }, ANOTHER],
  ['the GPU is gone', PRETEND, 'automatic', { ATELIER_FAKE_GPU: 'none' }, CPU],
])('says that a run went on on another device where %s', async (_where, before, set, change, after) => {
  await on.client.system.setPreferences({ gpu: set });
  const run = await stopped();
  const { lastCheckpointStep } = (await on.client.runs.get({ runId: run.id })).summary;
  for (const [name, value] of Object.entries(change)) vi.stubEnv(name, value);
  await reopen();
  await on.client.runs.resume({ runId: run.id });
  const { status, device, warnings } = await ended(run);
  expect([status, device]).toEqual(['completed', after]);
  const changed = warnings.filter(({ code }) => code === 'DEVICE_CHANGED');
  expect(changed).toMatchObject([{ step: lastCheckpointStep, message: expect.stringContaining(`here: ${after}.`) }]);
  expect(changed[0]?.message).toContain(`another device (${before}`);
});

it.each(['automatic', 'always'] as const)(
  'goes on from its checkpoint on the GPU that it lost, with %s set',
  async (gpu) => {
    await on.client.system.setPreferences({ gpu });
    const run = await start('gpu-gone-once-at-4', { steps: 6 });
    const { status, device, codes, warnings } = await ended(run);
    expect([status, device?.startsWith(PRETEND)]).toEqual(['completed', true]);
    expect(codes).not.toContain('GPU_LEFT');
    expect(warnings.find(({ code }) => code === 'ENGINE_LOST')).toMatchObject({
      step: 3,
      message: expect.stringMatching(
        /^The GPU was lost \(driver reset\)\..* went on by itself from its checkpoint of step 2\.$/,
      ),
    });
    const steps = await on.client.runs.steps({ runId: run.id });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  },
);

it('begins again on the processor if the GPU is lost before the first checkpoint, and only where a trial chose', async () => {
  const { status, device, codes } = await ended(await start('gpu-gone-once-at-2'));
  expect(status).toBe('completed');
  expect(codes).toContain('GPU_LEFT');
  expect(device).toContain('tensorflow · CPU · A run could not be computed on the GPU. The GPU was lost');
  await on.client.system.setPreferences({ gpu: 'always' });
  const run = await start('gpu-gone-once-at-2 again');
  expect(await ended(run)).toMatchObject({ status: 'interrupted', device: PRETEND });
  await on.client.runs.resume({ runId: run.id });
  expect(await ended(run)).toMatchObject({ status: 'completed', device: PRETEND });
});

it('closes during a trial that hangs, and the run can be resumed', async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'hangs');
  const run = await start('closed');
  for await (const event of await on.client.runs.watch({ runId: run.id }))
    if (event.type === 'phase' && event.progress.phase === 'try the GPU') break;
  await on.studio.close();
  vi.stubEnv('ATELIER_FAKE_GPU', 'fast');
  await reopen();
  const { summary, device } = await on.client.runs.get({ runId: run.id });
  expect(summary).toMatchObject({ status: 'interrupted', step: 0, reason: expect.stringContaining('closed') });
  expect(device).toBeNull();
  expect(() => readFileSync(join(on.home, 'gpu-trials.json'))).toThrow('ENOENT');
  await on.client.runs.resume({ runId: run.id });
  expect(await ended(run)).toMatchObject({ status: 'completed', device: `webgpu · Pretend · ${TRIED}` });
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
