import { expect, it } from 'vitest';
import { checkEnvironment, environmentWord } from './environment.ts';

it.each([
  ['ATELIER_BACKEND', 'webgpuu', 'webgpu, wasm, processor'],
  ['ATELIER_GPU_PROGRAMS', 'opbyop', 'compiled, op-by-op'],
  ['ATELIER_OWN_OPS', '0', 'on, off'],
  ['ATELIER_THREADS', '8', 'lanes, products'],
])('refuses a word that %s does not take', (variable, word, words) => {
  expect(() => checkEnvironment({ [variable]: word })).toThrow(
    expect.objectContaining({
      code: 'ENGINE_UNAVAILABLE',
      message: `${variable} must be one of ${words}, not "${word}".`,
      place: { field: variable },
    }),
  );
});

it('takes the words that there are, and an empty one as none', () => {
  checkEnvironment({});
  expect(environmentWord('ATELIER_BACKEND', { ATELIER_BACKEND: 'wasm' })).toBe('wasm');
  expect(environmentWord('ATELIER_BACKEND', { ATELIER_BACKEND: '' })).toBeUndefined();
});
