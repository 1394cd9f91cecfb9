/** @file Writing a job folder from a terminal: options and report. */
import { AtelierError } from '../contract/errors/errors.ts';
import { Launcher, type HandoffRequest } from '../contract/model/handoffs.ts';
import { resultOf } from '../contract/model/result-events.ts';
import { bytes } from '../reporting/figures.ts';
import { mustNotExist } from '../studio/output-folder.ts';
import { given } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { counted } from './text.ts';
import { CLUSTER_OPTIONS, submitJob } from './submit-job.ts';

export const JOB_OPTIONS = [
  ['--launcher <launcher>', 'Of a job folder: shell (default), ray, slurm or skypilot'],
  ['--without-model', "Leave the base model's files out of a job folder; name it by its hashes"],
  ['--submit <address>', 'Send it to the Ray cluster with this dashboard, follow it and take it back'],
  ...CLUSTER_OPTIONS,
] as const;

type What = Pick<HandoffRequest, 'runId' | 'recipe' | 'experimentId' | 'experiment'>;

/** The options of a job folder, to be read before anything is added. @throws AtelierError BAD_INPUT, CONFLICT */
export async function jobOptions(
  { args }: CommandContext,
  out: string,
): Promise<Pick<HandoffRequest, 'destination' | 'launcher' | 'model'> & { address: string | undefined }> {
  const address = args.text('submit');
  const launcher = args.oneOf('launcher', Launcher.options);
  if (address === undefined) {
    args.refuse(CLUSTER_OPTIONS, 'the job is sent to no cluster', 'Add --submit ADDRESS');
  } else {
    args.required('storage');
    if (launcher !== undefined && launcher !== 'ray')
      throw new AtelierError('BAD_INPUT', `A job for ${launcher} cannot be sent to a Ray cluster.`, {
        place: { field: '--launcher' },
      });
  }
  const destination = args.resolve(args.required(out));
  await mustNotExist(destination, 'A hand-off');
  return {
    address,
    destination,
    ...given({
      launcher: address === undefined ? launcher : ('ray' as const),
      model: args.flag('without-model') ? ('reference' as const) : undefined,
    }),
  };
}

/** Writes `what` to the folder that the option `out` names, says what is in it, and sends it to a cluster if asked to. */
export async function writeJob(context: CommandContext, out: string, what: What): Promise<number> {
  const { output, client } = context;
  const { address, ...options } = await jobOptions(context, out);
  // The contract checks every value.
  const request: HandoffRequest = { ...options, ...what };
  const studio = await client();
  const handoff = await resultOf(studio.handoffs.create(request), (progress) => output.progress(progress));
  const { id, name, path, steps, samples, images, sizeBytes, children, experimentId } = handoff;
  const runs = children.length === 0 ? '' : `${counted(children.length, 'run')}, together `;
  const report = (): string =>
    [
      `Job ${id} "${name}" is in ${path}: ${runs}${counted(steps, 'step')}, ${counted(samples, 'sample')} with ${counted(images, 'image')}, ${bytes(sizeBytes)}.`,
      ...(experimentId === null ? [] : [`Experiment ${experimentId} waits for it.`]),
      ...handoff.ledger.map(({ purpose, sentence }) => `  ${purpose}: ${sentence}`),
      ...handoff.notes,
      ...(address === undefined
        ? ['Copy the folder to the other machine and start ./run.sh --smoke there. Its README.md explains the rest.']
        : []),
    ].join('\n');
  if (address === undefined) {
    output.result(handoff, report);
    return 0;
  }
  if (output.json) output.line({ type: 'handoff', handoff });
  else output.note(report());
  return await submitJob(context, path, address);
}
