/** @file Makes a dataset from the answered pictures of a sheet. The others stay on the sheet, and train nothing. */
import type { FinishRequest, FinishResult } from '../../contract/model/labels.ts';
import type { ResultEvent } from '../../contract/model/result-events.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Progress, Task } from '../../contract/model/primitives.ts';
import { answerKindOf } from '../../method/answer-forms.ts';
import { answerCounts } from '../../method/answer-origin.ts';
import type { LabelRecord } from '../../store/labels/labels.ts';
import type { StudioCore } from '../context.ts';
import { importDataset } from '../datasets/import/import.ts';
import { EventQueue } from '../engine-client/event-queue.ts';
import { isReady, openSheet } from './sheet-source.ts';

type Studio = Pick<StudioCore, 'store' | 'pictures'>;

/** A dataset needs one to learn from and one to test with. */
const FEWEST = 2;

/** The events of making a dataset. If the reader stops, it is cancelled, and nothing is made. */
export function streamFinish(
  studio: Studio,
  request: FinishRequest,
  signal?: AbortSignal,
): AsyncIterableIterator<ResultEvent<FinishResult>> {
  const cancel = new AbortController();
  const queue = new EventQueue<ResultEvent<FinishResult>>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  const onProgress = (progress: Progress): void => queue.push({ type: 'progress', progress });
  void finishSheet(studio, request, onProgress, cancel.signal).then(
    (result) => {
      queue.push({ type: 'done', result });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/** @throws AtelierError BAD_INPUT while fewer than two pictures have an answer, and whatever an import throws */
export async function finishSheet(
  { store, pictures }: Studio,
  request: FinishRequest,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<FinishResult> {
  const sheet = await store.labels.get(request.sheetId);
  const items = await store.labels.itemsAt(request.sheetId);
  const ready = items.filter(isReady);
  if (ready.length < FEWEST) {
    const count = ready.length === 0 ? 'No picture has' : 'Only one picture has';
    throw new AtelierError('BAD_INPUT', `${count} an answer that can be read; a dataset needs at least two.`, {
      place: { field: 'sheetId' },
      remedy: 'Answer more pictures first.',
    });
  }
  const { testShare, seed, unknownUse, author, licence } = request;
  const fixed = { ...(author === undefined ? {} : { author }), ...(licence === undefined ? {} : { licence }) };
  const { dataset, report } = await importDataset(
    { ...store, pictures },
    {
      path: sheet.folder,
      task: taskOf(sheet.task),
      testShare,
      seed,
      unknownUse,
      orientation: sheet.orientation,
      onProblem: 'skip',
      ...(request.name === undefined ? {} : { name: request.name }),
      ...(Object.keys(fixed).length === 0 ? {} : { fixed }),
    },
    onProgress,
    signal,
    { open: () => Promise.resolve(openSheet(store, sheet, ready)), called: sheet.name },
  );
  const samples = await store.datasets.allSamples(dataset.id);
  const { typed, confirmed, corrected } = answerCounts(samples);
  const sideOf = new Map(samples.map(({ imageSha256, split }) => [imageSha256, split]));
  await store.labels.setDataset(sheet.id, dataset.id, splitsOf(ready, sideOf), { typed, confirmed, corrected });
  return { dataset, report, waiting: items.length - dataset.samples };
}

function splitsOf(
  items: readonly LabelRecord[],
  sideOf: ReadonlyMap<string, 'train' | 'test'>,
): { position: number; split: 'train' | 'test' }[] {
  return items.flatMap(({ position, imageSha256 }) => {
    const split = sideOf.get(imageSha256);
    return split === undefined ? [] : [{ position, split }];
  });
}

/** How the dataset's answers are read where a run does not say otherwise. */
function taskOf(learningTask: string): Task {
  const kind = answerKindOf(learningTask);
  if (kind === 'count') return 'counting';
  return ['number', 'fraction', 'radical', 'pi', 'degrees'].includes(kind) ? 'geometry' : 'other';
}
