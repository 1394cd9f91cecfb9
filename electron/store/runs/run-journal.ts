/**
 * @file The journal of a run: steps with their completions, checkpoints, warnings, and the numbered events that
 * `runs.watch` replays. Each append is one transaction and returns the event that live pages receive.
 */
import type { RunId, SampleId } from '../../contract/model/primitives.ts';
import type {
  Completion,
  CompletionGroup,
  HeldOutPoint,
  RunEvent,
  RunSummary,
  RunWarning,
  StepMetrics,
} from '../../contract/model/runs.ts';
import { DatasetId, SampleId as SampleIdSchema } from '../../contract/model/primitives.ts';
import { insertProjections, truncateAttribution, type Projection } from './contributions.ts';
import type { Database } from '../connection/connection.ts';
import { thinnedSteps } from './thinning.ts';

/** A replay groups consecutive steps, so that a long run does not arrive as thousands of messages. */
const REPLAY_BATCH = 500;

export type CheckpointRecord = { step: number; path: string; sha256: string; createdAt: string };

type EventRow = {
  seq: number;
  type: 'status' | 'step' | 'checkpoint' | 'warning' | 'evaluation';
  ref: number | null;
  body_json: string | null;
  at: string;
};

type Scores = Pick<Completion, 'rewards' | 'reward' | 'advantage'>;

type CompletionRow = {
  step: number;
  sample_id: string;
  group_index: number;
  text: string;
  tokens: number;
  truncated: number;
  scores_json: string;
  verdict: Completion['verdict'];
};

export type RunJournal = ReturnType<typeof createRunJournal>;

/**
 * `assertWritable` throws if the run does not (or no longer) belong to this process; it runs inside the transaction.
 */
