/** @file The built studio on WebGPU, with Chromium's SwiftShader as the GPU: the doctor names it, and the model gives the same answer. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atelier, ROOT, temporaryHome } from './studio-host.ts';

const CHROMIUM = '/usr/lib/chromium';
const ICD = join(CHROMIUM, 'vk_swiftshader_icd.json');
const here = existsSync(ICD) && existsSync(join(ROOT, 'node_modules', 'webgpu'));
const FIXTURE = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny');

type Findings = { name: string; status: string; value: string }[];

describe.skipIf(!here)('on WebGPU', () => {
  beforeEach(() => {
    vi.stubEnv('LD_LIBRARY_PATH', CHROMIUM);
    vi.stubEnv('VK_ICD_FILENAMES', ICD);
    vi.stubEnv('ATELIER_BACKEND', 'webgpu');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('the doctor names the GPU, and the model gives the same answer', () => {
    const home = temporaryHome();
    const question = ['generate', '--model', join(FIXTURE, 'model'), '--prompt', 'Say 7.', '--max-new-tokens', '3'];
    const image = ['--image', join(FIXTURE, 'images', 'rgb_70x70.png')];
    const findings = atelier(home, 'doctor') as Findings;
    expect(findings.find(({ name }) => name === 'GPU')?.value).toMatch(/^SwiftShader.*in use$/);
    const { tokenIds } = atelier(home, ...question, ...image) as { tokenIds: number[] };
    vi.stubEnv('ATELIER_BACKEND', undefined);
    expect((atelier(home, ...question, ...image) as { tokenIds: number[] }).tokenIds).toEqual(tokenIds);
    const software = (atelier(home, 'doctor') as Findings).find(({ name }) => name === 'GPU');
    expect(software).toMatchObject({
      status: 'unused',
      value: expect.stringContaining('not in use: It is a software'),
    });
  });

  it('says in one sentence that the GPU that was named is not there', () => {
    vi.stubEnv('ATELIER_GPU', 'Radeon');
    expect(() => atelier(temporaryHome(), 'generate', '--model', join(FIXTURE, 'model'), '--prompt', 'Say 7.')).toThrow(
      /No GPU has "Radeon" in its name; this machine has SwiftShader/,
    );
  });
});
