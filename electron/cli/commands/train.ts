/** @file `atelier train`: trains a run from its recipe to the end, showing progress in the terminal. */
import { FrozenWeights, Method, type Recipe, type StartRequest } from '../../contract/model/recipe.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { RunRequest, RunSummary } from '../../contract/model/runs.ts';
import { given } from '../arguments.ts';
import type { Command, CommandContext, CommandOption, StudioClient } from '../command.ts';
import { DETAIL_OPTION, detailOption } from '../detail-option.ts';
import { followRun } from '../follow-run.ts';
import { typedRunId } from '../ids.ts';
import { LAYERS_OPTION, layersOption } from '../layers-option.ts';
import { recipeSettings, settingsOf } from '../recipe-settings.ts';
import { DATA_OPTION, isMixedTask, lookUpData } from '../data-option.ts';
import { lookUpModel } from '../resolve.ts';
import { SFT_FIRST_OPTION, sftFirst } from '../sft-first.ts';
import { REWARD_OPTION, rewardOptions } from '../reward-options.ts';
import { TASK_OPTION, taskSettings } from '../task-option.ts';
import { DEFAULT_KL_SHARE_EVERY } from '../../method/defaults.ts';
import { checkAdapterEarly, checkRunEarly, TO_COME } from '../../studio/early-checks.ts';
import { readRecipeFile } from '../../studio/recipes/recipe-file.ts';
import { counted } from '../text.ts';

/** Options that define a run, also for planning one. */
export const RECIPE_OPTIONS: readonly CommandOption[] = [
  DATA_OPTION,
  ['--model <id>', 'Model by id or name, or its folder (default: the starter model)'],
  ['--method <method>', 'grpo-d (default), grpo or sft'],
  ['--steps <n>', 'Number of optimisation steps'],
  ['--seed <n>', 'Seed of everything random in the run'],
  ['--name <name>', 'Name of the run'],
  TASK_OPTION,
  REWARD_OPTION,
  LAYERS_OPTION,
  ['--frozen-weights <how>', 'as-published (default), or nf4: in 4 bits, as QLoRA keeps them'],
  DETAIL_OPTION,
  ['--recipe <file>', 'YAML or JSON file with fields of a recipe; options win over it'],
  [
    '--start-from <run[@step]>',
    'Begin with the adapter of an earlier run, with its settings unless others are given (default: its result)',
  ],
  ['--adapter <dir>', 'Begin with an adapter made elsewhere: a PEFT folder for the base model'],
  [
    '--set <key=value>',
    'Any field of the recipe, such as learningRate=0.0005, klSchedule.betaMax=0.2 or evalSamples=0 (0 = all held-out samples, before and after); repeatable',
    'repeatable',
  ],
];

export const trainCommand: Command = {
  usage: 'train [recipe]',
  summary: 'Fine-tune a model on a dataset; Ctrl-C stops with a checkpoint',
  options: [...RECIPE_OPTIONS, SFT_FIRST_OPTION],
  examples: [
    'atelier train --dataset ./my-archive --task tags',
    'atelier train --dataset counting --steps 100',
    'atelier train --dataset counting=2 --dataset ./my-archive=1 --task count,tags',
    'atelier runs run-1a2b3c4d --recipe > recipe.yaml && atelier train recipe.yaml --seed 8',
    'atelier train --dataset ./my-archive --sft-first 40 --steps 100',
    'atelier train --start-from run-1a2b3c4d@40 --method grpo-d --steps 60 --set learningRate=0.0002',
    'atelier train --dataset ./my-images --method grpo --set klSchedule.beta=0.04 --set rewards=accuracy:1,format:0.5',
  ],
  run: async (context) => {
    const request = await trainRequest(context, context.positional[0]);
    const first = sftFirst(context.args, request);
    if (first === null) return startAndFollow(context, request);
    const client = await context.client();
    // What is wrong with the second run is said before the first begins.
    await client.runs.plan(request);
    const taught = await client.runs.start(first);
    const status = await follow(context, taught);
    if (status !== 0) {
      context.output.note(
        `  then train with --start-from ${taught.id} --method ${request.method ?? 'grpo-d'} in place of --sft-first`,
      );
      return status;
    }
    const { startAdapter: _taken, ...rest } = request;
    return startAndFollow(context, { ...rest, startFrom: { runId: taught.id } });
  },
};

async function startAndFollow(context: CommandContext, request: RunRequest): Promise<number> {
  return follow(context, await (await context.client()).runs.start(request));
}

/** Says what begins, and follows it. @returns the exit status */
async function follow(context: CommandContext, run: RunSummary): Promise<number> {
  const client = await context.client();
  if (!context.output.json) {
    context.output.note(`Run ${run.id} "${run.name}": ${counted(run.steps, 'step')} of ${run.method}.`);
    await sayFrozenWeights(context, client, run.id);
  }
  return followRun(context, client, run);
}

/**
 * The request that a recipe's file and the options of `train` and `plan` describe.
 * @param recipe the file; absent = the one that `--recipe` names, if any
 */
