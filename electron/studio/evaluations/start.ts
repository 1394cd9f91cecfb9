/** @file Evaluations that you request. They wait in the queue, like all work that occupies the engine for long. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationEvent } from '../../contract/model/evaluations.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import { mixtureName } from '../../method/mixture.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StudioContext } from '../context.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { listQueue } from '../queue/queue.ts';
import { planEvaluation, type ParsedEvaluation } from './plan.ts';

type EvaluationQueue = Pick<StudioContext, 'store' | 'worker' | 'evaluations'>;

const TITLES: Record<ParsedEvaluation['mode'], string> = {
  reasoning: 'Evaluation',
  direct: 'Direct answers',
  sensitivity: 'Prompt sensitivity',
  hallucination: 'Things that are not there',
  samples: 'Sampled answers',
  drift: 'Drift',
};

/**
 * Streams progress and ends with the stored evaluation. If the caller leaves, the evaluation is abandoned.
 * @throws AtelierError in the same cases as `planEvaluation`, before anything is queued
 */
export async function startEvaluation(
  studio: EvaluationQueue,
  request: ParsedEvaluation,
  signal?: AbortSignal,
): Promise<AsyncIterableIterator<EvaluationEvent>> {
  const entry = await enqueue(studio, request, true);
  const abandon = (): void => {
    studio.evaluations.forget(entry.id);
    void studio.worker.abandon(entry.id);
  };
  const events = new EventQueue<EvaluationEvent>(() => abandon());
  const leave = (): void => {
    abandon();
    events.fail(new AtelierError('CANCELLED', 'The evaluation was cancelled; nothing of it is stored.'));
  };
  signal?.addEventListener('abort', leave, { once: true });
  studio.evaluations.listen(entry.id, (event) => {
    if (event.type === 'failed') events.fail(event.error);
    else events.push(event);
    if (event.type === 'done') events.end();
  });
  const before = (await studio.store.queue.list()).findIndex(({ id }) => id === entry.id);
  if (before > 0) events.push({ type: 'progress', progress: { phase: 'wait in the queue', done: 0 } });
  studio.worker.wake();
  return events;
}

/** Queues an evaluation that runs even if nobody waits for it, if need be at the next start of Atelier. */
export async function enqueueEvaluation(studio: EvaluationQueue, request: ParsedEvaluation): Promise<QueueEntry> {
  const { id } = await enqueue(studio, request, false);
  studio.worker.wake();
  const entry = (await listQueue(studio)).find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Error('An entry of the queue was lost.');
  return entry;
}

async function enqueue(studio: EvaluationQueue, request: ParsedEvaluation, awaited: boolean): Promise<StoredEntry> {
  const { model, maxPixels } = await planEvaluation(studio, request);
  const names: string[] = [];
  for (const id of [request.datasetId, ...(request.otherDatasetIds ?? [])])
    names.push((await studio.store.datasets.get(id)).name);
  const whose = request.runId === undefined ? model.name : (await studio.store.runs.summary(request.runId)).name;
  const title = `${TITLES[request.mode]} of ${whose} on ${mixtureName(names)}`;
  // The dataset's setting may change while the entry waits.
  const evaluation = maxPixels === undefined ? request : { ...request, detail: maxPixels };
  return studio.store.queue.add({ kind: 'evaluation', evaluation, title, awaited });
}
