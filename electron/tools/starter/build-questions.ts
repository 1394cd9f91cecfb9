/**
 * @file Draws further test questions of the starter datasets, for a study that asks more than the 160 to 240 that are
 * published. Run by `npm run build:questions -- FOLDER`.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StarterData } from '../../contract/model/primitives.ts';
import { loadArt } from '../../starter/art.ts';
import { planCounting, planGeometry, SIZES, type PlannedRow, type StarterTask } from '../../starter/dataset-plan.ts';
import { COMPOSITE_LEVELS, PAIR_LEVELS, planComposites, planPairs } from '../../starter/two-step-plan.ts';
import { writeDataset } from './build-starter.ts';

/** Questions of each dataset, unless another number is given. */
const QUESTIONS = 1000;

/**
 * Writes `counting-more` and so on below a folder, one folder for each starter dataset: test questions that follow the
 * published ones in the same random stream. No picture occurs elsewhere, and no figure of geometry in training.
 */
export async function buildQuestions(folder: string, questions = QUESTIONS): Promise<void> {
  const art = await loadArt();
  const drawings = (set: string, kind: string): number => art.drawings(set, kind).length;
  const enough = (task: StarterTask): (typeof SIZES)[StarterTask] => ({
    train: SIZES[task].train,
    test: SIZES[task].test + questions,
  });
  const plans: Record<StarterData, PlannedRow[]> = {
    counting: planCounting(art.catalogue, drawings, enough('counting')),
    geometry: planGeometry(enough('geometry')),
    'two-step-counting': planPairs(art.catalogue, drawings, PAIR_LEVELS, questions),
    'two-step-geometry': planComposites(COMPOSITE_LEVELS, questions),
  };
  for (const data of StarterData.options) {
    const tests = plans[data].filter(({ split }) => split === 'test');
    await writeDataset(join(folder, `${data}-more`), data, tests.slice(-questions), art);
  }
}

/** The sentence that says what is wrong with the arguments or the folder; null if nothing is. */
function faultOf(folder: string | undefined, questions: number): string | null {
  if (folder === undefined || folder.startsWith('-')) {
    return 'Name the folder: `npm run build:questions -- FOLDER [QUESTIONS]`.';
  }
  if (!Number.isInteger(questions) || questions < 1) return 'The number of questions must be a whole number from 1 on.';
  const taken = StarterData.options.map((data) => join(folder, `${data}-more`)).find((path) => existsSync(path));
  return taken === undefined ? null : `${taken} exists already, and nothing is overwritten. Name another folder.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '', questions] = process.argv.slice(2);
  const wanted = questions === undefined ? QUESTIONS : Number(questions);
  const fault = faultOf(folder === '' ? undefined : folder, wanted);
  if (fault === null) {
    await buildQuestions(resolve(folder), wanted);
    process.stdout.write(
      `Questions of each dataset: ${wanted}, in ${StarterData.options.map((data) => join(resolve(folder), `${data}-more`)).join(', ')}.\n`,
    );
  } else {
    process.stderr.write(`${fault}\n`);
    process.exitCode = 2;
  }
}
