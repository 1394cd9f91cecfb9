/** @file `atelier runs`: the runs, one run, its steps or its answers. */
import { MetricsFormat, type MetricsFile } from '../../contract/model/run-files.ts';
import type { CompletionGroup, RunDetail, RunSummary } from '../../contract/model/runs.ts';
import { bytes } from '../../reporting/figures.ts';
import { writtenMixture } from '../../method/mixture.ts';
import { recipeToYaml } from '../../reporting/recipe-yaml.ts';
import { writtenFrozenWeights } from '../../method/written-frozen-weights.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { given, type Arguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { followRun, resultText } from '../follow-run.ts';
import { typedRunId } from '../ids.ts';
import { counted, number, proportion, table, timeLeft } from '../text.ts';
import { RUN_CARE_COMMANDS } from './run-care.ts';

const FORMATS = MetricsFormat.options;

/** What is shown or written of one run, and what chooses from the list of all. */
const OF_ONE = ['watch', 'steps', 'recipe', ...FORMATS, 'completions'].map((name) => [`--${name}`] as const);
const OF_LIST = [['--search'], ['--tag'], ['--removed']] as const;

export const runsCommand: Command = {
  usage: 'runs [id]',
  summary: 'List the runs, or show one',
  options: [
    ['--steps', 'Metrics of every step, one JSON line each'],
    ['--completions <step>', 'What the model answered in a step'],
    ['--csv <file>', 'Write the metrics of every step as a table'],
    ['--tensorboard <dir>', 'Write them as an event file for TensorBoard'],
    ['--trackio <dir>', 'Write a new folder with them and a program that logs them to Trackio'],
    ['--watch', 'Follow the run until it ends; it goes on when you leave'],
    ['--recipe', 'Print its recipe as YAML, for `atelier train FILE`'],
    ['--search <words>', 'List only runs with all of these words in their name, id, tags, method, model or dataset'],
    ['--tag <tag>', 'List only runs with this tag'],
    ['--removed', 'List the trash'],
  ],
  examples: [
    'atelier runs run-1a2b3c4d --csv run.csv',
    'atelier runs run-1a2b3c4d --tensorboard logs',
    'atelier runs --search "birds grpo-d"',
    'atelier runs tag run-1a2b3c4d --add keep',
  ],
  subcommands: [
    ...RUN_CARE_COMMANDS,
    {
      usage: 'clean [id]',
      summary: 'Remove old checkpoints of completed runs; the last and the best of each stay',
      options: [['--dry-run', 'Only say what would happen']],
      examples: ['atelier runs clean --dry-run', 'atelier runs clean run-1a2b3c4d'],
      run: clean,
    },
  ],
  run: async (context) => {
    const { positional, args, output } = context;
    const [id] = positional;
    if (id === undefined) args.refuse(OF_ONE, 'no run is named', 'Name a run, such as `atelier runs run-1a2b3c4d`');
    else args.refuse(OF_LIST, 'it chooses from the list, and one run is named', 'Leave the run out');
    refuseSeveral(args);
    const client = await context.client();
    if (id === undefined) {
      const [search, tag, removed] = [args.text('search'), args.text('tag'), args.flag('removed')];
      const runs = await client.runs.list({ ...given({ search, tag }), removed });
      const none =
        search !== undefined || tag !== undefined
          ? 'No run matches.'
          : removed
            ? 'The trash is empty.'
            : 'There are no runs yet. `atelier train --dataset counting` starts the first one.';
      output.result(runs, () => (runs.length === 0 ? none : runTable(runs)));
      return;
    }
    const runId = typedRunId(id);
    // Fetched first, so that an unknown id never yields an empty list.
    const detail = await client.runs.get({ runId });
    if (args.flag('watch')) return followRun(context, client, detail.summary);
    if (args.flag('steps')) {
      for (const step of await client.runs.steps({ runId, maxPoints: 100_000 })) output.line(step);
      return;
    }
    if (args.flag('recipe')) {
      const { modelSha256: _model, datasetSha256: _dataset, ...stored } = detail.recipe;
      const recipe = { ...stored, ...writtenFrozenWeights(stored) };
      const { modelName: model, datasetName: dataset } = detail.summary;
      output.result({ model, dataset, ...recipe, ...writtenMixture(recipe) }, () =>
        recipeToYaml(recipe, { model, dataset }).trimEnd(),
      );
      return;
    }
    const files = FORMATS.flatMap((format) => {
      const path = args.path(format);
      return path === undefined ? [] : [{ format, path }];
    });
    if (files.length > 0) {
      const written: MetricsFile[] = [];
      for (const file of files) written.push(await client.runs.writeMetrics({ runId, ...file }));
      output.result(written, () => written.map(fileText).join('\n'));
      return;
    }
    const step = args.integer('completions');
    if (step !== undefined) {
      const groups = await client.runs.completions({ runId, step });
      output.result(groups, () => groups.map(groupText).join('\n\n') || `Step ${step} has no completions.`);
      return;
    }
    output.result(detail, () => detailText(detail));
  },
};

