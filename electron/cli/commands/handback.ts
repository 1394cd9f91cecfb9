/** @file `atelier handback`: takes the results of a job folder back as a run. */
import type { ReturnedExperiment, ReturnedRun } from '../../contract/model/handoffs.ts';
import type { Command, CommandContext } from '../command.ts';
import { concludeExperiment } from '../experiment-options.ts';
import { followExperiment } from '../follow-experiment.ts';
import { counted, proportion } from '../text.ts';

export const handbackCommand: Command = {
  usage: 'handback <dir>',
  summary: 'Take a job folder back: its steps and adapter become a run here',
  options: [['--without-evaluation', 'Do not evaluate the adapter that came back']],
  examples: ['atelier handback ./job'],
  run: async (context) => {
    const { positional, args, output } = context;
    const path = args.resolve(positional[0] ?? '');
    const studio = await context.client();
    const taken = await studio.handoffs.takeBack({ path, evaluate: false });
    if ('runs' in taken) return takenExperiment(context, taken);
    if (!args.flag('without-evaluation')) {
      for (const request of taken.evaluations)
        for await (const event of await studio.evaluations.start(request))
          if (event.type === 'progress') output.progress(event.progress);
    }
    const { summary } = await studio.runs.get({ runId: taken.runId });
    output.result(taken, () =>
      [
        runLine(taken),
        ...(taken.checkpoints.length === 0 ? [] : [`Adapters of the steps ${taken.checkpoints.join(', ')}.`]),
        ...(summary.tuned === null
          ? []
          : [`Evaluated here: ${proportion(summary.base)} right before, ${proportion(summary.tuned)} after.`]),
        ...(taken.isComplete ? [] : ['The job is not finished. Take the folder back again when it has gone on.']),
      ].join('\n'),
    );
    return undefined;
  },
};

function runLine({ runId, name, step, stepBefore, steps }: ReturnedRun): string {
  return step === stepBefore
    ? `Run ${runId} "${name}": nothing new, ${step} of ${counted(steps, 'step')} known.`
    : `Run ${runId} "${name}": steps ${stepBefore + 1} to ${step} of ${steps}, trained elsewhere.`;
}

/** Evaluates the runs that are complete, as the experiment plans it, and shows its tables. */
async function takenExperiment(context: CommandContext, taken: ReturnedExperiment): Promise<number | undefined> {
  const { args, output } = context;
  const { experimentId, name, runs, of } = taken;
  const studio = await context.client();
  const lines = [
    `Experiment ${experimentId} "${name}": ${runs.length} of ${counted(of, 'run')} started elsewhere.`,
    ...runs.map(runLine),
    ...(taken.isComplete ? [] : ['The job is not finished. Take the folder back again when it has gone on.']),
  ];
  const { summary } = await studio.experiments.get({ experimentId });
  if (args.flag('without-evaluation') || summary.status === 'completed' || !runs.some((each) => each.isComplete)) {
    output.result(taken, () => lines.join('\n'));
    return undefined;
  }
  if (!output.json) output.note(lines.join('\n'));
  const resumed = await studio.experiments.resume({ experimentId });
  const followed = await followExperiment(context, resumed);
  // Runs that are still trained elsewhere are no failure.
  const status = await concludeExperiment(context, followed);
  return taken.isComplete || followed.byPerson ? status : 0;
}
