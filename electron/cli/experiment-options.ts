/** @file Options shared by sweeps, contests and exams, and the results they print at the end. */
import type {
  ArmComparison,
  ExperimentDetail,
  ExperimentRequest,
  ResultCell,
  SharedRecipe,
  TaskSetup,
} from '../contract/model/experiments.ts';
import { PlannedLooks, SharedRecipe as SharedRecipeSchema } from '../contract/model/experiments.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { DatasetSummary } from '../contract/model/datasets.ts';
import type { ModelSummary } from '../contract/model/models.ts';
import { percent } from '../reporting/figures.ts';
import { deadShareText, klRangeText } from '../reporting/kl-range-text.ts';
import { meanText, METRIC_NAMES } from '../reporting/metric-text.ts';
import { noLookText } from '../reporting/no-look-text.ts';
import { comparisonsOnce } from '../reporting/comparisons-once.ts';
import { rankingNote } from '../reporting/ranking-note.ts';
import { checkExperimentEarly, dataToCome, TO_COME } from '../studio/early-checks.ts';
import { given } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { DETAIL_OPTION, detailOption } from './detail-option.ts';
import { experimentStatus, followExperiment } from './follow-experiment.ts';
import { recipeSettings, settingsOf } from './recipe-settings.ts';
import { JOB_OPTIONS, jobOptions, writeJob } from './job-folder.ts';
import { lookUpModel, type LookedUp } from './resolve.ts';
import { REWARD_OPTION, rewardOptions } from './reward-options.ts';
import { numberList, seedList } from './seeds.ts';
import { TASK_OPTION, taskPair, taskSettings } from './task-option.ts';
import { counted, table } from './text.ts';

export const EXPERIMENT_OPTIONS = [
  ['--model <id>', 'Model by id or name, or its folder (default: the starter model)'],
  ['--seeds <list>', 'Seeds, such as 7,8,9 (default: 7); every trained arm is repeated with each'],
  ['--steps <n>', 'Updates of each run'],
  ['--shots <n>', 'Train on the first so many samples only'],
  ['--samples <n>', 'Test questions (default 0: all of the test split)'],
  ['--smallest-difference <n>', 'Difference in points that matters (default 2); arms closer than that are equivalent'],
  ['--looks <list>', 'Judge only after so many seeds, such as 4,7,10; the looks share the 5% for chance findings'],
  ['--spending <rule>', 'How they share it: pocock (default), or obrien-fleming, which saves it for the last look'],
  ['--name <name>', 'Name of the experiment'],
  TASK_OPTION,
  REWARD_OPTION,
  DETAIL_OPTION,
  [
    '--set <key=value>',
    'A field of the recipe that all runs share, such as learningRate=0.0005 (repeatable)',
    'repeatable',
  ],
  ['--enqueue', 'Put it in the queue and return; a studio that is open, or `atelier queue work`, works through it'],
  ['--handoff <dir>', 'Write it as a job folder for another machine, and train nothing here'],
  ...JOB_OPTIONS,
] as const;

/** Fields in which the runs of an experiment differ, or that its own options set. */
const SET_BY_EXPERIMENTS = new Set(['name', 'seed', 'trainSamples', 'klSchedule']);

/** What a request needs to know of the data that it names. */
export type TaskData = Pick<DatasetSummary, 'id' | 'name' | 'test' | 'excluded'>;
export type SharedOptions = Pick<
  ExperimentRequest,
  'modelId' | 'name' | 'seeds' | 'looks' | 'recipe' | 'smallestDifference'
>;

/**
 * The request of an experiment on the data that were looked up. It is checked as a whole before a model or data are added.
 * @param requestOf makes the request from the settings shared by every run and, in the same order, the data
 */
export async function experimentRequest<const Data extends readonly LookedUp<DatasetSummary>[]>(
  context: CommandContext,
  data: Data,
  requestOf: (shared: SharedOptions, data: { [Place in keyof Data]: TaskData }) => ExperimentRequest,
): Promise<ExperimentRequest> {
  type Tasks = { [Place in keyof Data]: TaskData };
  const { model, ...shared } = await sharedOptions(context);
  const expected = data.map((_, place) => ({ ...DATA_TO_COME, id: dataToCome(place) }));
  checkExperimentEarly(requestOf({ ...shared, modelId: TO_COME.modelId }, expected as unknown as Tasks));
  const { id } = await model();
  const added: TaskData[] = [];
  for (const each of data) added.push(await each());
  return requestOf({ ...shared, modelId: id }, added as unknown as Tasks);
}

const DATA_TO_COME = { name: 'data', test: Infinity, excluded: { train: 0, test: 0 } };

