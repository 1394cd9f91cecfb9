/** @file Evaluations and their items, as measured; they never change. */
import type { z } from 'zod';
import { AtelierError } from '../contract/errors.ts';
import { EvaluationSummary, type EvaluationItem } from '../contract/evaluations.ts';
import { EvaluationId, SampleId, type ModelId, type RunId } from '../contract/primitives.ts';
import type { AuditStore } from './audit.ts';
import type { Database, SqlValue } from './connection.ts';
import { freeId, randomStem } from './ids.ts';

export type NewEvaluation = Omit<z.infer<typeof EvaluationSummary>, 'id' | 'createdAt'>;

type ItemRow = {
  sample_id: string;
  text: string;
  verdict: EvaluationItem['verdict'];
  format_ok: number;
  tokens: number;
};

export type EvaluationStore = ReturnType<typeof createEvaluationStore>;

export function createEvaluationStore(database: Database, audit: AuditStore) {
  /** Stores an evaluation with every item, in one transaction. */
  async function insert(evaluation: NewEvaluation, items: readonly EvaluationItem[]): Promise<EvaluationSummary> {
    return await database.transaction(async () => {
      const id = EvaluationId.parse(await freeId(database, 'evaluation', randomStem('eval')));
      const summary = EvaluationSummary.parse({ ...evaluation, id, createdAt: new Date().toISOString() });
      await database.run(
        `INSERT INTO evaluation (id, model_id, run_id, step, dataset_id, split, created_at, correct, n, summary_json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          summary.modelId,
          summary.runId,
          summary.step,
          summary.datasetId,
          summary.split,
          summary.createdAt,
          summary.accuracy.correct,
          summary.accuracy.n,
          JSON.stringify(summary),
        ],
      );
      for (const [ordinal, item] of items.entries()) {
        await database.run(
          'INSERT INTO evaluation_item (evaluation_id, ordinal, sample_id, text, verdict, format_ok, tokens) VALUES (?, ?, ?, ?, ?, ?, ?)',
          [id, ordinal, item.sampleId, item.text, item.verdict, item.formatOk ? 1 : 0, item.tokens],
        );
      }
      await audit.append('evaluation.recorded', {
        evaluationId: id,
        modelId: summary.modelId,
        runId: summary.runId,
        step: summary.step,
        correct: summary.accuracy.correct,
        n: summary.accuracy.n,
      });
      return summary;
    });
  }

  /** Newest first; of one run, of one model, or all. */
  async function list(
    filter: { runId?: RunId | undefined; modelId?: ModelId | undefined } = {},
  ): Promise<EvaluationSummary[]> {
    const conditions: string[] = [];
    const params: SqlValue[] = [];
    if (filter.runId !== undefined) {
      conditions.push('run_id = ?');
      params.push(filter.runId);
    }
    if (filter.modelId !== undefined) {
      conditions.push('model_id = ?');
      params.push(filter.modelId);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = await database.all<{ summary_json: string }>(
      `SELECT summary_json FROM evaluation ${where} ORDER BY created_at DESC, rowid DESC`,
      params,
    );
    return rows.map((row) => EvaluationSummary.parse(JSON.parse(row.summary_json)));
  }

  async function get(evaluationId: EvaluationId): Promise<EvaluationSummary> {
    const row = await database.get<{ summary_json: string }>('SELECT summary_json FROM evaluation WHERE id = ?', [
      evaluationId,
    ]);
    if (row !== undefined) return EvaluationSummary.parse(JSON.parse(row.summary_json));
    throw new AtelierError('NOT_FOUND', `There is no evaluation with the id "${evaluationId}".`, {
      place: { field: 'evaluationId' },
    });
  }

  async function items(evaluationId: EvaluationId): Promise<EvaluationItem[]> {
    await get(evaluationId);
    const rows = await database.all<ItemRow>('SELECT * FROM evaluation_item WHERE evaluation_id = ? ORDER BY ordinal', [
      evaluationId,
    ]);
    return rows.map((row) => ({
      sampleId: SampleId.parse(row.sample_id),
      text: row.text,
      verdict: row.verdict,
      formatOk: row.format_ok === 1,
      tokens: row.tokens,
    }));
  }

  return { insert, list, get, items };
}
