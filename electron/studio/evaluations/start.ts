/** @file An evaluation on request. It waits for its turn in the queue, like everything that needs the engine for long. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EvaluationEvent } from '../../contract/model/evaluations.ts';
import type { QueueEntry } from '../../contract/model/queue.ts';
import type { StoredEntry } from '../../store/queue/queue.ts';
import type { StudioContext } from '../context.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { listQueue } from '../queue/queue.ts';
import { planEvaluation, type ParsedEvaluation } from './plan.ts';

const TITLES: Record<ParsedEvaluation['mode'], string> = {
  reasoning: 'Evaluation',
  direct: 'Direct answers',
  sensitivity: 'Prompt sensitivity',
  hallucination: 'Things that are not there',
};

/**
 * Streams progress and ends with the stored evaluation. It is given up when the caller leaves.
 * @throws AtelierError as `planEvaluation` does, before anything is put in line
 */
export async function startEvaluation(
  studio: StudioContext,
  request: ParsedEvaluation,
  signal?: AbortSignal,
): Promise<AsyncIterableIterator<EvaluationEvent>> {
  const entry = await putInLine(studio, request);
  const events = new EventQueue<EvaluationEvent>(() => void studio.runs.dropEvaluation(entry.id));
  const leave = (): void => {
    void studio.runs.dropEvaluation(entry.id);
    events.fail(new AtelierError('CANCELLED', 'The evaluation was given up; nothing of it is stored.'));
  };
  signal?.addEventListener('abort', leave, { once: true });
  studio.runs.hearEvaluation(entry.id, (event) => {
    if (event.type === 'failed') events.fail(event.error);
    else events.push(event);
    if (event.type === 'done') events.end();
  });
  const before = (await studio.store.queue.list()).findIndex(({ id }) => id === entry.id);
  if (before > 0) events.push({ type: 'progress', progress: { phase: 'wait in the queue', done: 0 } });
  studio.runs.wake();
  return events;
}

/** Puts an evaluation in line; it is made whoever watches. */
export async function enqueueEvaluation(studio: StudioContext, request: ParsedEvaluation): Promise<QueueEntry> {
  const { id } = await putInLine(studio, request);
  studio.runs.wake();
  const entry = (await listQueue(studio)).find((candidate) => candidate.id === id);
  if (entry === undefined) throw new Error('An entry of the queue was lost.');
  return entry;
}

async function putInLine(studio: StudioContext, request: ParsedEvaluation): Promise<StoredEntry> {
  const { model } = await planEvaluation(studio, request);
  const { name } = await studio.store.datasets.get(request.datasetId);
  const whose = request.runId === undefined ? model.name : (await studio.store.runs.summary(request.runId)).name;
  const title = `${TITLES[request.mode]} of ${whose} on ${name}`;
  return studio.store.queue.add({ kind: 'evaluation', evaluation: request, title });
}