async function sharedOptions(
  context: CommandContext,
): Promise<Omit<SharedOptions, 'modelId'> & { model: LookedUp<ModelSummary> }> {
  const { args } = context;
  await jobOrNot(context);
  const model = await lookUpModel(context, args.text('model'));
  const steps = args.integer('steps');
  const seeds = args.text('seeds');
  const smallest = args.number('smallest-difference');
  const rewards = await rewardOptions(context);
  // Only the shared fields: the experiment itself sets KL schedules, methods and seeds.
  const settings = recipeSettings(settingsOf(args), 'grpo', steps);
  const strange = Object.keys(settings).find((field) => !(field in SharedRecipeSchema.shape));
  if (strange !== undefined) {
    const why = SET_BY_EXPERIMENTS.has(strange)
      ? 'is set by the experiment itself, run by run'
      : 'is not offered in experiments, only in single runs';
    throw new AtelierError('BAD_INPUT', `The field "${strange}" ${why}.`, {
      place: { field: '--set' },
      remedy: `Fields that all runs share: ${Object.keys(SharedRecipeSchema.shape).join(', ')}.`,
    });
  }
  const recipe: SharedRecipe = {
    ...(taskPair(context) === null ? taskSettings(context) : {}),
    ...settings,
    ...given({ steps, evalSamples: args.integer('samples'), rewards, detail: detailOption(args) }),
  };
  const others = given({
    name: args.text('name'),
    seeds: seeds === undefined ? undefined : seedList(seeds),
    smallestDifference: smallest === undefined ? undefined : smallest / 100,
    looks: looksOption(context),
  });
  return { model, recipe, ...others };
}

/** The planned looks, from `--looks` and `--spending`. */
function looksOption({ args }: CommandContext): ExperimentRequest['looks'] {
  const seeds = args.text('looks');
  const spending = args.oneOf('spending', ['pocock', 'obrien-fleming']);
  if (seeds === undefined) {
    args.refuse([['--spending']], 'no looks are planned', 'Add --looks, such as --looks 4,7,10');
    return undefined;
  }
  const found = PlannedLooks.safeParse({ seeds: numberList(seeds, '--looks'), ...given({ spending }) });
  if (found.success) return found.data;
  throw new AtelierError('BAD_INPUT', `The looks ${seeds} are not numbers of seeds at which a verdict can be given.`, {
    place: { field: '--looks' },
    remedy: 'Give at most ten growing numbers, each 3 or more.',
  });
}

/** The KL weights of a task, from `--beta` and `--schedule betaMin,betaMax`. */
export function taskOptions({
  args,
}: CommandContext): Pick<TaskSetup, 'trainSamples' | 'beta' | 'betaMin' | 'betaMax'> {
  const schedule = args.text('schedule');
  const [betaMin, betaMax] = schedule === undefined ? [] : numberList(schedule, '--schedule');
  return given({ trainSamples: args.integer('shots'), beta: args.number('beta'), betaMin, betaMax });
}

export const KL_OPTIONS = [
  ['--beta <n>', 'The constant KL weight of plain GRPO (default 0.04)'],
  ['--schedule <min,max>', "GRPO-D's smallest and largest KL weight (default 0.04,0.1)"],
] as const;

/** Whether the experiment becomes a job folder. @throws AtelierError BAD_INPUT for options that do not fit */
async function jobOrNot(context: CommandContext): Promise<boolean> {
  const { args } = context;
  if (args.text('handoff') === undefined) {
    args.refuse(JOB_OPTIONS, 'no job folder is written', 'Add --handoff DIR');
    return false;
  }
  args.refuse([['--enqueue']], 'nothing is trained on this machine', 'Leave --handoff out');
  await jobOptions(context, 'handoff');
  return true;
}

/** Starts the experiment and follows it to its end, leaves it in the queue, or hands it off. @returns the exit status */
export async function runExperiment(context: CommandContext, request: ExperimentRequest): Promise<number> {
  const { output, args } = context;
  if (await jobOrNot(context)) return writeJob(context, 'handoff', { experiment: request });
  const client = await context.client();
  // This process ends at once, so it must not begin what it adds.
  if (args.flag('enqueue')) (await context.studio()).leaveQueue();
  const started = await client.experiments.start(request);
  if (args.flag('enqueue')) {
    output.result(started, `Experiment ${started.id} waits in the queue with ${parts(started.children)}.`);
    return 0;
  }
  if (!output.json) output.note(`Experiment ${started.id} "${started.name}": ${parts(started.children)}.`);
  if (
    request.recipe?.grpo?.useBiasCorrectionKl === true &&
    'arms' in request &&
    (request.arms ?? ['sft']).includes('sft')
  )
    output.note('SFT has no KL term, so its runs leave useBiasCorrectionKl out.');
  return concludeExperiment(context, await followExperiment(context, started));
}

