/** @file Works on queued evaluations and keeps the listeners that wait for their results. */
import type { Logger } from 'pino';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { QueueEntryId } from '../../contract/model/primitives.ts';
import type { Bell } from '../queue/bell.ts';
import { stopReasonOf } from '../queue/stop-reason.ts';
import type { EvaluationDesk, EvaluationListener, Work, WorkHandler } from '../queue/work.ts';
import { evaluate, type EvaluationParts } from './evaluate.ts';
import { assignToRun } from './of-run.ts';
import { planQueued } from './plan.ts';

export function createEvaluationDesk(
  parts: EvaluationParts & { logger: Logger; bell: Bell<string> },
): EvaluationDesk & { work: WorkHandler } {
  const listeners = new Map<QueueEntryId, EvaluationListener>();

  function fail(entryId: QueueEntryId, error: unknown): void {
    listeners.get(entryId)?.({ type: 'failed', error });
    listeners.delete(entryId);
  }

  async function work({ entry, signal, report }: Work): Promise<void> {
    try {
      if (entry.evaluation === null) throw new Error(`The entry ${entry.id} of the queue does not say what to ask.`);
      const plan = await planQueued(parts, entry.evaluation);
      const evaluation = await evaluate(
        parts,
        plan,
        (progress) => {
          report(progress);
          listeners.get(entry.id)?.({ type: 'progress', progress });
        },
        signal,
      );
      await assignToRun(parts, entry.evaluation, plan, evaluation);
      listeners.get(entry.id)?.({ type: 'done', evaluation });
      listeners.delete(entry.id);
    } catch (error) {
      const isClosing = stopReasonOf(signal)?.kind === 'closing';
      if (!listeners.has(entry.id) && !isClosing) parts.logger.warn({ err: error }, 'an evaluation ended early');
      fail(entry.id, error);
    }
  }

  return {
    work,
    listen: (entryId, listener) => void listeners.set(entryId, listener),
    forget: (entryId) => void listeners.delete(entryId),
    cancel: (entryId, message) => fail(entryId, new AtelierError('CANCELLED', message)),
    cancelAll(message) {
      for (const entryId of [...listeners.keys()]) fail(entryId, new AtelierError('CANCELLED', message));
    },
  };
}
