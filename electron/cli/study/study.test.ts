import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { DatasetId, ModelId } from '../../contract/model/primitives.ts';
import { fakeEngine } from '../../studio/fixtures/test-studio.ts';
import { runCli } from '../cli.ts';
import { findPlaces } from '../../studio/places.ts';
import type { StudyDocument } from './document.ts';
import { studyPage } from './markdown.ts';
import { studyPlots } from './plots.ts';
import { studyRequest } from './request.ts';
import { localPictures } from '../../pictures/work.ts';

const places = findPlaces(import.meta.url);

interface Outcome {
  status: number;
  lines: string[];
}

/** Runs the study command with the fake engine and presses Ctrl-C at a given line. */
async function study(folder: string, words: string[], interruptAt?: (line: string) => boolean): Promise<Outcome> {
  const lines: string[] = [];
  const listeners: (() => void)[] = [];
  let pressed = false;
  const hear = (text: string): void => {
    lines.push(...text.split('\n').filter((line) => line !== ''));
    if (pressed || interruptAt === undefined || !lines.some(interruptAt)) return;
    pressed = true;
    listeners.at(-1)?.();
  };
  const out = words.includes('--out') ? [] : ['--out', join(folder, 'out')];
  const steps = words.includes('--steps') ? [] : ['--steps', '2'];
  const argv = ['study', 'paper', '--seeds', '7', ...steps, '--samples', '4', ...out];
  const status = await runCli(
    [...argv, '--home', join(folder, 'home'), ...words],
    {
      stdout: hear,
      stderr: hear,
      env: {},
      cwd: folder,
      isTty: false,
      columns: undefined,
      exit: () => undefined,
      onInterrupt: (listener) => {
        listeners.push(listener);
        return () => void listeners.splice(listeners.indexOf(listener), 1);
      },
    },
    { places, spawnEngine: fakeEngine, pictures: localPictures },
  );
  return { status, lines };
}

it('is interrupted, goes on where it was, and writes page, data and plots', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-study-'));
  const first = await study(folder, [], (line) => line.startsWith('4/19 done'));
  expect(first.status).toBe(130);
  const partial = await study(folder, ['--report']);
  expect(partial.status).toBe(0);
  const before = JSON.parse(readFileSync(join(folder, 'out', 'study.json'), 'utf8')) as StudyDocument;
  expect(before.complete).toBe(false);
  const done = before.children.filter(({ status }) => status === 'completed');
  expect(done.length).toBeGreaterThanOrEqual(4);
  expect(readFileSync(join(folder, 'out', 'study.md'), 'utf8')).toContain('**This study is not finished.**');

  const second = await study(folder, []);
  expect(second.status).toBe(0);
  expect(second.lines.some((line) => line.includes(`${done.length} of 19 parts are done already`))).toBe(true);
  const after = JSON.parse(readFileSync(join(folder, 'out', 'study.json'), 'utf8')) as StudyDocument;
  expect(after).toMatchObject({ format: 'atelier-study/1', complete: true, ran: { runs: 18 } });
  for (const { ordinal, runId } of done) expect(after.children[ordinal]?.runId).toBe(runId);
  expect(after.experiment.claims).toHaveLength(11);

  expect(readdirSync(join(folder, 'out')).sort()).toEqual([
    'study-contest.svg',
    'study-exam.svg',
    'study-kl-weight.svg',
    'study-plan.json',
    'study-reward-weight.svg',
    'study.json',
    'study.md',
  ]);
  const page = readFileSync(join(folder, 'out', 'study.md'), 'utf8');
  expect(page).not.toContain('not finished');
  expect(page).not.toMatch(/undefined|NaN|\[object/);
  expect(page.match(/\*\*Undecided\.\*\*/g)).toHaveLength(11);

  // Everything is done, so nothing runs again.
  const third = await study(folder, []);
  expect(third.lines.some((line) => line.includes('19 of 19 parts are done already'))).toBe(true);
  const again = JSON.parse(readFileSync(join(folder, 'out', 'study.json'), 'utf8')) as StudyDocument;
  expect(again.children.map(({ runId }) => runId)).toEqual(after.children.map(({ runId }) => runId));
  expect(again.plan).toMatchObject({ fault: null });

  // The same runs are asked other questions: nothing is trained.
  const askAgain = (names: string, ...words: string[]) => study(folder, ['--ask-again', names, ...words]);
  const elsewhere = ['--out', join(folder, 'again')];
  expect((await askAgain('geometry')).status).toBe(2);
  expect((await askAgain('two-step-counting,two-step-geometry', '--steps', '3')).status).toBe(3);
  for (const names of [
    'geometry,counting',
    'two-step-counting,two-step-counting',
    'two-step-geometry,two-step-counting',
  ])
    expect((await askAgain(names, ...elsewhere)).status, names).toBe(2);
  // Not beside the page of the study itself, which would be lost.
  const whole = readFileSync(join(folder, 'out', 'study.md'), 'utf8');
  expect((await askAgain('two-step-counting,two-step-geometry')).lines.join()).toContain('the plan of another study');
  expect(readFileSync(join(folder, 'out', 'study.md'), 'utf8')).toBe(whole);
  expect((await askAgain('two-step-counting,two-step-geometry', ...elsewhere)).status).toBe(0);
  const asked = JSON.parse(readFileSync(join(folder, 'again', 'study.json'), 'utf8')) as StudyDocument;
  expect(asked.children.map(({ runId, status }) => [runId, status])).toEqual(
    after.children.map(({ runId }) => [runId, 'completed']),
  );
  const names = asked.children.flatMap(({ tests }) => tests.map(({ datasetName }) => datasetName));
  expect([...new Set(names)].every((name) => name.startsWith('Two-step') || name.startsWith('two-step'))).toBe(true);
  expect(asked.plan?.sha256).not.toBe(after.plan?.sha256);
  expect(readFileSync(join(folder, 'again', 'study.md'), 'utf8')).toContain('Nothing was trained for this page.');

  // A plan that is changed now is named, and no verdict rests on it.
  const file = join(folder, 'out', 'study-plan.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"smallestDifference": 0.05', '"smallestDifference": 0.2'));
  const changed = await study(folder, ['--report']);
  expect(changed.lines.join('\n')).toContain('The plan was changed after the first run: smallestDifference.');
  const unjudged = JSON.parse(readFileSync(join(folder, 'out', 'study.json'), 'utf8')) as StudyDocument;
  expect(unjudged.experiment.claims.map(({ verdict }) => verdict)).toEqual(Array(11).fill('undecided'));
  expect(readFileSync(join(folder, 'out', 'study.md'), 'utf8')).toContain('**No verdict is given.**');
}, 300_000);