export async function trainRequest(context: CommandContext, recipe?: string): Promise<RunRequest> {
  const { args } = context;
  if (recipe !== undefined) args.refuse([['--recipe <file>']], 'the recipe is named already', 'Name one file');
  const path = recipe === undefined ? args.path('recipe') : args.resolve(recipe);
  const { model: namedModel, dataset, mixture, ...written } = path === undefined ? {} : await readRecipeFile(path);
  const asked = args.oneOf('method', Method.options);
  const earlier = await earlierSettings(context, asked ?? written.method);
  const { mixture: earlierMixture, datasetId, ...file } = { ...earlier, ...written };
  const method = asked ?? file.method ?? 'grpo-d';
  const steps = args.integer('steps');
  const settings = recipeSettings(settingsOf(args), method, steps, file);
  const client = await context.client();
  // A file that names a dataset means that one, whatever the earlier run had.
  const kept = written.datasetId === undefined && dataset === undefined ? earlierMixture : undefined;
  const data = await lookUpData(context, given({ datasetId, dataset, mixture: mixture ?? kept }));
  const model = await lookUpModel(
    context,
    args.text('model') ?? knownId(await client.models.list(), file.modelId) ?? namedModel ?? file.modelId,
  );
  const rewards = await rewardOptions(context);
  const options = {
    ...(isMixedTask(context) ? {} : taskSettings(context)),
    ...settings,
    ...layersOption(context.args, settings['adapter'] ?? file.adapter),
    ...startAdapter(context),
    method,
  };
  const last = given({
    frozenWeights: args.oneOf('frozen-weights', FrozenWeights.options),
    steps,
    seed: args.integer('seed'),
    name: args.text('name'),
    rewards,
    detail: detailOption(args),
  });
  // The contract checks every value, wherever it came from.
  const requestOf = (named: typeof data.early, modelId: RunRequest['modelId']): RunRequest => ({
    ...file,
    ...options,
    ...named,
    modelId,
    ...last,
  });
  const early = requestOf(data.early, TO_COME.modelId);
  checkRunEarly(early);
  if (early.startAdapter !== undefined) await checkAdapterEarly(early.startAdapter);
  const { id } = await model();
  return requestOf(await data.add(), id);
}

/** Says how the frozen weights are kept where you did not say it and the adapter that the run begins with may decide it. */
async function sayFrozenWeights({ output, args }: CommandContext, client: StudioClient, runId: RunId): Promise<void> {
  const { recipe } = await client.runs.get({ runId });
  if (recipe.startFrom === undefined && recipe.startAdapter === undefined) return;
  if (recipe.frozenWeights === 'as-published')
    output.note('Its adapter was trained on weights in 4 bits (NF4); this run takes them as they are published.');
  if (recipe.frozenWeights === 'nf4' && !args.flag('frozen-weights'))
    output.note(
      'The frozen weights are kept in 4 bits (NF4), as the adapter or recipe that it begins with says; `--frozen-weights as-published` takes them as they are published.',
    );
}

/** Absent = as the recipe says. */
function startAdapter({ args }: CommandContext): Pick<RunRequest, 'startAdapter'> {
  const path = args.path('adapter');
  return path === undefined ? {} : { startAdapter: { path } };
}

/** Ids are valid in one data folder only: in another, a recipe means the model and dataset by their names. */
function knownId(list: readonly { id: string }[], id: string | undefined): string | undefined {
  return list.some((each) => each.id === id) ? id : undefined;
}

type EarlierSettings = Partial<Omit<Recipe, 'startFrom'>> & { startFrom?: StartRequest };

/** The recipe of the run named in `--start-from`, without what belongs to that run alone. */
async function earlierSettings(context: CommandContext, method: Method | undefined): Promise<EarlierSettings> {
  const typed = context.args.text('start-from');
  if (typed === undefined) return {};
  const [id = '', step, ...more] = typed.split('@');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
    throw new AtelierError('BAD_INPUT', `--start-from ${typed} is not of the form RUN or RUN@STEP.`, {
      place: { field: '--start-from' },
      remedy: 'For example `--start-from run-1a2b3c4d@40`.',
    });
  }
  const runId = typedRunId(id);
  const client = await context.client();
  const { recipe } = await client.runs.get({ runId });
  const { steps } = await client.runs.checkpoints({ runId });
  if (steps.length === 0 || (step !== undefined && !steps.includes(Number(step))))
    throw noCheckpoint(runId, step, steps);
  const {
    name: _name,
    modelSha256: _model,
    datasetSha256: _dataset,
    startFrom: _start,
    startAdapter: _made,
    ...kept
  } = recipe;
  // Another detail replaces the limit of pixels that it had become.
  if (detailOption(context.args) !== undefined) delete kept.maxPixels;
  // A default that the run's length made must fit the new length too.
  if (kept.klShareEvery === Math.min(DEFAULT_KL_SHARE_EVERY, recipe.steps)) delete kept.klShareEvery;
  const { klSchedule: _schedule, klShareEvery: _share, ...anyMethod } = kept;
  return {
    // A schedule belongs to its method: SFT has none.
    ...(method === undefined || method === recipe.method ? kept : anyMethod),
    startFrom: { runId, ...(step === undefined ? {} : { step: Number(step) }) },
  };
}

/** What starting the run would say too, but then the data would be imported. */
function noCheckpoint(runId: RunId, step: string | undefined, steps: readonly number[]): AtelierError {
  const which = step === undefined ? '' : ` of step ${step}`;
  return new AtelierError('NOT_FOUND', `The run ${runId} has no checkpoint${which}.`, {
    place: { field: '--start-from' },
    remedy: steps.length === 0 ? 'Wait for its first checkpoint.' : `It has checkpoints of: ${steps.join(', ')}.`,
  });
}
