/** @file `atelier caption` with the fake engine: rows, errors, going on after a stop, and the runs that answer. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let begin: CommandRunner['begin'];
let run: CommandRunner['run'];

beforeEach(async () => {
  folder = temporaryFolder();
  await writeDataset(folder);
  copyTinyModel(folder);
  ({ begin, run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
});

function rowsOf(name: string): string[] {
  return readFileSync(join(folder, name), 'utf8').trimEnd().split('\r\n');
}

it('captions a folder into a table, names what it cannot read, and asks only that again', async () => {
  writeFileSync(join(folder, 'images', 'broken.png'), 'no picture');
  const caption = ['caption', 'images', '--model', 'tiny', '--question', 'How many, "really"?', '--out', 'c.csv'];
  const first = await run(...caption, '--json');
  expect(first.json()).toMatchObject({ pictures: 9, answered: 8, failed: 1, earlier: 0 });
  expect(first.status).toBe(1);
  expect(first.err).toContain('broken.png');
  const lines = rowsOf('c.csv');
  expect(lines).toHaveLength(10);
  expect(lines[1]).toMatch(/^"broken\.png","How many, ""really""\?","","",".*broken\.png/);
  expect(lines[2]).toMatch(/^"image-0\.png",.*"stop",""$/);
  const again = await run(...caption, '--json');
  expect(again.json()).toMatchObject({ answered: 0, failed: 1, earlier: 8 });
  expect(readFileSync(join(folder, 'c.csv'), 'utf8').split('broken.png",')).toHaveLength(2);
  expect((await run(...caption)).out).toContain('! 0 answers, 1 error: ');
  // A row that was cut when the program was killed is asked again.
  writeFileSync(join(folder, 'c.csv'), `${lines[0] ?? ''}\r\n${lines[2] ?? ''}\r\n"image-1.png","How`);
  expect((await run(...caption, '--json')).json()).toMatchObject({ answered: 7, earlier: 1 });
  writeFileSync(join(folder, 'other.csv'), 'mine');
  expect((await run(...caption.slice(0, -1), 'other.csv')).status).toBe(4);
  expect(readFileSync(join(folder, 'other.csv'), 'utf8')).toBe('mine');
});

it('keeps what is answered when Ctrl-C stops it, and goes on from there', async () => {
  const caption = ['caption', 'images', '--model', 'tiny', '--question', 'slow'];
  const stopped = begin(caption, (text, running) => {
    if (text.includes('2/8')) running.interrupt();
  });
  expect((await stopped.done).status).toBe(130);
  const known = rowsOf('images/captions.csv');
  expect(known.length).toBeGreaterThanOrEqual(3);
  expect(known.length).toBeLessThan(9);
  const rest = (await run(...caption, '--json')).json();
  expect(rest).toMatchObject({ pictures: 8, answered: 9 - known.length, earlier: known.length - 1 });
  const names = rowsOf('images/captions.csv').map((row) => row.split(',')[0]);
  expect(names.slice(1).sort()).toEqual(Array.from({ length: 8 }, (_, index) => `"image-${index}.png"`));
});

it('lets a run answer, by its newest checkpoint or that of a step, and says which there are', async () => {
  const set = ['--set', 'checkpointEvery=2'];
  const train = ['train', '--dataset', 'images', '--model', 'tiny', '--steps', '4', ...set, '--json'];
  expect((await run(...train)).status).toBe(0);
  const [{ id } = { id: '' }] = (await run('runs', '--json')).json() as unknown as { id: string }[];
  const caption = ['caption', 'images', '--question', 'What?', '--run', id, '--json'];
  expect((await run(...caption, '--out', 'a.csv')).json()).toMatchObject({ answered: 8, failed: 0 });
  expect((await run(...caption, '--step', '2', '--out', 'b.csv')).json()).toMatchObject({ answered: 8 });
  const missing = await run(...caption, '--step', '3', '--out', 'c.csv');
  expect(missing.status).toBe(3);
  expect(missing.json()).toMatchObject({ error: { remedy: 'It has checkpoints of the steps 2, 4.' } });
  cpSync(join(folder, 'images'), join(folder, 'more'), { recursive: true });
  expect((await run('import', 'more', '--seed', '3', '--name', 'Others', '--json')).status).toBe(0);
  const others = await run(...caption, '--dataset', 'Others', '--out', 'c.csv');
  expect(others.json()).toMatchObject({
    error: { message: 'The run did not learn from the dataset "Others".', remedy: 'Use one of: images.' },
  });
  const both = await run(...caption, '--model', 'tiny', '--out', 'c.csv');
  expect(both.json()).toMatchObject({ error: { place: { field: '--model' } } });
  const without = await run('caption', 'images', '--model', 'tiny', '--step', '2', '--json');
  expect(without.json()).toMatchObject({ error: { place: { field: '--step' } } });
  const unknown = await run('caption', 'images', '--run', 'run-00000000', '--out', 'd.csv', '--json');
  expect(unknown.status).toBe(3);
});
