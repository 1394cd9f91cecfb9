/** @file Which Python a job runs with: the one that was named, from whatever folder; and one that lacks packages says so. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { jobTexts } from './job-texts.ts';

const code = fileURLToPath(new URL('../../../resources/handoff', import.meta.url));
const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
let folder: string;

beforeEach(() => {
  folder = realpathSync(temporaryFolder());
});

/** A program of the job with a Python that has nothing but itself and the packages in `folder`/packages. */
function bare(...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, PYTHONPATH: join(folder, 'packages'), PYTHONDONTWRITEBYTECODE: '1' };
  return spawnSync(python.stdout.trim(), ['-S', ...args], { cwd: folder, encoding: 'utf8', env });
}

function install(...packages: string[]): void {
  for (const name of packages) {
    mkdirSync(join(folder, 'packages', name), { recursive: true });
    writeFileSync(join(folder, 'packages', name, '__init__.py'), '');
  }
}

describe.skipIf(python.status !== 0)('a job on Ray whose Python is another', () => {
  const train = [join(code, 'launch/ray_train.py'), '--storage', 'storage'];
  const fetch = [join(code, 'launch/fetch.py'), '--storage', 'storage', '--have', '{}'];

  it.each([
    ['trains nothing', train, 'ray, torch, yaml'],
    ['fetches nothing', fetch, 'yaml'],
  ])('%s, and says in one sentence which it is and what it lacks', (_, args, lacking) => {
    const { status, stdout, stderr } = bare(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `The Python of this job, ${python.stdout.trim()}, lacks ${lacking}: install requirements.txt there, or start Ray with the right Python's folder first in PATH, as a whole path.\n`,
    );
    expect(existsSync(join(folder, 'storage'))).toBe(false);
  });

  it('names only what it lacks', () => {
    install('yaml', 'torch');
    expect(bare(...train).stderr).toContain(' lacks ray: ');
  });

  it('goes on if it has everything', () => {
    install('ray', 'torch', 'yaml');
    // These are empty, so it comes as far as their use.
    const { stderr } = bare(...train);
    expect(stderr).not.toContain(' lacks ');
    expect(stderr).toContain("module 'yaml' has no attribute 'SafeLoader'");
  });
});

describe.skipIf(process.platform === 'win32')('run.sh', () => {
  it('takes a relative ATELIER_VENV from where it was started', () => {
    const texts = jobTexts({
      ...{ id: 'job-1', name: 'Counting', recipes: [], samples: 1, images: 1, modelName: 'tiny', modelIncluded: true },
      ...{ ledger: [], launcher: 'shell', torch: '2.13.0', dataBytes: 1 },
    });
    for (const name of ['job', 'environment/bin']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'job/run.sh'), texts.get('run.sh')?.text ?? '');
    const named = join(folder, 'environment/bin/python');
    writeFileSync(named, '#!/bin/sh\necho "$0 in $PWD: $*"\n');
    for (const program of [named, join(folder, 'job/run.sh')]) chmodSync(program, 0o755);
    const { stdout, stderr } = spawnSync('job/run.sh', ['--smoke'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ATELIER_VENV: 'environment' },
    });
    expect([stdout, stderr]).toEqual([`${named} in ${join(folder, 'job')}: train.py --smoke\n`, '']);
  });
});
