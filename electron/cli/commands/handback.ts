/** @file `atelier handback`: takes the results of a job folder back as a run. */
import type { Command } from '../command.ts';
import { proportion } from '../text.ts';

export const handbackCommand: Command = {
  usage: 'handback <dir>',
  summary: 'Take a job folder back: its steps and adapter become a run here',
  options: [['--without-evaluation', 'Do not evaluate the adapter that came back']],
  examples: ['atelier handback ./job'],
  run: async ({ positional, args, output, client }) => {
    const path = args.resolve(positional[0] ?? '');
    const studio = await client();
    const taken = await studio.handoffs.takeBack({ path, evaluate: false });
    if (!args.flag('without-evaluation')) {
      for (const request of taken.evaluations)
        for await (const event of await studio.evaluations.start(request))
          if (event.type === 'progress') output.progress(event.progress);
    }
    const { summary } = await studio.runs.get({ runId: taken.runId });
    output.result(taken, () =>
      [
        taken.step === taken.stepBefore
          ? `Run ${taken.runId} "${taken.name}": nothing new, ${taken.step} of ${taken.steps} steps are known.`
          : `Run ${taken.runId} "${taken.name}": steps ${taken.stepBefore + 1} to ${taken.step} of ${taken.steps}, trained elsewhere.`,
        ...(taken.checkpoints.length === 0 ? [] : [`Adapters of the steps ${taken.checkpoints.join(', ')}.`]),
        ...(summary.tuned === null
          ? []
          : [`Evaluated here: ${proportion(summary.base)} right before, ${proportion(summary.tuned)} after.`]),
        ...(taken.isComplete ? [] : ['The job is not finished. Take the folder back again when it has gone on.']),
      ].join('\n'),
    );
  },
};
