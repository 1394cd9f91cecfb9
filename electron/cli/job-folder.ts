/** @file Writing a job folder from a terminal: options and report. */
import { HandoffRequest, Launcher } from '../contract/model/handoffs.ts';
import { resultOf } from '../contract/model/result-events.ts';
import { bytes } from '../reporting/figures.ts';
import { given } from './arguments.ts';
import type { CommandContext } from './command.ts';

export const JOB_OPTIONS = [
  ['--launcher <launcher>', 'Of a job folder: shell (default), ray, slurm or skypilot'],
  ['--without-model', "Leave the base model's files out of a job folder; name it by its hashes"],
] as const;

type What = Pick<HandoffRequest, 'runId' | 'recipe' | 'experimentId' | 'experiment'>;

/** Writes `what` to the folder that the option `out` names, and says what is in it. */
export async function writeJob({ args, output, client }: CommandContext, out: string, what: What): Promise<undefined> {
  const request = HandoffRequest.parse({
    destination: args.path(out),
    ...given({
      launcher: args.oneOf('launcher', Launcher.options),
      model: args.flag('without-model') ? 'reference' : undefined,
    }),
    ...what,
  });
  const studio = await client();
  const handoff = await resultOf(studio.handoffs.create(request), (progress) => output.progress(progress));
  const { id, name, path, steps, samples, images, sizeBytes, children, experimentId } = handoff;
  const runs = children.length === 0 ? '' : `${children.length} runs with together `;
  output.result(handoff, () =>
    [
      `Job ${id} "${name}" is in ${path}: ${runs}${steps} steps, ${samples} samples with ${images} images, ${bytes(sizeBytes)}.`,
      ...(experimentId === null ? [] : [`Experiment ${experimentId} waits for it.`]),
      ...handoff.ledger.map(({ purpose, sentence }) => `  ${purpose}: ${sentence}`),
      ...handoff.notes,
      'Copy the folder to the other machine and start ./run.sh --smoke there. Its README.md explains the rest.',
    ].join('\n'),
  );
}