export function createRunJournal(database: Database, assertWritable: (runId: RunId) => Promise<void>) {
  async function lastSeq(runId: RunId): Promise<number> {
    const row = await database.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM run_event WHERE run_id = ?', [
      runId,
    ]);
    return row?.seq ?? 0;
  }

  async function addEvent(
    runId: RunId,
    type: EventRow['type'],
    ref: number | null,
    body: unknown,
    at = new Date().toISOString(),
  ): Promise<number> {
    const seq = (await lastSeq(runId)) + 1;
    await database.run('INSERT INTO run_event (run_id, seq, type, ref, body_json, at) VALUES (?, ?, ?, ?, ?, ?)', [
      runId,
      seq,
      type,
      ref,
      body === undefined ? null : JSON.stringify(body),
      at,
    ]);
    return seq;
  }

  /** Records a change to the run's own row. Call it in the transaction that made the change. */
  async function addStatus(runId: RunId, summary: RunSummary): Promise<RunEvent> {
    const at = new Date().toISOString();
    return { seq: await addEvent(runId, 'status', null, summary, at), type: 'status', summary, at };
  }

  /** Records one step with all its completions. Steps have no gaps: `metrics.step` is the last one + 1. */
  async function appendStep(
    runId: RunId,
    metrics: StepMetrics,
    completions: readonly Completion[],
    projections: readonly Projection[] = [],
  ): Promise<RunEvent> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      const last = await lastStep(runId);
      if (metrics.step !== last + 1) {
        throw new Error(`Step ${metrics.step} of ${runId} does not follow step ${last}, the last one recorded.`);
      }
      const at = new Date().toISOString();
      await database.run(
        `INSERT INTO step (run_id, step, reward, kl, beta, loss, seconds, metrics_json, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          runId,
          metrics.step,
          metrics.reward,
          metrics.kl,
          metrics.beta,
          metrics.loss,
          metrics.secondsTotal,
          JSON.stringify(metrics),
          at,
        ],
      );
      await insertCompletions(runId, metrics.step, completions);
      if (projections.length > 0) await insertProjections(database, runId, 'measured', metrics.step, projections);
      await database.run('UPDATE run SET heartbeat_at = ? WHERE id = ?', [at, runId]);
      const seq = await addEvent(runId, 'step', metrics.step, undefined);
      return { seq, type: 'steps', steps: [metrics] };
    });
  }

  /** One statement for all of them: a step can have thousands. */
  async function insertCompletions(runId: RunId, step: number, completions: readonly Completion[]): Promise<void> {
    const stray = completions.find((completion) => completion.step !== step);
    if (stray !== undefined) throw new Error(`A completion of step ${stray.step} came with step ${step} of ${runId}.`);
    const rows = completions.map(({ rewards, ...completion }, ordinal) => {
      const { reward, advantage } = completion;
      return { ...completion, ordinal, scoresJson: JSON.stringify({ rewards, reward, advantage } satisfies Scores) };
    });
    await database.run(
      `INSERT INTO completion (run_id, step, ordinal, sample_id, group_index, text, tokens, truncated, scores_json, reward, advantage, verdict)
       SELECT ?1, ?2, value ->> 'ordinal', value ->> 'sampleId', value ->> 'index', value ->> 'text', value ->> 'tokens',
         value ->> 'truncated', value ->> 'scoresJson', value ->> 'reward', value ->> 'advantage', value ->> 'verdict'
         FROM json_each(?3)`,
      [runId, step, JSON.stringify(rows)],
    );
  }

  /** Records a checkpoint folder that is in its final place; recording the same step again replaces the record. */
  async function addCheckpoint(runId: RunId, checkpoint: Omit<CheckpointRecord, 'createdAt'>): Promise<RunEvent> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      await database.run(
        'INSERT OR REPLACE INTO checkpoint (run_id, step, path, sha256, created_at) VALUES (?, ?, ?, ?, ?)',
        [runId, checkpoint.step, checkpoint.path, checkpoint.sha256, new Date().toISOString()],
      );
      const seq = await addEvent(runId, 'checkpoint', checkpoint.step, undefined);
      return { seq, type: 'checkpoint', step: checkpoint.step };
    });
  }

  async function addWarning(runId: RunId, warning: RunWarning): Promise<RunEvent> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      return await insertWarning(runId, warning);
    });
  }

  /** Call it in the transaction that changes the run for the reason that the warning gives. */
  async function insertWarning(runId: RunId, warning: RunWarning): Promise<RunEvent> {
    await database.run(
      'INSERT INTO run_warning (run_id, step, code, message, severity, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      [runId, warning.step, warning.code, warning.message, warning.severity ?? null, new Date().toISOString()],
    );
    return { seq: await addEvent(runId, 'warning', warning.step, warning), type: 'warning', warning };
  }

  /** Records the held-out results after a step; recording the same step again (after a resume) replaces them. */
  async function addHeldOut(runId: RunId, point: HeldOutPoint): Promise<RunEvent> {
    return await database.transaction(async () => {
      await assertWritable(runId);
      await database.run(
        'INSERT OR REPLACE INTO run_held_out (run_id, step, point_json, recorded_at) VALUES (?, ?, ?, ?)',
        [runId, point.step, JSON.stringify(point), new Date().toISOString()],
      );
      return { seq: await addEvent(runId, 'evaluation', point.step, point), type: 'evaluation', point };
    });
  }

  /** The held-out results, in step order. */
  async function heldOut(runId: RunId): Promise<HeldOutPoint[]> {
    const rows = await database.all<{ point_json: string }>(
      'SELECT point_json FROM run_held_out WHERE run_id = ? ORDER BY step',
      [runId],
    );
    return rows.map((row) => JSON.parse(row.point_json) as HeldOutPoint);
  }

  /**
   * Removes everything after `step`: step rows (with completions), checkpoints, held-out points and warnings. Returns
   * the number of removed steps.
   */
  async function truncateAfter(runId: RunId, step: number): Promise<number> {
    const removed = await database.run('DELETE FROM step WHERE run_id = ? AND step > ?', [runId, step]);
    await database.run('DELETE FROM checkpoint WHERE run_id = ? AND step > ?', [runId, step]);
    await truncateAttribution(database, runId, step);
    await database.run('DELETE FROM run_warning WHERE run_id = ? AND step > ?', [runId, step]);
    await database.run('DELETE FROM run_held_out WHERE run_id = ? AND step > ?', [runId, step]);
    return removed.changes;
  }

  async function lastStep(runId: RunId): Promise<number> {
    return (
      (await database.get<{ step: number | null }>('SELECT max(step) AS step FROM step WHERE run_id = ?', [runId]))
        ?.step ?? 0
    );
  }

  /** Checkpoints in step order. */
  async function checkpoints(runId: RunId): Promise<CheckpointRecord[]> {
    return await database.all<CheckpointRecord>(
      'SELECT step, path, sha256, created_at AS createdAt FROM checkpoint WHERE run_id = ? ORDER BY step',
      [runId],
    );
  }

  async function lastCheckpoint(runId: RunId): Promise<CheckpointRecord | null> {
    return (await checkpoints(runId)).at(-1) ?? null;
  }

  /** The checkpoint that stands for the run: the one that was chosen when it had trained, otherwise the newest. */
  async function resultCheckpoint(runId: RunId): Promise<CheckpointRecord | null> {
    const all = await checkpoints(runId);
    const row = await database.get<{ step: number | null }>('SELECT result_step AS step FROM run WHERE id = ?', [
      runId,
    ]);
    return all.find(({ step }) => step === row?.step) ?? all.at(-1) ?? null;
  }

  async function warnings(runId: RunId): Promise<RunWarning[]> {
    const rows = await database.all<RunWarning & { severity: RunWarning['severity'] | null }>(
      'SELECT step, code, message, severity FROM run_warning WHERE run_id = ? ORDER BY id',
      [runId],
    );
    return rows.map(({ severity, ...warning }) => (severity === null ? warning : { ...warning, severity }));
  }

  /** Metrics of at most `maxPoints` evenly spaced steps, including the first and last. */
  async function steps(runId: RunId, maxPoints: number): Promise<StepMetrics[]> {
    const rows = await thinnedSteps<{ metrics_json: string }>(database, runId, maxPoints, 'metrics_json');
    return rows.map((row) => JSON.parse(row.metrics_json) as StepMetrics);
  }

  /** The groups of one step in the engine's order, each with its question and reference answer. */
  async function completions(runId: RunId, step: number): Promise<CompletionGroup[]> {
    const rows = await database.all<CompletionRow & { dataset_id: string; prompt: string; answer: string }>(
      `SELECT completion.*, sample.dataset_id, sample.prompt, sample.answer FROM completion JOIN sample ON sample.id = completion.sample_id
        WHERE run_id = ? AND step = ? ORDER BY ordinal`,
      [runId, step],
    );
    const groups: CompletionGroup[] = [];
    for (const row of rows) {
      const completion = toCompletion(row);
      const group = groups.at(-1);
      const continues =
        group?.sampleId === completion.sampleId && (group.completions.at(-1)?.index ?? -1) < completion.index;
      if (group !== undefined && continues) group.completions.push(completion);
      else
        groups.push({
          step,
          sampleId: completion.sampleId,
          datasetId: DatasetId.parse(row.dataset_id),
          prompt: row.prompt,
          answer: row.answer,
          completions: [completion],
        });
    }
    return groups;
  }

  /** The completions for one sample over the course of the run. */
  async function completionsOf(runId: RunId, sampleId: SampleId): Promise<Completion[]> {
    const rows = await database.all<CompletionRow>(
      'SELECT * FROM completion WHERE run_id = ? AND sample_id = ? ORDER BY step, ordinal',
      [runId, sampleId],
    );
    return rows.map(toCompletion);
  }

  /**
   * Events with a number larger than `after`, oldest first. Consecutive steps are combined into one event that carries
   * the number of the last. A step that was removed on a resume and written again appears once, in its current form. If
   * there are more than `maxPoints` steps, returns evenly spaced ones, including the first and the last.
   */
  async function eventsAfter(runId: RunId, after: number, maxPoints = Infinity): Promise<RunEvent[]> {
    const last = await lastStep(runId);
    const points = Number.isFinite(maxPoints) ? Math.max(2, maxPoints) : last;
    const rows = await database.all<EventRow & { metrics_json: string | null }>(
      `SELECT e.seq, e.type, e.ref, e.body_json, e.at, step.metrics_json FROM run_event AS e
         LEFT JOIN step ON e.type = 'step' AND step.run_id = e.run_id AND step.step = e.ref
        WHERE e.run_id = ?1 AND e.seq > ?2
          AND (e.type <> 'step' OR ?3 <= ?4 OR e.ref = 1
            OR ((e.ref - 1) * (?4 - 1)) / (?3 - 1) > ((e.ref - 2) * (?4 - 1)) / (?3 - 1))
        ORDER BY e.seq`,
      [runId, after, last, points],
    );
    const newestOf = new Map<number, number>();
    const newestInterim = new Map<number, number>();
    for (const row of rows) {
      if (row.type === 'step' && row.ref !== null) newestOf.set(row.ref, row.seq);
      if (row.type === 'evaluation' && row.ref !== null) newestInterim.set(row.ref, row.seq);
    }
    const events: RunEvent[] = [];
    for (const row of rows) {
      // An evaluation that was removed on a resume and then repeated is reported once, as a step is.
      if (row.type === 'evaluation' && newestInterim.get(row.ref ?? -1) !== row.seq) continue;
      if (row.type !== 'step') {
        events.push(toEvent(row));
        continue;
      }
      if (row.metrics_json === null || row.ref === null || newestOf.get(row.ref) !== row.seq) continue;
      const metrics = JSON.parse(row.metrics_json) as StepMetrics;
      const open = events.at(-1);
      if (open?.type === 'steps' && open.steps.length < REPLAY_BATCH) {
        open.steps.push(metrics);
        open.seq = row.seq;
      } else events.push({ seq: row.seq, type: 'steps', steps: [metrics] });
    }
    return events;
  }

  return {
    lastSeq,
    addStatus,
    appendStep,
    addCheckpoint,
    addWarning,
    addHeldOut,
    heldOut,
    insertWarning,
    truncateAfter,
    lastStep,
    checkpoints,
    lastCheckpoint,
    resultCheckpoint,
    warnings,
    steps,
    completions,
    completionsOf,
    eventsAfter,
  };
}

function toEvent(row: EventRow): RunEvent {
  const { seq } = row;
  if (row.type === 'checkpoint') return { seq, type: 'checkpoint', step: row.ref ?? 0 };
  const body: unknown = JSON.parse(row.body_json ?? 'null');
  if (row.type === 'warning') return { seq, type: 'warning', warning: body as RunWarning };
  if (row.type === 'evaluation') return { seq, type: 'evaluation', point: body as HeldOutPoint };
  // Events written before runs were compared with their base have no comparison.
  const summary = body as Omit<RunSummary, 'comparison'> & Partial<RunSummary>;
  return { seq, type: 'status', summary: { ...summary, comparison: summary.comparison ?? null }, at: row.at };
}

function toCompletion(row: CompletionRow): Completion {
  return {
    step: row.step,
    sampleId: SampleIdSchema.parse(row.sample_id),
    index: row.group_index,
    text: row.text,
    tokens: row.tokens,
    truncated: row.truncated === 1,
    ...(JSON.parse(row.scores_json) as Scores),
    verdict: row.verdict,
  };
}
