/** @file `atelier handoff`: writes a run or an experiment as a job folder for another machine. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { JOB_OPTIONS, jobOptions, writeJob } from '../job-folder.ts';
import { RECIPE_OPTIONS, trainRequest } from './train.ts';

export const handoffCommand: Command = {
  usage: 'handoff [id]',
  summary: 'Write a run, or what is left of an experiment, as a job folder that another machine can train',
  options: [['--out <dir>', 'Folder to create; it must not exist yet'], ...JOB_OPTIONS, ...RECIPE_OPTIONS],
  examples: [
    'atelier handoff run-1a2b3c4d --out ./job',
    'atelier handoff --dataset counting --steps 500 --out ./job --launcher slurm',
    'atelier handoff --dataset counting=2 --dataset ./my-archive=1 --task count,tags --out ./job',
    'atelier handoff sweep-1a2b3c4d --out ./job --launcher slurm',
  ],
  run: async (context) => {
    const { positional, args } = context;
    const [id] = positional;
    if (id !== undefined && args.text('dataset') !== undefined) {
      throw new AtelierError('BAD_INPUT', 'Give either a run or a dataset with a recipe, not both.', {
        place: { field: '--dataset' },
      });
    }
    if (id !== undefined) args.refuse(RECIPE_OPTIONS, `the recipe of ${id} is used as it is`, 'Name a dataset instead');
    await jobOptions(context, 'out');
    if (id === undefined) return writeJob(context, 'out', { recipe: await trainRequest(context) });
    const experiments = await (await context.client()).experiments.list();
    const experiment = experiments.find((each) => each.id === id.trim());
    return writeJob(
      context,
      'out',
      experiment === undefined ? { runId: typedRunId(id) } : { experimentId: experiment.id },
    );
  },
};
