/** @file Compares what an export is about to sign with what the audit log recorded when it happened. */
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { AuditEntry, RunId } from '../../../contract/api/index.ts';
import type { EvaluationFile, EvaluationRecord } from '../../../provenance/documents/evaluation-record.ts';
import type { Store } from '../../../store/connection/open.ts';

export interface RecordedFacts {
  runId: RunId;
  recipeSha256: string;
  evaluation: EvaluationFile;
  audit: readonly AuditEntry[];
}

/**
 * The log itself must be whole, the recipe the one that the run was created with, and each evaluation's counts those that
 * were recorded and those of its answers.
 * @throws AtelierError VERIFICATION_FAILED naming what differs
 */
export async function mustBeAsRecorded(store: Pick<Store, 'audit'>, facts: RecordedFacts): Promise<void> {
  const { intact, reason } = await store.audit.verify();
  if (!intact) throw changed(reason ?? 'The audit log is broken.');
  const created = facts.audit.find(({ action, body }) => action === 'run.created' && body['runId'] === facts.runId);
  if (created !== undefined && created.body['recipeSha256'] !== facts.recipeSha256)
    throw changed(`The recipe of ${facts.runId} is not the one that the audit log names.`);
  const { base, tuned, others } = facts.evaluation;
  for (const evaluation of [base, tuned, ...others]) if (evaluation !== null) compareCounts(evaluation, facts.audit);
}

function compareCounts({ summary, items }: EvaluationRecord, audit: readonly AuditEntry[]): void {
  const { id, accuracy } = summary;
  const correct = items.filter(({ verdict }) => verdict === 'correct').length;
  if (correct !== accuracy.correct || items.length !== accuracy.n)
    throw changed(
      `The evaluation ${id} states ${accuracy.correct} of ${accuracy.n} right, and its answers are ${correct} of ${items.length}.`,
    );
  const entry = audit.find(({ action, body }) => action === 'evaluation.recorded' && body['evaluationId'] === id);
  if (entry !== undefined && (entry.body['correct'] !== accuracy.correct || entry.body['n'] !== accuracy.n))
    throw changed(
      `The evaluation ${id} states ${accuracy.correct} of ${accuracy.n} right, and the audit log recorded ${String(entry.body['correct'])} of ${String(entry.body['n'])}.`,
    );
}

function changed(what: string): AtelierError {
  return new AtelierError('VERIFICATION_FAILED', `${what} The store was changed outside Atelier.`, {
    remedy: 'Restore the data folder from a backup. Atelier does not sign what was changed.',
  });
}
