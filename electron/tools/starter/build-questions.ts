/**
 * @file Draws further test questions of the two starter tasks, for a study that asks more than the 200 and 160 that are
 * published. Run by `npm run build:questions -- FOLDER`.
 */
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { loadArt } from '../../starter/art.ts';
import { planCounting, planGeometry, SIZES, type PlannedRow, type StarterTask } from '../../starter/dataset-plan.ts';
import { writeDataset } from './build-starter.ts';

/** Questions of each task, unless another number is given. */
const QUESTIONS = 1000;

/**
 * Writes `counting-more` and `geometry-more` below a folder: test questions that follow the published ones in the same
 * random stream. No picture occurs elsewhere, and no figure of geometry in training.
 */
export async function buildQuestions(folder: string, questions = QUESTIONS): Promise<void> {
  const art = await loadArt();
  const drawings = (set: string, kind: string): number => art.drawings(set, kind).length;
  const enough = (task: StarterTask): (typeof SIZES)[StarterTask] => ({
    train: SIZES[task].train,
    test: SIZES[task].test + questions,
  });
  const further = (task: StarterTask, rows: readonly PlannedRow[]): PlannedRow[] =>
    rows.filter(({ split }) => split === 'test').slice(SIZES[task].test);
  const plans = {
    counting: planCounting(art.catalogue, drawings, enough('counting')),
    geometry: planGeometry(enough('geometry')),
  };
  for (const task of ['counting', 'geometry'] as const) {
    await writeDataset(join(folder, `${task}-more`), task, further(task, plans[task]), art);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, questions] = process.argv.slice(2);
  if (folder === undefined) throw new Error('Name the folder: `npm run build:questions -- FOLDER [QUESTIONS]`.');
  const wanted = questions === undefined ? QUESTIONS : Number(questions);
  if (!Number.isInteger(wanted) || wanted < 1) throw new Error(`"${questions ?? ''}" is not a number of questions.`);
  await buildQuestions(resolve(folder), wanted);
  process.stdout.write(
    `${String(wanted)} questions of each task: counting-more and geometry-more in ${resolve(folder)}.\n`,
  );
}