/** The first of them would silence the others; only files go together. */
function refuseSeveral(args: Arguments): void {
  const [first, ...others] = ['watch', 'steps', 'recipe', 'completions', ...FORMATS].filter((name) => args.flag(name));
  if (first === undefined || FORMATS.some((format) => format === first)) return;
  args.refuse(
    others.map((name) => [`--${name}`] as const),
    `--${first} shows something else`,
    'Run the command once for each',
  );
}

function runTable(runs: readonly RunSummary[]): string {
  return table([
    ['id', 'name', 'tags', 'method', 'status', 'step', 'base', 'tuned', 'verdict'],
    ...runs.map((run) => [
      run.id,
      run.name,
      run.tags?.join(', ') ?? '',
      run.method,
      run.status,
      `${run.step}/${run.steps}`,
      proportion(run.base),
      proportion(run.tuned),
      run.comparison?.verdict ?? '–',
    ]),
  ]);
}

async function clean({ positional: [id], args, output, client }: CommandContext): Promise<undefined> {
  const dryRun = args.flag('dry-run');
  const studio = await client();
  const result = await studio.runs.cleanCheckpoints({ dryRun, ...(id === undefined ? {} : { runId: typedRunId(id) }) });
  const { runs, checkpoints, freedBytes, skipped } = result;
  output.result(result, () =>
    [
      checkpoints === 0
        ? 'There are no old checkpoints to remove.'
        : `${counted(checkpoints, 'checkpoint')} of ${counted(runs, 'run')} ${dryRun ? 'would be removed' : 'removed'}: ${bytes(freedBytes)} ${dryRun ? 'would be free' : 'freed'}.`,
      ...skipped.map(({ runId, reason }) => `${runId} keeps everything: ${reason}`),
    ].join('\n'),
  );
}

function fileText({ path, sizeBytes, steps, metrics }: MetricsFile): string {
  return `✓ ${counted(metrics, 'metric')} of ${counted(steps, 'step')}, ${bytes(sizeBytes)}: ${shownOnOneLine(path)}`;
}

function groupText(group: CompletionGroup): string {
  const names = group.completions[0]?.rewards.map(({ name }) => name) ?? [];
  const undecided = group.completions.some(({ rewards }) => rewards.some(({ value }) => value === null));
  return [
    `${group.sampleId}: ${group.prompt} → ${group.answer}`,
    table([
      ['advantage', 'reward', ...names, 'verdict', 'answer'],
      ...group.completions.map(({ advantage, reward, rewards, verdict, text }) => [
        number(advantage, 2),
        number(reward, 2),
        ...rewards.map(({ value }) => number(value, 2)),
        verdict,
        text.replaceAll('\n', ' '),
      ]),
    ]),
    ...(undecided ? ['– means that the reward has no opinion on this answer.'] : []),
  ].join('\n');
}

function detailText({ summary, recipe, device }: RunDetail): string {
  const lines = [
    resultText(summary, recipe),
    `${recipe.method} on ${summary.datasetName} with ${summary.modelName}${device === null ? '' : `, ${device}`}`,
  ];
  if (summary.tags !== undefined) lines.push(`tags: ${summary.tags.join(', ')}`);
  if (summary.removedAt !== undefined)
    lines.push(`In the trash; \`atelier runs restore ${summary.id}\` brings it back.`);
  const { startFrom, startAdapter } = recipe;
  if (startFrom !== undefined)
    lines.push(`It began with the adapter of the run ${startFrom.runId} at step ${startFrom.step}.`);
  if (startAdapter !== undefined)
    lines.push(
      `It rests on the adapter ${startAdapter.name}, made elsewhere (${startAdapter.licence ?? 'licence not known'}).`,
    );
  if (summary.reason !== null) lines.push(summary.reason);
  lines.push(...timeLeft(summary.secondsLeft));
  return lines.join('\n');
}