export async function concludeExperiment(
  context: CommandContext,
  { summary, byPerson }: Awaited<ReturnType<typeof followExperiment>>,
): Promise<number> {
  const { output } = context;
  if (summary.status !== 'completed') {
    output.note(`${summary.status}: ${summary.reason ?? 'it did not come to its end.'}`);
    output.note(`  go on with: atelier experiments ${summary.id} --resume`);
  }
  if (byPerson && summary.status !== 'completed') return experimentStatus(summary, true);
  const client = await context.client();
  const detail = await client.experiments.get({ experimentId: summary.id });
  output.result(detail, () => experimentText(detail));
  return experimentStatus(summary, byPerson);
}

/** Tables of an experiment: accuracies over seeds, and which arm is better, if the data can tell. */
export function experimentText(detail: ExperimentDetail): string {
  const nameOf = (id: string | null): string => detail.datasets.find((dataset) => dataset.id === id)?.name ?? '–';
  const cells = table([
    ['', 'trained on', 'tested on', 'accuracy', '95% over seeds', 'seeds', 'updates', 'tokens generated'],
    ...detail.cells.map((cell) => [
      cell.mode === 'reasoning' ? cell.label : `${cell.label} (${cell.mode})`,
      nameOf(cell.trainedOn),
      nameOf(cell.testedOn),
      percent(cell.mean),
      intervalText(cell),
      String(cell.seeds.length),
      cell.updates === null ? '–' : String(cell.updates),
      cell.tokensGenerated === null ? '–' : String(Math.round(cell.tokensGenerated)),
    ]),
  ]);
  const comparisons = comparisonsOnce(detail.comparisons);
  const sentences = comparisons.map((one) => comparisonText(one, nameOf));
  const note = rankingNote(comparisons);
  const claims = detail.claims.map(({ verdict, claim }) => `${verdict.padEnd(15)} ${claim}`);
  return [
    `${detail.summary.name} (${detail.summary.id}): ${detail.summary.status}, ${detail.summary.completed} of ${parts(detail.summary.children)} done.`,
    cells,
    ...metricTable(detail, nameOf),
    ...noLookLines(detail),
    ...klEffectText(detail),
    ...(sentences.length === 0 ? [] : [sentences.join('\n')]),
    ...(note === null ? [] : [note]),
    ...(claims.length === 0 ? [] : [claims.join('\n')]),
  ].join('\n\n');
}

/** Means of metrics over seeds, where answers can be partly right. */
function metricTable({ cells }: ExperimentDetail, nameOf: (id: string | null) => string): string[] {
  const rows = cells.flatMap(({ label, trainedOn, testedOn, mode, metrics = [] }) =>
    metrics.map((metric) => [
      mode === 'reasoning' ? label : `${label} (${mode})`,
      nameOf(trainedOn),
      nameOf(testedOn),
      METRIC_NAMES[metric.name],
      meanText(metric),
    ]),
  );
  return rows.length === 0 ? [] : [table([['', 'trained on', 'tested on', 'metric', 'mean over seeds'], ...rows])];
}

/** What an accuracy has to beat, for each dataset. */
function noLookLines({ datasets }: ExperimentDetail): string[] {
  const lines = datasets.flatMap(({ name, noLook }) =>
    noLook === undefined ? [] : [`${name}: ${noLookText(noLook)}`],
  );
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function parts(count: number): string {
  return counted(count, 'part');
}

/** What each KL weight of a sweep did, and which weights are worth trying. */
function klEffectText({ cells, klRange }: ExperimentDetail): string[] {
  const measured = cells.flatMap(({ klWeight, klEffect, parts }) =>
    parts.includes('kl-weight') && klWeight !== null && klEffect ? [{ klWeight, ...klEffect }] : [],
  );
  if (measured.length === 0) return [];
  const shares = measured.map(({ share }) => share);
  const rows = measured.map(({ klWeight, share, kl }) => [String(klWeight), percent(share), kl.toPrecision(2)]);
  const effects = table([['KL weight', 'share of the gradient', 'KL at the end'], ...rows]);
  const sentences = [deadShareText(shares), ...(klRange === null ? [] : klRangeText(klRange))].filter(
    (sentence) => sentence !== null,
  );
  return [effects, ...(sentences.length === 0 ? [] : [sentences.join('\n')])];
}

function comparisonText(one: ArmComparison, nameOf: (id: string) => string): string {
  const where =
    one.trainedOn === one.testedOn ? nameOf(one.testedOn) : `${nameOf(one.trainedOn)} → ${nameOf(one.testedOn)}`;
  return `${where}: ${one.sentence}`;
}

function intervalText({ low, high }: ResultCell): string {
  return low === null || high === null ? '–' : `${percent(Math.max(0, low))} to ${percent(Math.min(1, high))}`;
}
