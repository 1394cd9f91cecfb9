/** @file A run on frozen weights in 4 bits, in a terminal: wherever base and tuned stand side by side, it says what each rests on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addSmallRun } from '../studio/exports/fixtures/small-home.ts';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { commandRunner } from './testing/run-command.ts';
import { resultText } from './follow-run.ts';

const NOTE = 'The base is the model as published; the tuned model rests on weights in 4 bits (NF4).';

it.each([
  ['nf4', true],
  ['as-published', false],
] as const)('of a run on weights %s', async (frozenWeights, isSaid) => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const { runId } = await addSmallRun(home, folder, { recipe: { frozenWeights } });
  const { run } = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine });
  const text = async (name: string, ...argv: string[]): Promise<string> => {
    const { status, err } = await run(...argv);
    expect([status, err]).toEqual([0, expect.any(String)]);
    return readFileSync(join(folder, name), 'utf8');
  };
  const shown = await run('runs', runId, '--json');
  const { summary, recipe } = shown.json() as unknown as Parameters<typeof pair>[0];
  const places = {
    // What `train` ends with.
    result: resultText(...pair({ summary, recipe })),
    run: (await run('runs', runId)).out,
    report: await text('report.html', 'report', runId, '--out', 'report.html'),
    card: await text('bundle/README.md', 'export', runId, 'bundle'),
  };
  for (const [place, said] of Object.entries(places)) expect(said.includes(NOTE), place).toBe(isSaid);
});

function pair(detail: { summary: Parameters<typeof resultText>[0]; recipe: Parameters<typeof resultText>[1] }) {
  return [detail.summary, detail.recipe] as const;
}
