/** @file `--sft-first N`: N updates that imitate the reference answers, as a run of its own that the run itself begins with. */
import { AtelierError } from '../contract/errors/errors.ts';
import type { RunRequest } from '../contract/model/runs.ts';
import { DEFAULT_OPTIMISER } from '../method/defaults.ts';
import { given, type Arguments } from './arguments.ts';
import type { CommandOption } from './command.ts';

export const SFT_FIRST_OPTION: CommandOption = [
  '--sft-first <n>',
  'First imitate the reference answers for so many steps, in a run of its own, and go on from its adapter',
];

/**
 * The run that comes first, with the data, model and adapter of the run itself; null if none was asked for.
 * @throws AtelierError BAD_INPUT naming the option
 */
export function sftFirst(args: Arguments, request: RunRequest): RunRequest | null {
  const steps = args.integer('sft-first');
  if (steps === undefined) return null;
  if (steps < 1) throw wrong(`must be at least 1, not ${steps}`, 'Leave it out if no SFT is to come first.');
  if (request.method === 'sft') throw wrong('has no effect here: the run itself is SFT', 'Name another --method.');
  const { grpo, name, optimiser, checkpointEvery } = request;
  // A KL term, and looks at what rewards teach, belong to the run that follows.
  const {
    klSchedule: _schedule,
    klShareEvery: _share,
    evalEvery: _every,
    evalDuringSamples: _during,
    earlyStoppingPatience: _patience,
    loadBestModelAtEnd: _best,
    ...shared
  } = request;
  const { useBiasCorrectionKl: _correction, ...settings } = grpo ?? {};
  const { warmupSteps } = optimiser ?? DEFAULT_OPTIMISER;
  return {
    ...shared,
    ...given({
      grpo: grpo === undefined ? undefined : (settings as typeof grpo),
      name: name === undefined ? undefined : `${name} · SFT`,
      checkpointEvery: checkpointEvery === undefined ? undefined : Math.min(checkpointEvery, steps),
    }),
    // A warm-up must not outlast the steps.
    optimiser: { ...(optimiser ?? DEFAULT_OPTIMISER), warmupSteps: Math.min(warmupSteps, steps - 1) },
    method: 'sft',
    steps,
  };
}

function wrong(what: string, remedy: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The option --sft-first ${what}.`, { place: { field: '--sft-first' }, remedy });
}