it('runs the contest and the exam alone, and claims nothing about the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-study-'));
  const refused = await study(folder, ['--contest', '--train-samples', 'some']);
  expect(refused.status).toBe(2);
  expect(refused.lines.join()).toContain('--train-samples');

  const done = await study(folder, ['--contest', '--train-samples', 'all', '--model', 'apprentice']);
  expect(done.status).toBe(0);
  const { children, experiment, ran } = JSON.parse(
    readFileSync(join(folder, 'out', 'study.json'), 'utf8'),
  ) as StudyDocument;
  // The base model, and three methods on each of two tasks.
  expect(children.map(({ arm }) => arm).sort()).toEqual(['base', 'grpo', 'grpo', 'grpo-d', 'grpo-d', 'sft', 'sft']);
  expect(experiment.claims.map(({ id }) => id)).toEqual([
    'same-task-sft-1',
    'same-task-sft-2',
    'same-task-grpo-1',
    'same-task-grpo-2',
    'across-tasks',
  ]);
  expect(experiment.request).toMatchObject({ tasks: [{ beta: 0.04 }, { beta: 0.04 }] });
  expect(JSON.stringify(experiment.request)).not.toContain('trainSamples');
  expect(ran.options).toBe('--model apprentice --seeds 7 --steps 2 --samples 4 --train-samples all --contest');
  const page = readFileSync(join(folder, 'out', 'study.md'), 'utf8');
  expect(page).toContain("# The paper's contest and exam on Atelier apprentice");
  expect(page).toContain('with one seed (throws of the dice)');
  expect(page).toContain(`npx atelier study paper ${ran.options ?? ''}`);
  expect(page).not.toMatch(/undefined|NaN|\[object|Infinity|[Ss]weep|The control/);
  const plan = JSON.parse(readFileSync(join(folder, 'out', 'study-plan.json'), 'utf8')) as {
    claims: unknown[];
    statistics: { comparisons: number };
  };
  expect(plan.claims).toHaveLength(5);
  expect(plan.statistics.comparisons).toBe(5);
}, 120_000);

it('says so where there is nothing to report, or no such study', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-study-'));
  expect((await study(folder, ['--report', '--steps', '3'])).status).toBe(3);
  expect((await study(folder, ['--ask-again', 'two-step-counting,two-step-geometry'])).status).toBe(3);
  for (const number of ['0', '1.5', 'abc'])
    expect((await study(folder, ['--contest', '--train-samples', number])).status, number).toBe(2);
  // What runs nothing adds nothing.
  const lines: string[] = [];
  const io = { stdout: (text: string) => lines.push(text), stderr: () => undefined, env: {}, cwd: folder };
  const argv = ['datasets', '--json', '--home', join(folder, 'home')];
  const rest = { isTty: false, columns: undefined, exit: () => undefined, onInterrupt: () => () => undefined };
  await runCli(argv, { ...io, ...rest }, { places, spawnEngine: fakeEngine, pictures: localPictures });
  expect(lines.join('')).toBe('[]\n');
}, 120_000);

it.each(['', 'study-first', 'study-apprentice', 'study-apprentice-first'])(
  'the published page and plots are what the published figures make: docs/%s',
  (folder) => {
    const docs = fileURLToPath(new URL(`../../../docs/${folder}`, import.meta.url));
    const published = JSON.parse(readFileSync(join(docs, 'study.json'), 'utf8')) as StudyDocument;
    const plots = studyPlots(published);
    expect(readFileSync(join(docs, 'study.md'), 'utf8')).toBe(studyPage(published, new Set(plots.keys())));
    for (const [name, plot] of plots) expect(readFileSync(join(docs, name), 'utf8'), name).toBe(plot);
  },
);

it('a quick study is one seed, with what the claims about the sweeps need', () => {
  const options = { modelId: 'm' as ModelId, counting: 'c' as DatasetId, geometry: 'g' as DatasetId };
  const quick = studyRequest({ ...options, quick: true });
  const whole = studyRequest({ ...options, quick: false });
  if (quick.kind !== 'study' || whole.kind !== 'study') throw new Error('This is not a study.');
  expect([quick.seeds?.length, whole.seeds?.length]).toEqual([1, 10]);
  for (const { rewardWeights, klWeights } of [quick, whole]) {
    expect(rewardWeights).toEqual(expect.arrayContaining([0, 1]));
    expect(klWeights).toEqual(expect.arrayContaining([0, 0.3, 10]));
  }
});
