/** @file `atelier contest`: base model, SFT, GRPO, GRPO-D and the control with the same mean KL weight, on one task. */
import type { Command } from '../command.ts';
import { EXPERIMENT_OPTIONS, KL_OPTIONS, runExperiment, sharedOptions, taskOptions } from '../experiment-options.ts';
import { resolveDataset } from '../resolve.ts';

export const contestCommand: Command = {
  usage: 'contest',
  summary: 'Train with every method on the same task, and compare them question by question',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path'],
    ...KL_OPTIONS,
    ...EXPERIMENT_OPTIONS,
  ],
  examples: ['atelier contest --dataset counting --seeds 7,8,9 --steps 60'],
  run: async (context) => {
    const dataset = await resolveDataset(context, context.args.required('dataset'));
    return runExperiment(context, {
      kind: 'contest',
      ...(await sharedOptions(context)),
      task: taskOptions(context, dataset.id),
    });
  },
};
