/** @file `--looks`, `--spending` and `--other-beta`: what cannot be meant is named, and nothing is started. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let run: CommandRunner['run'];
let model: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  await writeDataset(folder);
  model = copyTinyModel(folder);
  ({ run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
});

function contest(...more: string[]) {
  return run('contest', '--dataset', 'images', '--model', model, '--steps', '2', '--arms', 'base,sft', ...more);
}

describe('planned looks', () => {
  it.each([
    [['--seeds', '7,8,9', '--looks', '2,3'], 'The looks 2,3 are not numbers of seeds'],
    [['--seeds', '7,8,9', '--looks', '3,4'], 'The last look is at 4 seeds, but the experiment has 3.'],
    [['--seeds', '7,8,9,10', '--looks', '4,3,4'], 'do not grow'],
    [['--looks', '3', '--spending', 'all'], 'must be one of pocock, obrien-fleming'],
    [['--spending', 'pocock'], 'no looks are planned'],
    [['--other-beta', '0.3'], 'the arm grpo-other does not compete'],
  ])('refuses %j', async (words, sentence) => {
    const { status, err } = await contest(...words);
    expect(status).not.toBe(0);
    expect(err).toContain(sentence);
    expect((await run('experiments')).out).toContain('There are no experiments yet');
  });

  it('are kept with the experiment, and judged', async () => {
    expect((await contest('--seeds', '7,8,9', '--looks', '3')).status).toBe(0);
    const [listed] = (await run('experiments', '--json')).json() as unknown as { id: string }[];
    const detail = (await run('experiments', listed?.id ?? '', '--json')).json() as unknown as {
      request: { looks: unknown };
      comparisons: { looks: { taken: { seeds: number; level: number }[] } }[];
    };
    expect(detail.request.looks).toEqual({ seeds: [3], spending: 'pocock' });
    expect(detail.comparisons[0]?.looks.taken).toMatchObject([{ seeds: 3 }]);
    // A single look may spend everything.
    expect(detail.comparisons[0]?.looks.taken[0]?.level).toBeCloseTo(0.05, 6);
  }, 120_000);
});
