/** @file `atelier handoff`: writes a run as a job folder for another machine. */
import { HandoffRequest, Launcher } from '../../contract/model/handoffs.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import { bytes } from '../../reporting/figures.ts';
import { given } from '../arguments.ts';
import type { Command } from '../command.ts';
import { typedRunId } from '../ids.ts';
import { RECIPE_OPTIONS, trainRequest } from './train.ts';

export const handoffCommand: Command = {
  usage: 'handoff [run]',
  summary: 'Write a run as a job folder that another machine can train',
  options: [
    ['--out <dir>', 'Folder to create; it must not exist yet'],
    ['--launcher <launcher>', 'shell (default), ray, slurm or skypilot'],
    ['--without-model', "Leave out the base model's files; name it by its hashes"],
    ...RECIPE_OPTIONS,
  ],
  examples: [
    'atelier handoff run-1a2b3c4d --out ./job',
    'atelier handoff --dataset counting --steps 500 --out ./job --launcher slurm',
  ],
  run: async (context) => {
    const { positional, args, output } = context;
    const [run] = positional;
    if (run !== undefined && args.text('dataset') !== undefined) {
      throw new AtelierError('BAD_INPUT', 'Give either a run or a dataset with a recipe, not both.', {
        place: { field: '--dataset' },
      });
    }
    args.required('out');
    const request = HandoffRequest.parse({
      destination: args.path('out'),
      ...given({
        launcher: args.oneOf('launcher', Launcher.options),
        model: args.flag('without-model') ? 'reference' : undefined,
      }),
      ...(run === undefined ? { recipe: await trainRequest(context) } : { runId: typedRunId(run) }),
    });
    const studio = await context.client();
    const handoff = await resultOf(studio.handoffs.create(request), (progress) => output.progress(progress));
    output.result(handoff, () =>
      [
        `Job ${handoff.id} "${handoff.name}" is in ${handoff.path}: ${handoff.steps} steps, ${handoff.samples} samples with ${handoff.images} images, ${bytes(handoff.sizeBytes)}.`,
        ...handoff.ledger.map(({ purpose, sentence }) => `  ${purpose}: ${sentence}`),
        ...handoff.notes,
        'Copy the folder to the other machine and start ./run.sh --smoke there. Its README.md explains the rest.',
      ].join('\n'),
    );
  },
};
