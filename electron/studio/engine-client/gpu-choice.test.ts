/** @file Between GPU and processor: what is set, what a trial finds, and drivers that lie, hang or are lost. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TrialResult } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineInfo, GpuReport, GpuUse } from '../../contract/model/system.ts';
import { createGpuChoice, type GpuChoice, type GpuChoiceOptions } from './gpu-choice.ts';

const NUMBERS = [
  [0.001, 2.5, 4.1, 0],
  [0.002, 2.4, 4.2, 0.01],
];
const right = (secondsPerStep: number): TrialResult => ({ numbers: NUMBERS, secondsPerStep, repeats: true });

let home: string;
let model: string;
let trials: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-gpu-'));
  model = join(home, 'model');
  await mkdir(model);
  await writeFile(join(model, 'model.safetensors'), Buffer.alloc(5000));
  trials = [];
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function adapter(name = 'Radeon', change: Partial<NonNullable<GpuReport['adapter']>> = {}): GpuReport['adapter'] {
  return { name, software: false, largestBufferBytes: 1, largestTensorBytes: 1, key: `${name} 1.0`, ...change };
}

function infoOf(found: GpuReport['adapter'], backend: EngineInfo['backend'] = 'tensorflow'): EngineInfo {
  const gpu = { adapter: found, names: [], used: false, reason: null, remedy: null };
  return { backend, version: '1', device: 'CPU', threads: 1, gpu };
}

interface Machine {
  gpu?: () => Promise<TrialResult>;
  processor?: () => Promise<TrialResult>;
  backend?: EngineInfo['backend'];
  set?: GpuUse;
  more?: Partial<GpuChoiceOptions>;
}

function choiceOn({
  gpu = () => Promise.resolve(right(0.1)),
  processor = () => Promise.resolve(right(0.4)),
  backend = 'tensorflow',
  set = 'automatic',
  more = {},
}: Machine = {}): GpuChoice {
  return createGpuChoice({
    home,
    setting: () => Promise.resolve(set),
    env: {},
    openEngine: ({ ATELIER_BACKEND: on = '' }) => ({
      info: () => Promise.resolve(infoOf(adapter(), backend)),
      trial: () => {
        trials.push(on);
        return on === 'webgpu' ? gpu() : processor();
      },
      close: () => {
        trials.push(`${on} ended`);
        return Promise.resolve();
      },
    }),
    ...more,
  });
}

const ask = (found = adapter()) => ({
  info: () => Promise.resolve(infoOf(found)),
  onTrial: () => void trials.push('!'),
});
const reportOf =
  (found = adapter()) =>
  () =>
    Promise.resolve(infoOf(found).gpu);

it('tries both once, uses the faster one, and says so with the figures', async () => {
  const choice = choiceOn();
  expect(await choice.useFor(model, reportOf())).toBeNull();
  const trial = await choice.settle(model, null, ask());
  expect(trial).toMatchObject({
    adapter: 'Radeon',
    chosen: 'gpu',
    gpuSeconds: 0.1,
    processorSeconds: 0.4,
    weightBytes: 4096,
    reason: 'A short step of training took 0.10 s on the GPU and 0.40 s on the processor.',
  });
  expect(trials).toEqual(['!', 'processor', 'processor ended', 'webgpu', 'webgpu ended']);
  expect(await choice.useFor(model, reportOf())).toBe('measured');
  // Kept, also for another process, and not made again.
  const later = choiceOn();
  expect(await later.settle(model, null, ask())).toEqual(trial);
  expect(await later.useFor(model, reportOf())).toBe('measured');
  expect(trials).toHaveLength(5);
  expect((await later.described(infoOf(adapter()).gpu!)).trials).toEqual([trial]);
  await later.forget();
  later.release(model);
  expect(await later.useFor(model, reportOf())).toBeNull();
});

it('stays on the processor if the GPU is not clearly faster', async () => {
  const choice = choiceOn({ gpu: () => Promise.resolve(right(0.35)) });
  expect(await choice.settle(model, null, ask())).toMatchObject({ chosen: 'processor', gpuSeconds: 0.35 });
  expect(await choice.useFor(model, reportOf())).toBeNull();
});

it('refuses a driver that computes other numbers, however fast', async () => {
  const wrong = NUMBERS.map((row) => row.map((value, at) => (at === 1 ? value * 1.01 : value)));
  for (const [numbers, said] of [
    [wrong, '2.525'],
    [NUMBERS.map((row) => row.map(() => null)), 'no number'],
    [[], 'no number'],
  ] as const) {
    const choice = choiceOn({
      gpu: () => Promise.resolve({ numbers: numbers as TrialResult['numbers'], secondsPerStep: 1e-3, repeats: true }),
    });
    await choice.forget();
    const trial = await choice.settle(model, null, ask());
    expect(trial).toMatchObject({ chosen: 'processor' });
    expect(trial?.reason).toContain(`The GPU computed ${said} where the processor computed`);
    expect(trial?.reason).toContain('not trusted');
  }
});

it('does not mistake rounding, or one token on the edge, for a wrong driver', async () => {
  const rounded = NUMBERS.map((row) => row.map((value) => value * 1.0005 + 1e-5));
  const edge = [[9, 9, 9, 9], NUMBERS[1]!];
  for (const numbers of [rounded, edge]) {
    const choice = choiceOn({ gpu: () => Promise.resolve({ numbers, secondsPerStep: 0.1, repeats: true }) });
    await choice.forget();
    expect(await choice.settle(model, null, ask())).toMatchObject({ chosen: 'gpu' });
  }
});

it('says if a GPU does not repeat its steps bit for bit', async () => {
  const choice = choiceOn({ gpu: () => Promise.resolve({ ...right(0.1), repeats: false }) });
  expect(await choice.settle(model, null, ask())).toMatchObject({
    chosen: 'gpu',
    reason: expect.stringMatching(/ gave other bits, so a resumed run does not repeat\.$/),
  });
});

it('stays on the processor if the GPU is lost or hangs during the trial, and does not try again by itself', async () => {
  const lost = new AtelierError('ENGINE_LOST', 'The GPU was lost (driver reset).');
  const first = choiceOn({ gpu: () => Promise.reject(lost) });
  expect(await first.settle(model, null, ask())).toMatchObject({
    chosen: 'processor',
    gpuSeconds: null,
    reason: 'The trial on the GPU failed: The GPU was lost (driver reset).',
  });
  expect(await choiceOn().settle(model, null, ask())).toMatchObject({ chosen: 'processor', gpuSeconds: null });
  await first.forget();
  const hangs = choiceOn({ gpu: () => new Promise(() => undefined), more: { timeoutMs: 50 } });
  expect(await hangs.settle(model, null, ask())).toMatchObject({ reason: 'The GPU did not finish its trial in time.' });
  expect(trials.at(-1)).toBe('webgpu ended');
});

it('tries each adapter, driver and size of model by itself', async () => {
  const choice = choiceOn();
  await choice.settle(model, null, ask(adapter('Radeon')));
  choice.release(model);
  expect(await choice.useFor(model, reportOf(adapter('Arc')))).toBeNull();
  expect(await choice.useFor(model, reportOf(adapter('Radeon', { key: 'Radeon 2.0' })))).toBeNull();
  expect(await choice.settle(model, null, ask(adapter('Arc')))).toMatchObject({ adapter: 'Arc' });
  expect(await choice.useFor(model, reportOf(adapter('Arc')))).toBe('measured');
  choice.release(model);
  await writeFile(join(model, 'model.safetensors'), Buffer.alloc(50_000));
  expect(await choice.useFor(model, reportOf())).toBeNull();
  await choice.settle(model, null, ask());
  expect(trials.filter((word) => word === '!')).toHaveLength(3);
});

it('tries nothing without a real GPU, or where a person has said what to use', async () => {
  const none = { info: () => Promise.resolve(infoOf(null)), onTrial: () => void trials.push('!') };
  expect(await choiceOn().settle(model, null, none)).toBeNull();
  expect(await choiceOn().settle(model, null, ask(adapter('SwiftShader', { software: true })))).toBeNull();
  for (const [env, set] of [
    [{ ATELIER_BACKEND: 'wasm' }, 'automatic'],
    [{ ATELIER_WEIGHTS: 'disk' }, 'automatic'],
    [{}, 'always'],
    [{}, 'never'],
  ] as const) {
    const choice = choiceOn({ set, more: { env } });
    expect(await choice.settle(model, null, ask())).toBeNull();
    expect(await choice.useFor(model, reportOf())).toBe(set === 'automatic' ? undefined : set);
  }
  expect(trials).toEqual([]);
});

it('leaves the choice to the engine where there is no TensorFlow to compare with', async () => {
  expect(await choiceOn({ backend: 'wasm' }).settle(model, null, ask())).toBeNull();
  expect(trials.filter((word) => word === 'webgpu')).toEqual([]);
});

it('lets a run go on where it began, whatever is set since, until it ends', async () => {
  let set: GpuUse = 'automatic';
  const choice = choiceOn({ more: { setting: () => Promise.resolve(set) } });
  await choice.settle(model, null, ask());
  expect(await choice.settle(model, 'tensorflow · CPU', ask())).toBeNull();
  expect(await choice.useFor(model, reportOf())).toBe('never');
  set = 'always';
  await choice.settle(model, 'tensorflow · CPU', ask());
  expect(await choice.useFor(model, reportOf())).toBe('never');
  // A question to no model leaves the run's engine alone.
  expect(await choice.useFor(undefined, reportOf())).toBeUndefined();
  await choice.settle(model, 'webgpu · Radeon (WebGPU, compiled)', ask());
  set = 'never';
  expect(await choice.useFor(model, reportOf())).toBe('always');
  await choice.settle(model, 'webgpu · Radeon (WebGPU, compiled)', ask());
  expect(await choice.useFor(model, reportOf())).toBe('measured');
  choice.release(model);
  expect(await choice.useFor(model, reportOf())).toBe('never');
});

it('keeps a new run where it was sent while the setting changes', async () => {
  let set: GpuUse = 'automatic';
  const choice = choiceOn({ more: { setting: () => Promise.resolve(set) } });
  for (const [first, settled] of [
    ['automatic', 'measured'],
    ['always', 'always'],
    ['never', 'never'],
  ] as const) {
    set = first;
    await choice.settle(model, null, ask());
    set = first === 'never' ? 'always' : 'never';
    expect(await choice.useFor(model, reportOf())).toBe(settled);
    choice.release(model);
  }
});

it('keeps that a trial failed or never ended on the processor', async () => {
  const lost = choiceOn({ processor: () => Promise.reject(new AtelierError('OUT_OF_MEMORY', 'No room.')) });
  expect(await lost.settle(model, null, ask())).toMatchObject({
    chosen: 'processor',
    gpuSeconds: null,
    processorSeconds: null,
    reason: 'The trial on the processor failed: No room.',
  });
  await choiceOn().settle(model, null, ask());
  expect(trials).toEqual(['!', 'processor', 'processor ended']);
  await lost.forget();
  const hangs = choiceOn({ processor: () => new Promise(() => undefined), more: { timeoutMs: 50 } });
  expect(await hangs.settle(model, null, ask())).toMatchObject({
    reason: 'The processor did not finish its trial in time.',
  });
});

it('ends a trial when it is stopped, and keeps nothing of it', async () => {
  for (const slow of ['gpu', 'processor'] as const) {
    const stop = new AbortController();
    const choice = choiceOn({
      [slow]: () => {
        stop.abort(new Error('stopped'));
        return new Promise(() => undefined);
      },
    });
    await expect(choice.settle(model, null, { ...ask(), signal: stop.signal })).rejects.toThrow('stopped');
    expect(trials.at(-1)).toBe(`${slow === 'gpu' ? 'webgpu' : slow} ended`);
    expect((await choice.described(infoOf(adapter()).gpu!)).trials).toEqual([]);
  }
});

it('leaves the GPU for a run that works on the processor only', async () => {
  const choice = choiceOn();
  const trial = await choice.settle(model, null, ask());
  if (trial === null) throw new Error('There was no trial.');
  const works = (): Promise<void> => Promise.reject(new Error('nor there'));
  await expect(choice.leave(model, trial, { reason: 'Too large.', works })).rejects.toThrow('nor there');
  expect((await choice.described(infoOf(adapter()).gpu!)).trials).toEqual([trial]);
  const left = await choice.leave(model, trial, { reason: 'Too large.', works: () => Promise.resolve() });
  expect(left).toMatchObject({ chosen: 'processor', reason: 'Too large.' });
  expect(await choice.useFor(model, reportOf())).toBeNull();
  choice.release(model);
  expect(await choice.settle(model, null, ask())).toEqual(left);
});

it('makes a trial again if what is kept of it cannot be read', async () => {
  await writeFile(join(home, 'gpu-trials.json'), '{"version":1,"trials":[{}]}');
  const choice = choiceOn();
  expect(await choice.settle(model, null, ask())).toMatchObject({ chosen: 'gpu' });
  expect(JSON.parse(await readFile(join(home, 'gpu-trials.json'), 'utf8'))).toMatchObject({ trials: [{}] });
});
