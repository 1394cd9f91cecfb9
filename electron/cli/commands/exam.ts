/** @file `atelier exam`: train on each of two tasks, test on both. */
import type { Command } from '../command.ts';
import {
  EXPERIMENT_OPTIONS,
  experimentRequest,
  KL_OPTIONS,
  runExperiment,
  taskOptions,
} from '../experiment-options.ts';
import { lookUpDataset } from '../resolve.ts';
import { taskPair } from '../task-option.ts';

export const examCommand: Command = {
  usage: 'exam <first> <second>',
  summary: 'Does it generalise? Train on each of two datasets, test on both, with SFT, GRPO and GRPO-D',
  options: [...KL_OPTIONS, ...EXPERIMENT_OPTIONS],
  examples: ['atelier exam counting geometry --seeds 7,8,9', 'atelier exam ./archive ./cracks --task tags,find-box'],
  run: async (context) => {
    const [first, second] = context.positional;
    const a = await lookUpDataset(context, first ?? '', 'dataset');
    const b = await lookUpDataset(context, second ?? '', 'dataset');
    const settings = taskOptions(context);
    const [ofFirst = {}, ofSecond = {}] = taskPair(context) ?? [];
    const request = await experimentRequest(context, [a, b], (shared, [one, other]) => ({
      kind: 'exam',
      ...shared,
      tasks: [
        { datasetId: one.id, ...settings, ...ofFirst },
        { datasetId: other.id, ...settings, ...ofSecond },
      ],
    }));
    return runExperiment(context, request);
  },
};
