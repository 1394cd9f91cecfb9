/** @file `atelier sweep`: the same run with several values of a reward weight or of the KL weight, over several seeds. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ExperimentRequest } from '../../contract/model/experiments.ts';
import { PILOT } from '../../method/kl-range.ts';
import type { Command } from '../command.ts';
import {
  EXPERIMENT_OPTIONS,
  experimentRequest,
  runExperiment,
  taskOptions,
  type SharedOptions,
  type TaskData,
} from '../experiment-options.ts';
import { lookUpDataset } from '../resolve.ts';
import { distinctNumbers } from '../seeds.ts';

export const sweepCommand: Command = {
  usage: 'sweep',
  summary: 'Train with several KL weights, or several weights of a reward, and show accuracy over the value',
  options: [
    ['--dataset <id>', 'Dataset by id or name, counting or geometry, or a path'],
    ['--kl <list>', 'Constant KL weights, such as 0,0.01,0.04'],
    ['--pilot', 'Find out which KL weights are worth trying: a few short runs over five decades'],
    ['--reward-weight <list>', 'Weights of a reward, such as 0,0.5,1'],
    ['--of <reward>', 'Whose weight is swept (default format)'],
    ['--beta <n>', 'The constant KL weight of a reward sweep (default 0.04)'],
    ...EXPERIMENT_OPTIONS,
  ],
  examples: [
    'atelier sweep --dataset counting --pilot',
    'atelier sweep --dataset geometry --kl 0,0.01,0.05 --seeds 7,8,9',
    'atelier sweep --dataset counting --reward-weight 0,0.5,1',
  ],
  run: async (context) => {
    const { args } = context;
    const [kl, weights, pilot] = [args.text('kl'), args.text('reward-weight'), args.flag('pilot')];
    if ([kl !== undefined, weights !== undefined, pilot].filter(Boolean).length !== 1) {
      throw new AtelierError('BAD_INPUT', 'A sweep takes one of --kl, --reward-weight and --pilot.', {
        place: { field: '--kl' },
        remedy: 'For example --kl 0,0.01,0.04.',
      });
    }
    const dataset = await lookUpDataset(context, args.required('dataset'));
    const settings = taskOptions(context);
    if (pilot) {
      const request = await experimentRequest(context, [dataset], (shared, [data]) =>
        pilotRequest(shared, data, settings),
      );
      return runExperiment(context, request);
    }
    const vary =
      kl === undefined
        ? {
            kind: 'reward-weight' as const,
            reward: args.text('of') ?? 'format',
            values: distinctNumbers(weights ?? '', '--reward-weight'),
          }
        : { kind: 'kl-weight' as const, values: distinctNumbers(kl, '--kl') };
    const request = await experimentRequest(context, [dataset], (shared, [{ id }]) => ({
      kind: 'sweep',
      ...shared,
      task: { datasetId: id, ...settings },
      vary,
    }));
    return runExperiment(context, request);
  },
};

/** A sweep over five decades. What a person sets wins over the pilot's own short settings. */
function pilotRequest(
  { recipe, ...shared }: SharedOptions,
  { id, name, test, excluded }: TaskData,
  settings: ReturnType<typeof taskOptions>,
): ExperimentRequest {
  const { values, steps, klShareEvery, evalSamples } = PILOT;
  const usable = Math.max(0, test - excluded.test);
  return {
    kind: 'sweep',
    name: `Pilot on ${name}`.slice(0, 200),
    ...shared,
    recipe: { steps, klShareEvery, evalSamples: Math.min(evalSamples, usable), checkpointEvery: steps, ...recipe },
    task: { datasetId: id, ...settings },
    vary: { kind: 'kl-weight', values: [...values] },
  };
}
