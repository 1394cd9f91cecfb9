/**
 * @file `npm run measure:apprentice`: trains the apprentice with the command that everyone uses (`atelier train`) and
 * writes its held-out accuracy along the way to resources/models/apprentice/learning.json, and the card from it. Can be
 * stopped at any time; the same command goes on. `--data NAME --steps N --seed N` choose one run; it replaces an earlier
 * entry about the same dataset and seed.
 */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StarterData } from '../../../contract/model/primitives.ts';
import { HeldOutPoint, RunSummary } from '../../../contract/model/runs.ts';
import { writeApprenticeCard } from './two-step-card.ts';
import type { Learning, LearningRun } from './two-step-card.ts';

const root = resolve(import.meta.dirname, '../../../..');
const modelFolder = join(root, 'resources/models/apprentice');
const work = resolve(process.env['ATELIER_MEASURE_DIR'] ?? join(root, '.cache/measure-apprentice'));

const { values: given } = parseArgs({
  options: {
    data: { type: 'string', default: 'two-step-counting' },
    steps: { type: 'string', default: '300' },
    seed: { type: 'string', default: '7' },
  },
});
const data = StarterData.parse(given.data);
const steps = z.coerce.number().int().min(3).parse(given.steps);
const seed = z.coerce.number().int().parse(given.seed);

/** Updates between two looks at all test questions: before, after each third, and at the end. */
const EVERY = Math.ceil(steps / 3);

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('evaluation'), point: HeldOutPoint }),
  z.object({ type: z.literal('status'), summary: RunSummary }),
  z.object({ type: z.literal('result'), run: RunSummary }),
]);
type Line = z.infer<typeof Line>;

/** The lines of the runs before, as far as they matter here. */
async function linesOf(file: string): Promise<Line[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const parsed = line === '' ? null : Line.safeParse(JSON.parse(line));
    return parsed?.success === true ? [parsed.data] : [];
  });
}

async function main(): Promise<void> {
  await mkdir(work, { recursive: true });
  const file = join(work, `${data}-${String(seed)}-${String(steps)}.jsonl`);
  const testQuestions = (await readFile(join(root, 'resources/datasets', data, 'metadata.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"split":"test"')).length;
  const before = (await linesOf(file)).findLast((line) => line.type === 'status');
  const settings = ['evalEvery', 'evalDuringSamples', 'checkpointEvery'].map((key, i) => [
    '--set',
    `${key}=${String([EVERY, testQuestions, 20][i])}`,
  ]);
  const options = ['train', '--model', 'apprentice', '--dataset', data, '--method', 'grpo'];
  const command = [...options, '--steps', String(steps), '--seed', String(seed), ...settings.flat()];
  if (before?.type !== 'status') await atelier(command, file);
  else if (before.summary.status !== 'completed') await atelier(['resume', before.summary.id], file);

  const lines = await linesOf(file);
  const end = lines.findLast((line) => line.type === 'result');
  if (end?.type !== 'result' || end.run.status !== 'completed') {
    process.stdout.write('Not finished; the same command goes on.\n');
    process.exitCode = 1;
    return;
  }
  const { base, tuned } = end.run;
  if (base === null || tuned === null) throw new Error('The run was not evaluated.');
  const points = new Map<number, { right: number; of: number }>([[0, { right: base.correct, of: base.n }]]);
  for (const line of lines)
    if (line.type === 'evaluation')
      points.set(line.point.step, { right: line.point.accuracy.correct, of: line.point.accuracy.n });
  points.set(steps, { right: tuned.correct, of: tuned.n });
  await remember({
    data,
    seed,
    command: `atelier ${command.join(' ')}`,
    points: [...points].sort(([a], [b]) => a - b).map(([step, share]) => ({ step, ...share })),
  });
}

/** Puts a run into learning.json, in place of an earlier one of the same dataset and seed, and writes the card anew. */
async function remember(run: LearningRun): Promise<void> {
  const path = join(modelFolder, 'learning.json');
  const known = await readFile(path, 'utf8').then(
    (text) => (JSON.parse(text) as Learning).runs,
    () => [],
  );
  const runs = [...known.filter((other) => other.data !== run.data || other.seed !== run.seed), run].sort(
    (a, b) => a.data.localeCompare(b.data) || a.seed - b.seed,
  );
  await writeFile(path, `${JSON.stringify({ runs } satisfies Learning, null, 2)}\n`);
  await writeApprenticeCard(modelFolder);
  process.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
}

/** Runs the built command line and keeps its events. */
async function atelier(args: readonly string[], file: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/cli.js'), ...args, '--json', '--home', join(work, 'home')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // The command stops with a checkpoint, and this process waits for it.
  process.on('SIGINT', () => undefined);
  for await (const line of createInterface({ input: child.stdout })) await appendFile(file, `${line}\n`);
}

await main();
