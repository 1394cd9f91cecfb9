/** @file The built studio without TensorFlow's native part: it still answers, and says what that costs. */
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { atelier, ROOT, temporaryHome } from './studio-host.ts';

const FIXTURE = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny');

afterEach(() => vi.unstubAllEnvs());

it('on WebAssembly the doctor says so and the model gives the same answer', () => {
  const home = temporaryHome();
  const question = ['generate', '--model', join(FIXTURE, 'model'), '--prompt', 'Say 7.', '--max-new-tokens', '8'];
  const image = ['--image', join(FIXTURE, 'images', 'rgb_70x70.png')];
  const native = atelier(home, ...question, ...image) as { tokenIds: number[] };
  vi.stubEnv('ATELIER_BACKEND', 'wasm');
  const findings = atelier(home, 'doctor') as { name: string; value: string }[];
  expect(findings.find(({ name }) => name === 'Device')?.value).toContain('WebAssembly');
  expect((atelier(home, ...question, ...image) as { tokenIds: number[] }).tokenIds).toEqual(native.tokenIds);
});
