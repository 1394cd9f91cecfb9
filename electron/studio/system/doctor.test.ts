import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AtelierError } from '../../contract/errors/errors.ts';
import { OWN_OPS_NOT_BUILT, type EngineInfo } from '../../contract/model/system.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { localPictures } from '../../pictures/work.ts';
import { examine } from './doctor.ts';

const tensorflow: EngineInfo = { backend: 'tensorflow', version: '2.21.0', device: 'CPU', threads: 2 };

async function finding(name: string, engineInfo: () => Promise<EngineInfo>, home = join(temporaryFolder(), 'home')) {
  const findings = await examine({ home, engineInfo, pictures: localPictures });
  return findings.find((each) => each.name === name);
}

describe('the doctor', () => {
  it('says which TensorFlow computes', async () => {
    expect(await finding('TensorFlow', async () => tensorflow)).toEqual({
      name: 'TensorFlow',
      status: 'ok',
      value: '2.21.0',
      remedy: null,
    });
  });

  it('says whether TensorFlow has our own ops, and how to get them', async () => {
    const found = (instructions: string | null, reason: string | null) =>
      finding('Own ops', async () => ({ ...tensorflow, ownOps: { instructions, reason } }));
    expect(await found('AVX-512', null)).toEqual({
      name: 'Own ops',
      status: 'ok',
      value: 'in use, with AVX-512',
      remedy: null,
    });
    expect((await found(null, OWN_OPS_NOT_BUILT))?.remedy).toContain('compiler');
    expect(await found(null, 'They are made for Linux on x64.')).toMatchObject({ status: 'unused', remedy: null });
  });

  it('says what doing without the native part costs, and what to do', async () => {
    const found = await finding('TensorFlow', async () => ({ ...tensorflow, backend: 'wasm' }));
    expect(found).toMatchObject({ status: 'degraded' });
    expect(found?.remedy).toContain('many times as long');
    expect(found?.remedy).toContain('npm run setup');
  });

  it('names the GPU, its limits and why it is not used', async () => {
    const gpu = {
      adapter: {
        name: 'Arc A770',
        software: false,
        largestBufferBytes: 4 * 1024 ** 3,
        largestTensorBytes: 2 * 1024 ** 3,
      },
      names: ['Arc A770', 'llvmpipe'],
      used: false,
      reason: 'Atelier computes on the processor unless a trial has shown that the GPU is faster.',
      remedy: 'Set ATELIER_BACKEND=webgpu to use it.',
    };
    expect(await finding('GPU', async () => ({ ...tensorflow, gpu }))).toEqual({
      name: 'GPU',
      status: 'unused',
      value:
        'Arc A770; tensors up to 2.0 GiB, buffers up to 4.0 GiB; all: Arc A770, llvmpipe; not in use: Atelier computes on the processor unless a trial has shown that the GPU is faster.',
      remedy: 'Set ATELIER_BACKEND=webgpu to use it.',
    });
    expect(await finding('GPU use', async () => ({ ...tensorflow, gpu }))).toBeUndefined();
    const untried = { ...gpu, use: 'automatic' as const, trials: [] };
    expect((await finding('GPU use', async () => ({ ...tensorflow, gpu: untried })))?.value).toBe(
      'automatic; a trial decides before the first run',
    );
    const trial = {
      key: 'k',
      adapter: 'Arc A770',
      weightBytes: 2 ** 22,
      at: '',
      gpuSeconds: 0.1,
      processorSeconds: 0.4,
    };
    const tried = { ...untried, trials: [{ ...trial, chosen: 'gpu' as const, reason: 'Why.' }] };
    expect((await finding('GPU use', async () => ({ ...tensorflow, gpu: tried })))?.value).toBe(
      'automatic; weights of about 4.0 MiB: GPU (Why.)',
    );
    const info: EngineInfo = {
      ...tensorflow,
      backend: 'webgpu',
      gpu: { ...gpu, used: true, reason: null, remedy: null },
    };
    expect((await finding('GPU', async () => info))?.value).toContain('in use');
    expect(await finding('TensorFlow', async () => info)).toMatchObject({ status: 'ok', value: 'not in use' });
  });

  it('says in one sentence that the GPU that was asked for cannot be had', async () => {
    const refused = new AtelierError('ENGINE_UNAVAILABLE', 'WebGPU found no GPU.', { remedy: 'Update the driver.' });
    expect(await finding('GPU', () => Promise.reject(refused))).toEqual({
      name: 'GPU',
      status: 'missing',
      value: 'WebGPU found no GPU.',
      remedy: 'Update the driver.',
    });
  });

  it('says what there is also where a setting asks for more', async () => {
    const info: EngineInfo = {
      ...tensorflow,
      ownOps: { instructions: null, reason: 'ATELIER_OWN_OPS=off is set.' },
      refusal: { message: 'Nothing can be mapped.', place: { field: 'ATELIER_WEIGHTS' }, remedy: 'Leave it out.' },
    };
    expect(await finding('TensorFlow', async () => info)).toMatchObject({ status: 'ok' });
    expect(await finding('Own ops', async () => info)).toMatchObject({ value: expect.stringContaining('off is set') });
    expect(await finding('ATELIER_WEIGHTS', async () => info)).toEqual({
      name: 'ATELIER_WEIGHTS',
      status: 'missing',
      value: 'Nothing can be mapped.',
      remedy: 'Leave it out.',
    });
  });

  it('names the setting with a word that it does not take', async () => {
    const refused = new AtelierError(
      'ENGINE_UNAVAILABLE',
      'ATELIER_BACKEND must be one of webgpu, wasm, processor, not "gpu".',
      {
        place: { field: 'ATELIER_BACKEND' },
      },
    );
    expect(await finding('ATELIER_BACKEND', () => Promise.reject(refused))).toMatchObject({
      status: 'missing',
      value: refused.message,
    });
  });

  it('speaks where the engine cannot even start, and still looks at the rest', async () => {
    const lost = () =>
      Promise.reject(new AtelierError('ENGINE_LOST', 'The engine process ended.', { remedy: 'Read the log.' }));
    expect(await finding('TensorFlow', lost)).toEqual({
      name: 'TensorFlow',
      status: 'missing',
      value: 'The engine process ended.',
      remedy: 'Read the log.',
    });
    expect(await finding('SQLite', lost)).toMatchObject({ status: 'ok', value: expect.stringMatching(/^3\.\d+/) });
  });

  it('says that the data folder cannot be used', async () => {
    expect(await finding('Data folder', async () => tensorflow, '/dev/null/home')).toMatchObject({ status: 'missing' });
  });
});
