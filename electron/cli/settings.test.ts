/** @file `atelier settings --gpu`: each word is explained, and who always wants a GPU learns at once that there is none. */
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { commandRunner } from './testing/run-command.ts';

afterEach(() => vi.unstubAllEnvs());

function runner() {
  const folder = temporaryFolder();
  return commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine });
}

it('says that no GPU is found for "always", what follows, and what to do; and keeps the setting', async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'none');
  const { run } = runner();
  const { status, out, err } = await run('settings', '--gpu', 'always');
  expect([status, out]).toEqual([0, expect.stringMatching(/Compute on a GPU +always/)]);
  expect(err.trim()).toBe(
    'The GPU is set to "always" but cannot be used: WebGPU found no GPU. Update the graphics driver. Until then, every job is refused.',
  );
  const doctor = (await run('doctor')).out;
  expect(doctor).toContain('GPU: The GPU is set to "always" but cannot be used: WebGPU found no GPU.');
  expect(doctor).toContain('Until then, every job is refused.');
  for (const word of ['automatic', 'never']) expect((await run('settings', '--gpu', word)).err).toBe('');
});

it('refuses a run for "always" before its data are imported', async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'none');
  const { run } = runner();
  await run('settings', '--gpu', 'always');
  const { status, err } = await run('train', '--dataset', 'counting', '--steps', '1');
  expect([status, err]).toEqual([6, expect.stringContaining('WebGPU found no GPU')]);
  const { out } = await run('datasets', '--json');
  expect(JSON.parse(out)).toEqual([]);
  // This needs no engine.
  expect(await run('balance', 'counting')).toMatchObject({ status: 0 });
});

it('says nothing where a GPU is found', async () => {
  vi.stubEnv('ATELIER_FAKE_GPU', 'fast');
  const { run } = runner();
  expect(await run('settings', '--gpu', 'always')).toMatchObject({ status: 0, err: '' });
});

it('explains each word, and refuses others', async () => {
  const { run } = runner();
  const help = (await run('settings', '--help')).out.replace(/\s+/g, ' ');
  for (const word of ['automatic (the default): ', 'always: ', 'never: ']) expect(help).toContain(word);
  const { status, err } = await run('settings', '--gpu', 'sometimes');
  expect([status, err]).toEqual([2, expect.stringContaining('automatic, always, never')]);
});
