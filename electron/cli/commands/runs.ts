/** @file `atelier runs`: the runs, one run, its steps or its answers. */
import { MetricsFormat, type MetricsFile } from '../../contract/model/run-files.ts';
import type { CompletionGroup, RunDetail } from '../../contract/model/runs.ts';
import { bytes } from '../../reporting/figures.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import type { Command, CommandContext } from '../command.ts';
import { followRun, resultText } from '../follow-run.ts';
import { typedRunId } from '../ids.ts';
import { duration, number, proportion, table } from '../text.ts';

const FORMATS = MetricsFormat.options;

export const runsCommand: Command = {
  usage: 'runs [id]',
  summary: 'List the runs, or show one',
  options: [
    ['--steps', 'Metrics of every step, one JSON line each'],
    ['--completions <step>', 'What the model answered in a step'],
    ['--csv <file>', 'Write the metrics of every step as a table'],
    ['--tensorboard <dir>', 'Write them as an event file for TensorBoard'],
    ['--watch', 'Follow the run until it ends; it goes on when you leave'],
  ],
  examples: ['atelier runs run-1a2b3c4d --csv run.csv', 'atelier runs run-1a2b3c4d --tensorboard logs'],
  subcommands: [
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
    const client = await context.client();
    const [id] = positional;
    if (id === undefined) {
      const runs = await client.runs.list();
      output.result(runs, () =>
        runs.length === 0
          ? 'There are no runs yet. `atelier train --dataset counting` starts the first one.'
          : table([
              ['id', 'name', 'method', 'status', 'step', 'base', 'tuned', 'verdict'],
              ...runs.map((run) => [
                run.id,
                run.name,
                run.method,
                run.status,
                `${run.step}/${run.steps}`,
                proportion(run.base),
                proportion(run.tuned),
                run.comparison?.verdict ?? '–',
              ]),
            ]),
      );
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

async function clean({ positional: [id], args, output, client }: CommandContext): Promise<undefined> {
  const dryRun = args.flag('dry-run');
  const studio = await client();
  const result = await studio.runs.cleanCheckpoints({ dryRun, ...(id === undefined ? {} : { runId: typedRunId(id) }) });
  const { runs, checkpoints, freedBytes, skipped } = result;
  output.result(result, () =>
    [
      checkpoints === 0
        ? 'There are no old checkpoints to remove.'
        : `${checkpoints} checkpoints of ${runs} runs ${dryRun ? 'would be removed' : 'removed'}: ${bytes(freedBytes)} ${dryRun ? 'would be free' : 'freed'}.`,
      ...skipped.map(({ runId, reason }) => `${runId} keeps everything: ${reason}`),
    ].join('\n'),
  );
}

function fileText({ path, sizeBytes, steps, metrics }: MetricsFile): string {
  return `✓ ${metrics} metrics of ${steps} steps, ${bytes(sizeBytes)}: ${shownOnOneLine(path)}`;
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
    resultText(summary),
    `${recipe.method} on ${summary.datasetName} with ${summary.modelName}${device === null ? '' : `, ${device}`}`,
  ];
  if (summary.reason !== null) lines.push(summary.reason);
  if (summary.secondsLeft !== null) lines.push(`${duration(summary.secondsLeft)} left`);
  return lines.join('\n');
}
