/** @file `train --sft-first`: SFT, and then the run itself, which begins with its adapter. */
import { expect, it } from 'vitest';
import type { RunDetail, RunSummary } from '../contract/model/runs.ts';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner } from './testing/run-command.ts';

it('trains two runs, the second from the adapter of the first, with the same data and adapter settings', async () => {
  const folder = temporaryFolder();
  await writeDataset(folder);
  const { run } = commandRunner({ home: `${folder}/home`, cwd: folder, spawnEngine: fakeEngine });
  const train = (...more: string[]) =>
    run('train', '--dataset', 'images', '--model', copyTinyModel(folder), '--steps', '4', ...more);

  // What it begins with is looked for before the data are imported.
  expect((await train('--adapter', 'nowhere')).status).not.toBe(0);
  expect((await train('--start-from', 'run-1a2b3c4d')).status).not.toBe(0);
  expect((await run('datasets', '--json')).json()).toEqual([]);

  for (const [more, words] of [
    [['--sft-first', '0'], 'must be at least 1'],
    [['--sft-first', '2', '--method', 'sft'], 'the run itself is SFT'],
    [['--sft-first', '2', '--set', 'promptsPerStep=1000'], 'grpo.promptsPerStep'],
  ] as const) {
    const { status, err } = await train(...more);
    expect(status, words).toBe(2);
    expect(err).toContain(words);
  }
  expect((await run('runs', '--json')).json()).toEqual([]);

  const both = await train('--sft-first', '2', '--name', 'both', '--set', 'klSchedule.betaMax=0.2', '--set', 'r=4');
  expect(both.status, both.err).toBe(0);
  expect(both.err).toMatch(/"both · SFT": 2 steps of sft[\s\S]*"both": 4 steps of grpo-d/);
  const runs = (await run('runs', '--json')).json() as unknown as RunSummary[];
  const detailOf = async (name: string): Promise<RunDetail> => {
    const id = runs.find((each) => each.name === name)?.id ?? '';
    return (await run('runs', id, '--json')).json() as unknown as RunDetail;
  };
  const [first, second] = [await detailOf('both · SFT'), await detailOf('both')];
  expect(first.recipe).toMatchObject({
    method: 'sft',
    steps: 2,
    adapter: { r: 4 },
    klSchedule: { kind: 'constant', beta: 0 },
  });
  expect(second.recipe).toMatchObject({
    method: 'grpo-d',
    steps: 4,
    adapter: { r: 4 },
    klSchedule: { betaMax: 0.2 },
    startFrom: { runId: first.summary.id, step: 2 },
  });

  const { id } = first.summary;
  const before = (await run('runs', '--json')).json();
  for (const [start, status, message, remedy] of [
    [`${id}@3`, 3, `The run ${id} has no checkpoint of step 3.`, 'It has checkpoints of: 2.'],
    [`${id}@`, 2, `--start-from ${id}@ is not of the form RUN or RUN@STEP.`, '--start-from run-1a2b3c4d@40'],
    [`${id}@0`, 2, `--start-from ${id}@0 is not of the form RUN or RUN@STEP.`, '--start-from run-1a2b3c4d@40'],
    [`${id}@2@4`, 2, `--start-from ${id}@2@4 is not of the form RUN or RUN@STEP.`, '--start-from run-1a2b3c4d@40'],
    [`${id}@last`, 2, `--start-from ${id}@last is not of the form RUN or RUN@STEP.`, '--start-from run-1a2b3c4d@40'],
    ['run-00000000@2', 3, 'There is no run with the id "run-00000000".', 'runs'],
  ] as const) {
    const wrong = await train('--start-from', start);
    expect([wrong.status, wrong.err], start).toEqual([status, expect.stringContaining(message)]);
    expect(wrong.err).toContain(remedy);
    expect(wrong.err).toMatch(/where: "--start-from"/);
  }
  expect((await run('runs', '--json')).json()).toEqual(before);
});
