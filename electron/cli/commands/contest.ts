/** @file `atelier contest`: base model, SFT, GRPO, GRPO-D and the control with the same mean KL weight, on one task. */
import { AtelierError } from '../../contract/errors/errors.ts';
import { Arm } from '../../contract/model/experiments.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import {
  EXPERIMENT_OPTIONS,
  experimentRequest,
  KL_OPTIONS,
  runExperiment,
  taskOptions,
} from '../experiment-options.ts';
import { lookUpDataset } from '../resolve.ts';

export const contestCommand: Command = {
  usage: 'contest',
  summary: 'Train with every method on the same task, and compare them question by question',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path'],
    ['--arms <list>', `What competes (default: base,sft,grpo,grpo-d,grpo-matched), of ${Arm.options.join(', ')}`],
    ['--target-kl <n>', 'The KL per token that grpo-target-kl aims at (default 0.1)'],
    ['--other-beta <n>', 'The constant KL weight of grpo-other (default: ten times --beta)'],
    ...KL_OPTIONS,
    ...EXPERIMENT_OPTIONS,
  ],
  examples: [
    'atelier contest --dataset counting --seeds 7,8,9 --steps 60',
    'atelier contest --dataset counting --arms base,grpo-d,grpo-reversed,grpo-target-kl --seeds 7,8,9',
  ],
  run: async (context) => {
    const { args } = context;
    const arms = armsOf(args.text('arms'));
    if (arms?.includes('grpo-other') !== true) {
      args.refuse([['--other-beta']], 'the arm grpo-other does not compete', 'Name it in --arms');
    }
    const dataset = await lookUpDataset(context, args.required('dataset'));
    const settings = {
      ...taskOptions(context),
      ...given({ targetKl: args.number('target-kl'), otherBeta: args.number('other-beta') }),
    };
    const request = await experimentRequest(context, [dataset], (shared, [{ id }]) => ({
      kind: 'contest',
      ...shared,
      task: { datasetId: id, ...settings },
      ...given({ arms }),
    }));
    return runExperiment(context, request);
  },
};

function armsOf(text: string | undefined): Arm[] | undefined {
  return text?.split(',').map((name) => {
    const found = Arm.options.find((arm) => arm === name.trim());
    if (found !== undefined) return found;
    throw new AtelierError('BAD_INPUT', `There is no arm "${name.trim()}".`, {
      place: { field: '--arms' },
      remedy: `Use ${Arm.options.join(', ')}, separated by commas.`,
    });
  });
}
