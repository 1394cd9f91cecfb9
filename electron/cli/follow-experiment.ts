/** @file Following an experiment in a terminal: its parts as lines, and Ctrl-C as "stop with a checkpoint". */
import { EXIT_STATUS } from '../contract/errors/errors.ts';
import type { ExperimentSummary } from '../contract/model/experiments.ts';
import type { CommandContext } from './command.ts';
import { timeLeft } from './text.ts';

/**
 * Prints an experiment's progress until it ends. The first Ctrl-C asks it to stop and waits for the checkpoint; the
 * second ends at once. @returns its last state, and whether the user ended it
 */
export async function followExperiment(
  context: CommandContext,
  started: ExperimentSummary,
): Promise<{ summary: ExperimentSummary; byPerson: boolean }> {
  const { output, terminal } = context;
  const client = await context.client();
  const experimentId = started.id;
  let interrupts = 0;
  const restore = terminal.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) {
      void context.studio().then((studio) => studio.close({ waitMs: 0 }));
      return;
    }
    output.note('Stopping, with a checkpoint. Ctrl-C again ends at once. What is done is kept.');
    client.experiments.stop({ experimentId }).catch(() => undefined);
  });
  let summary = started;
  let told = '';
  try {
    for await (const now of await client.experiments.watch({ experimentId })) {
      summary = now;
      const line = progressOf(now);
      if (output.json) output.line({ type: 'progress', experiment: now });
      else if (line !== told) output.note(line);
      told = line;
    }
  } catch (error) {
    if (interrupts < 2) throw error;
    summary = { ...summary, status: 'interrupted' };
  } finally {
    restore();
  }
  return { summary, byPerson: interrupts > 0 };
}

/** The exit status for an experiment's outcome. */
export function experimentStatus({ status }: ExperimentSummary, byPerson: boolean): number {
  if (status === 'completed') return 0;
  if (byPerson) return EXIT_STATUS.CANCELLED;
  return status === 'failed' ? EXIT_STATUS.INTERNAL : EXIT_STATUS.ENGINE_LOST;
}

function progressOf({ status, completed, children, failed, phase, secondsLeft }: ExperimentSummary): string {
  return [
    `${completed}/${children} done`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    phase?.phase ?? status,
    ...timeLeft(secondsLeft),
  ].join(' · ');
}
