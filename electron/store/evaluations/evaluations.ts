/** @file Evaluations and their items, as measured; they never change. */
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import {
  EvaluationSummary,
  type EvaluationItem,
  type EvaluationItemPage,
  type EvaluationItemsRequest,
  type EvaluationMode,
  type ItemChange,
} from '../../contract/model/evaluations.ts';
import { AnswerMetrics } from '../../contract/model/metrics.ts';
import { DatasetId, EvaluationId, SampleId, type ModelId, type RunId } from '../../contract/model/primitives.ts';
import type { AuditStore } from '../audit/audit.ts';
import type { Database, SqlValue } from '../connection/connection.ts';
import { freeId, randomStem } from '../connection/ids.ts';

/** Fields unknown to earlier versions are optional. */
export type NewEvaluation = Omit<z.input<typeof EvaluationSummary>, 'id' | 'createdAt'>;

type ItemRow = {
  sample_id: string;
  text: string;
  verdict: EvaluationItem['verdict'];
  format_ok: number;
  tokens: number;
  question: string | null;
  answer: string | null;
  variant: number | null;
  lenient: number | null;
  metrics_json: string | null;
};

type PageRow = ItemRow & {
  dataset_id: string;
  ordinal: number;
  asked: string;
  reference: string;
  other_text: string | null;
  other_verdict: EvaluationItem['verdict'] | null;
  answer_then: string | null;
};

export type EvaluationStore = ReturnType<typeof createEvaluationStore>;

export function createEvaluationStore(database: Database, audit: AuditStore) {
  /** Stores an evaluation with all its items in one transaction. */
  async function insert(evaluation: NewEvaluation, items: readonly EvaluationItem[]): Promise<EvaluationSummary> {
    return await database.transaction(async () => {
      const id = EvaluationId.parse(await freeId(database, 'evaluation', randomStem('eval')));
      const summary = EvaluationSummary.parse({ ...evaluation, id, createdAt: new Date().toISOString() });
      await database.run(
        `INSERT INTO evaluation (id, model_id, run_id, step, dataset_id, split, created_at, correct, n, summary_json, mode)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
          summary.mode,
        ],
      );
      for (const [ordinal, item] of items.entries()) {
        await database.run(
          `INSERT INTO evaluation_item (evaluation_id, ordinal, sample_id, text, verdict, format_ok, tokens, question, answer, variant, lenient, metrics_json)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            id,
            ordinal,
            item.sampleId,
            item.text,
            item.verdict,
            item.formatOk ? 1 : 0,
            item.tokens,
            item.question ?? null,
            item.answer ?? null,
            item.variant ?? null,
            item.lenient === undefined ? null : Number(item.lenient),
            item.metrics === undefined ? null : JSON.stringify(item.metrics),
          ],
        );
      }
      await audit.append('evaluation.recorded', {
        evaluationId: id,
        modelId: summary.modelId,
        runId: summary.runId,
        step: summary.step,
        mode: summary.mode,
        correct: summary.accuracy.correct,
        n: summary.accuracy.n,
      });
      return summary;
    });
  }

  /** Newest first; only evaluations that match all the given properties. */
  async function list(
    filter: {
      runId?: RunId | undefined;
      modelId?: ModelId | undefined;
      datasetId?: DatasetId | undefined;
      mode?: EvaluationMode | undefined;
    } = {},
  ): Promise<EvaluationSummary[]> {
    const conditions: string[] = [];
    const params: SqlValue[] = [];
    const columns = { run_id: filter.runId, model_id: filter.modelId, dataset_id: filter.datasetId, mode: filter.mode };
    for (const [column, value] of Object.entries(columns)) {
      if (value === undefined) continue;
      conditions.push(`${column} = ?`);
      params.push(value);
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
    return rows.map(toItem);
  }

  /**
   * Items with their questions, one page at a time. `against` adds the answers that another evaluation gave to the same
   * questions (same sample, wording and question); `change` keeps only items with that kind of change.
   */
  async function page(request: z.output<typeof EvaluationItemsRequest>): Promise<EvaluationItemPage> {
    const { createdAt } = await get(request.evaluationId);
    if (request.against !== undefined) await get(request.against);
    if (request.change !== undefined && request.against === undefined) {
      throw new AtelierError('BAD_INPUT', 'Items gained or lost are asked for, but not compared with what.', {
        place: { field: 'against' },
        remedy: 'Name the earlier evaluation in "against".',
      });
    }
    const conditions = ['item.evaluation_id = ?'];
    const params: SqlValue[] = [request.against ?? null, request.evaluationId];
    if (request.verdict !== undefined) {
      conditions.push('item.verdict = ?');
      params.push(request.verdict);
    }
    if (request.search !== undefined && request.search !== '') {
      conditions.push(
        '(instr(lower(ifnull(item.question, sample.prompt)), lower(?)) OR instr(lower(item.text), lower(?)))',
      );
      params.push(request.search, request.search);
    }
    if (request.change !== undefined) conditions.push(CHANGES[request.change]);
    const from = `FROM evaluation_item AS item JOIN sample ON sample.id = item.sample_id
      LEFT JOIN evaluation_item AS other ON other.evaluation_id = ? AND other.sample_id = item.sample_id
        AND other.variant IS item.variant AND other.question IS item.question
      WHERE ${conditions.join(' AND ')}`;
    const count = await database.get<{ total: number }>(`SELECT count(*) AS total ${from}`, params);
    const rows = await database.all<PageRow>(
      `SELECT item.*, sample.dataset_id, ifnull(item.question, sample.prompt) AS asked, ifnull(item.answer, sample.answer) AS reference,
         other.text AS other_text, other.verdict AS other_verdict,
         (SELECT b.answer FROM sample_before AS b JOIN dataset_edit AS e ON e.seq = b.edit_seq
           WHERE b.sample_id = item.sample_id AND e.at > ? ORDER BY b.edit_seq LIMIT 1) AS answer_then
         ${from} ORDER BY item.ordinal LIMIT ? OFFSET ?`,
      [createdAt, ...params, request.limit, request.offset],
    );
    const items = rows.map((row) => ({
      ...toItem(row),
      ordinal: row.ordinal,
      datasetId: DatasetId.parse(row.dataset_id),
      question: row.asked,
      answer: row.reference,
      answerThen: row.answer_then === row.reference || row.answer !== null ? null : row.answer_then,
      other: row.other_verdict === null ? null : { text: row.other_text ?? '', verdict: row.other_verdict },
    }));
    return { total: count?.total ?? 0, items };
  }

  return { insert, list, get, items, page };
}

/** How the result changed from `other` to `item`. */
const CHANGES: Record<ItemChange, string> = {
  gained: `other.verdict <> 'correct' AND item.verdict = 'correct'`,
  lost: `other.verdict = 'correct' AND item.verdict <> 'correct'`,
  kept: `other.verdict = 'correct' AND item.verdict = 'correct'`,
  missed: `other.verdict <> 'correct' AND item.verdict <> 'correct'`,
};

function toItem(row: ItemRow): EvaluationItem {
  return {
    sampleId: SampleId.parse(row.sample_id),
    text: row.text,
    verdict: row.verdict,
    formatOk: row.format_ok === 1,
    tokens: row.tokens,
    ...(row.question === null ? {} : { question: row.question }),
    ...(row.answer === null ? {} : { answer: row.answer }),
    ...(row.variant === null ? {} : { variant: row.variant }),
    ...(row.lenient === null ? {} : { lenient: row.lenient === 1 }),
    ...(row.metrics_json === null ? {} : { metrics: AnswerMetrics.parse(JSON.parse(row.metrics_json)) }),
  };
}
