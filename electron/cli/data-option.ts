/** @file `--dataset`: one dataset, or several as `--dataset NAME=WEIGHT`; `--task` may name a task for each. */
import { AtelierError } from '../contract/errors/errors.ts';
import { StarterData } from '../contract/model/primitives.ts';
import type { RunRequest } from '../contract/model/runs.ts';
import { LEARNING_TASK_IDS, LEARNING_TASKS, type LearningTaskId } from '../method/learning-tasks.ts';
import type { RecipeFile } from '../reporting/recipe-yaml.ts';
import type { CommandContext, CommandOption } from './command.ts';
import { dataToCome } from '../studio/early-checks.ts';
import { lookUpDataset, type LookedUp } from './resolve.ts';

export const DATA_OPTION: CommandOption = [
  '--dataset <id>',
  `Dataset by id or name, one of the starter sets (${StarterData.options.join(', ')}), or a folder or table to import. Several are mixed by weight: --dataset a=2 --dataset b=1`,
  'repeatable',
];

type Named = Pick<RunRequest, 'datasetId' | 'mixture'>;

export interface LookedUpData {
  /** The same data with stand-ins for ids, by which a request is checked before anything is imported. */
  early: Named;
  add: LookedUp<Named>;
}

/**
 * The data that the options name, or else a recipe's file; all of it is found before any is imported.
 * @throws AtelierError BAD_INPUT (a weight, a task), NOT_FOUND
 */
export async function lookUpData(
  context: CommandContext,
  { datasetId, dataset, mixture }: Pick<RecipeFile, 'datasetId' | 'dataset' | 'mixture'>,
): Promise<LookedUpData> {
  const { args } = context;
  const typed = args.all('dataset');
  if (typed.length > 1) return await typedMixture(context, typed);
  const known = (await (await context.client()).datasets.list()).map(({ id }) => id);
  const idOf = (id: typeof datasetId): typeof datasetId => known.find((each) => each === id);
  if (mixture === undefined || typed.length === 1) {
    const word = typed[0] ?? idOf(datasetId) ?? dataset ?? datasetId ?? args.required('dataset');
    const found = await lookUpDataset(context, word);
    return { early: { datasetId: dataToCome() }, add: async () => ({ datasetId: (await found()).id }) };
  }
  return lookUpParts(
    context,
    mixture.map(({ dataset: name, datasetId: id, ...part }) => ({
      word: idOf(id) ?? name ?? id ?? args.required('dataset'),
      part,
    })),
  );
}

/** Whether `--task` names a task for each of several datasets, which then stands in the mixture. */
export function isMixedTask({ args }: Pick<CommandContext, 'args'>): boolean {
  return args.all('dataset').length > 1 && args.text('task')?.includes(',') === true;
}

async function typedMixture(context: CommandContext, typed: readonly string[]): Promise<LookedUpData> {
  const tasks = tasksOf(context, typed.length);
  const weighed = typed.map((word) => {
    const [, name = word, weight] = /^(.+)=([^=/\\]*)$/.exec(word) ?? [];
    const number = weight === undefined ? 1 : Number(weight);
    if (weight !== undefined && !(weight.trim() !== '' && Number.isFinite(number) && number > 0))
      throw new AtelierError('BAD_INPUT', `--dataset ${word} has a weight that is not a number above 0.`, {
        place: { field: '--dataset' },
        remedy: `For example \`--dataset photos=2 --dataset drawings=1\`. If "=" belongs to its name, add the weight: \`--dataset ${word}=1\`.`,
      });
    // What follows the last "=" may belong to the name.
    const hint = `"=${weight ?? ''}" was read as a weight. If it belongs to the name, add one: \`--dataset ${word}=1\`.`;
    return { name, weight: number, ...(weight === undefined ? {} : { hint }) };
  });
  return lookUpParts(
    context,
    weighed.map(({ name, weight, ...hint }, index) => ({
      word: name,
      part: { weight, ...wayOf(tasks[index]) },
      ...hint,
    })),
  );
}

type Part = NonNullable<Named['mixture']>[number];

async function lookUpParts(
  context: CommandContext,
  parts: readonly { word: string; part: Omit<Part, 'datasetId'>; hint?: string }[],
): Promise<LookedUpData> {
  const found: LookedUp<Part>[] = [];
  for (const { word, part, hint } of parts) {
    const dataset = await lookUpDataset(context, word).catch((error: unknown) => {
      if (hint === undefined || !(error instanceof AtelierError) || error.code !== 'NOT_FOUND') throw error;
      throw new AtelierError('NOT_FOUND', error.message, { place: error.place, remedy: hint });
    });
    found.push(async () => ({ ...part, datasetId: (await dataset()).id }));
  }
  return {
    early: mixed(parts.map(({ part }, place) => ({ ...part, datasetId: dataToCome(place) }))),
    add: async () => {
      const mixture: Part[] = [];
      for (const part of found) mixture.push(await part());
      return mixed(mixture);
    },
  };
}

function mixed(mixture: Part[]): Named {
  const [first] = mixture;
  if (first === undefined) throw new Error('A mixture has datasets.');
  return { datasetId: first.datasetId, mixture };
}

/** The task of each dataset; none where `--task` names one for all, or nothing. */
function tasksOf({ args }: CommandContext, datasets: number): LearningTaskId[] {
  const words = args.text('task')?.split(',') ?? [];
  if (words.length < 2) return [];
  if (words.length !== datasets) throw notTasks(words.join(','), `Name one task for all, or ${datasets} of them.`);
  return words.map((word) => {
    const id = LEARNING_TASK_IDS.find((known) => known === word.trim());
    if (id === undefined) throw notTasks(word.trim(), `Choose from ${LEARNING_TASK_IDS.join(', ')}.`);
    return id;
  });
}

function wayOf(
  task: LearningTaskId | undefined,
): Pick<NonNullable<Named['mixture']>[number], 'rewards' | 'promptTemplate'> {
  if (task === undefined) return {};
  const { rewards, promptTemplate } = LEARNING_TASKS[task];
  return { rewards: [...rewards], ...(promptTemplate === undefined ? {} : { promptTemplate }) };
}

function notTasks(word: string, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', `--task does not take "${word}" here.`, { place: { field: '--task' }, remedy });
}
