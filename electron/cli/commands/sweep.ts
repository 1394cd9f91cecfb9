/** @file `atelier sweep`: the same run with several values of a reward weight or of the KL weight, over several seeds. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Command } from '../command.ts';
import { EXPERIMENT_OPTIONS, runExperiment, sharedOptions, taskOptions } from '../experiment-options.ts';
import { resolveDataset } from '../resolve.ts';
import { numberList } from '../seeds.ts';

export const sweepCommand: Command = {
  usage: 'sweep',
  summary: 'Train with several KL weights, or several weights of a reward, and show accuracy over the value',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path'],
    ['--kl <list>', 'Constant KL weights, such as 0,0.01,0.04'],
    ['--reward-weight <list>', 'Weights of a reward, such as 0,0.5,1'],
    ['--of <reward>', 'Whose weight is swept (default format)'],
    ['--beta <n>', 'The constant KL weight of a reward sweep (default 0.04)'],
    ...EXPERIMENT_OPTIONS,
  ],
  examples: [
    'atelier sweep --dataset geometry --kl 0,0.01,0.05 --seeds 7,8,9',
    'atelier sweep --dataset counting --reward-weight 0,0.5,1',
  ],
  run: async (context) => {
    const { args } = context;
    const [kl, weights] = [args.text('kl'), args.text('reward-weight')];
    if ((kl === undefined) === (weights === undefined)) {
      throw new AtelierError('BAD_INPUT', 'A sweep takes either --kl or --reward-weight.', {
        place: { field: '--kl' },
        remedy: 'For example --kl 0,0.01,0.04.',
      });
    }
    const dataset = await resolveDataset(context, args.required('dataset'));
    return runExperiment(context, {
      kind: 'sweep',
      ...(await sharedOptions(context)),
      task: taskOptions(context, dataset.id),
      vary:
        kl === undefined
          ? {
              kind: 'reward-weight',
              reward: args.text('of') ?? 'format',
              values: numberList(weights ?? '', '--reward-weight'),
            }
          : { kind: 'kl-weight', values: numberList(kl, '--kl') },
    });
  },
};
