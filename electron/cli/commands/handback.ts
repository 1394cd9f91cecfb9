/** @file `atelier handback`: takes the results of a job folder back as a run. */
import type { Command } from '../command.ts';

export const handbackCommand: Command = {
  usage: 'handback <dir>',
  summary: 'Take a job folder back: its steps and adapter become a run here',
  examples: ['atelier handback ./job'],
  run: async ({ positional, args, output, client }) => {
    const path = args.resolve(positional[0] ?? '');
    const taken = await (await client()).handoffs.takeBack({ path });
    output.result(taken, () =>
      [
        taken.step === taken.stepBefore
          ? `Run ${taken.runId} "${taken.name}": nothing new, ${taken.step} of ${taken.steps} steps are known.`
          : `Run ${taken.runId} "${taken.name}": steps ${taken.stepBefore + 1} to ${taken.step} of ${taken.steps}, trained elsewhere.`,
        ...(taken.checkpoints.length === 0 ? [] : [`Adapters of the steps ${taken.checkpoints.join(', ')}.`]),
        ...(taken.evaluates ? ['The adapter waits in the queue to be evaluated here: `atelier queue work`.'] : []),
        ...(taken.isComplete ? [] : ['The job is not finished. Take the folder back again when it has gone on.']),
      ].join('\n'),
    );
  },
};
