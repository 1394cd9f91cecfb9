/** @file `--reward` and `bench-rewards` from a terminal: what is accepted, what is refused, what is printed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { localPictures } from '../pictures/work.ts';
import { runCli } from './cli.ts';

let folder: string;
let model: string;

beforeAll(async () => {
  folder = temporaryFolder();
  await writeDataset(folder);
  model = copyTinyModel(folder);
  writeFileSync(
    join(folder, 'mine.ts'),
    'export const score = (completion: string): number => (completion.includes("7") ? 1 : 0);\n',
  );
  writeFileSync(join(folder, 'broken.ts'), '\nexport const score = () => nowhere;\n');
});

async function run(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const status = await runCli(
    [...argv, '--model', model, '--dataset', 'images', '--home', join(folder, 'home')],
    {
      stdout: (text) => (out += text),
      stderr: (text) => (err += text),
      env: {},
      cwd: folder,
      isTty: false,
      columns: undefined,
      exit: () => undefined,
      onInterrupt: () => () => undefined,
    },
    { spawnEngine: fakeEngine, pictures: localPictures },
  );
  return { status, out, err };
}

it('prints a report for people, and the whole of it as JSON', async () => {
  const bench = [
    'bench-rewards',
    '--reward',
    'accuracy',
    '--reward',
    './mine.ts:0.2',
    '--samples',
    '4',
    '--generations',
    '4',
  ];
  const text = await run(...bench);
  expect(text.status).toBe(0);
  expect(text.out).toContain('4 prompts × 4 answers');
  expect(text.out).toMatch(/custom:mine .* 0\.2 /);
  expect(text.out).toContain('pass@k');
  const json = await run(...bench, '--json');
  expect(JSON.parse(json.out)).toMatchObject({
    samples: 4,
    rewards: [{ key: 'accuracy' }, { key: 'custom:mine', weight: 0.2 }],
  });
});

it('trains with rewards that are named, with parameters, or a file; the recipe holds them whole', async () => {
  const count = '{"name":"accuracy","weight":1,"params":{"kind":"count"}}';
  const { status, out } = await run(
    'train',
    '--steps',
    '2',
    '--reward',
    count,
    '--reward',
    'format:0.5',
    '--reward',
    'mine.ts',
    '--json',
  );
  expect(status).toBe(0);
  expect(out).toContain('"completed"');
});

it.each([
  ['a name that is not there', 'accurracy', /names no reward/],
  ['JSON that is none', '{name}', /names no reward/],
  ['a misspelt parameter', '{"name":"accuracy","weight":1,"params":{"tolerence":1}}', /tolerence/],
  ['a negative weight', 'accuracy:-1', /"weight" must be at least 0/],
  ['a weight that is not a number', 'accuracy:NaN', /"weight" must be a number/],
  ['a negative weight in JSON', '{"name":"format","weight":-0.5}', /"weight" must be at least 0/],
  ['a negative weight of a file', 'mine.ts:-1', /"weight" must be at least 0/],
  ['a file that fails', 'broken.ts', /broken\.ts, line 2: 'nowhere' is not defined/],
  ['the wrong kind for the data', '{"name":"accuracy","weight":1,"params":{"kind":"choice"}}', /reads choice letters/],
])('refuses %s with status 2', async (_what, reward, message) => {
  const { status, err } = await run('bench-rewards', '--reward', reward);
  expect(err).toMatch(message);
  expect(err).toContain('what to do');
  expect(status).toBe(2);
});
