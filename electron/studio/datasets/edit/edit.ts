/** @file Bulk edits of samples and their undo: one transaction and one audit log entry each. */
import { isDeepStrictEqual } from 'node:util';
import type { DatasetEdit, EditRequest, EditResult, SampleChange } from '../../../contract/model/curation.ts';
import type { Sample } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { DatasetId } from '../../../contract/model/primitives.ts';
import { licenceGiven } from '../../licence-given.ts';
import type { EditRecord } from '../../../store/datasets/dataset-edits.ts';
import type { NewState } from '../../../store/datasets/sample-states.ts';
import type { Store } from '../../../store/connection/open.ts';
import { ensurePerceptualHashes, type CurationStore } from '../analysis/duplicates.ts';
import { leakageWithin } from '../analysis/leakage.ts';
import { snapshotSha256 } from '../snapshot.ts';

export type EditStore = CurationStore & Pick<Store, 'edits' | 'transaction'>;

/** Returns the edited sample, or the same object if nothing changes. */
type Change = (sample: Sample) => Sample;

/**
 * Sets values on the chosen samples, either all or none of them.
 * @throws AtelierError NOT_FOUND for samples that are not in the dataset; BAD_INPUT for an invalid licence or an edit
 *   that sets nothing
 */
export async function editSamples(store: EditStore, request: EditRequest): Promise<EditResult> {
  const set = checked(request.set);
  if (set.split !== undefined) await ensurePerceptualHashes(store, [request.datasetId]);
  return await store.transaction(async () => {
    const chosen = await choose(store, request);
    return await applyChange(store, request.datasetId, {
      kind: 'edit',
      fields: Object.keys(set).sort(),
      note: request.note === undefined || request.note === '' ? null : request.note,
      summary: (count) => `${describe(set)} on ${count === 1 ? '1 sample' : `${count} samples`}.`,
      change: (sample) => (chosen.has(sample.id) ? changed(sample, set) : sample),
    });
  });
}

/**
 * Undoes an edit or a split.
 * @throws AtelierError CONFLICT if there is nothing to undo, or a later edit changed the same samples
 */
export async function undoEdit(
  store: EditStore,
  request: { datasetId: DatasetId; editId?: string | undefined },
): Promise<EditResult> {
  const { datasetId } = request;
  await ensurePerceptualHashes(store, [datasetId]);
  return await store.transaction(async () => {
    await store.datasets.get(datasetId);
    const edits = await store.edits.list(datasetId);
    const edit =
      request.editId === undefined
        ? edits.find((known) => known.kind !== 'undo' && known.undoneBy === null)
        : edits.find((known) => known.id === request.editId);
    const target = undoable(edit, request.editId, datasetId);
    const states = new Map((await store.edits.statesBefore(datasetId, target.id)).map((state) => [state.id, state]));
    return await applyChange(store, datasetId, {
      kind: 'undo',
      fields: [],
      note: null,
      undoes: target.id,
      summary: () => `Undone: ${target.summary}`,
      change: (sample) => {
        const before = states.get(sample.id);
        if (before === undefined) return sample;
        return {
          ...sample,
          task: before.task,
          answer: before.answer,
          split: before.split,
          licence: before.licence,
          authors: JSON.parse(before.authors_json) as string[],
          tags: JSON.parse(before.tags_json) as string[],
          licenceSource: before.licence_source,
          authorsSource: before.authors_source,
        };
      },
      sourcesOf: (sample) => JSON.parse(states.get(sample.id)?.sources_json ?? '[]') as number[],
    });
  });
}

export type DatasetChange = {
  kind: EditRecord['kind'];
  fields: string[];
  note: string | null;
  undoes?: string;
  summary: (changed: number) => string;
  change: Change;
  /** Ids of a changed sample's sources; absent = sources that matched the sample are updated with it. */
  sourcesOf?: (sample: Sample) => number[];
};

/** Applies `change` to a dataset's samples. Must run inside a transaction; writes nothing if nothing differs. */
export async function applyChange(store: EditStore, datasetId: DatasetId, change: DatasetChange): Promise<EditResult> {
  const before = await store.datasets.allSamples(datasetId);
  const after = before.map(change.change);
  const touched = after.flatMap((sample, index) => {
    const was = before[index];
    return was === undefined || sample === was || sameState(sample, was) ? [] : [{ sample, was }];
  });
  if (touched.length === 0 && change.kind !== 'undo')
    return { edit: null, changed: 0, dataset: await store.datasets.get(datasetId) };
  refuseOneClass(after, before);
  const { snapshotSha256: snapshotBefore, leakage } = await store.datasets.get(datasetId);
  const linked = touched.map(({ sample, was }) => ({ sample: withOwnSource(sample, was), was }));
  const byId = new Map(linked.map(({ sample }) => [sample.id, sample]));
  const now = after.map((sample) => byId.get(sample.id) ?? sample);
  const sourceIds = await store.edits.sourceIds(linked.map(({ was }) => was.id));
  const states = linked.map(({ sample, was }) => toState(sample, was, sourceIds, change.sourcesOf));
  const restored = change.undoes === undefined ? now : await restoredSources(store, now, states);
  const snapshotAfter = snapshotSha256(restored);
  const editId = await store.edits.record(
    datasetId,
    {
      kind: change.kind,
      summary: change.summary(touched.length),
      note: change.note,
      snapshotBefore,
      snapshotAfter,
      ...(change.undoes === undefined ? {} : { undoes: change.undoes }),
      fields: change.fields,
    },
    states,
  );
  await store.datasets.refresh(datasetId, { snapshotSha256: snapshotAfter, samples: restored, leakage });
  if (touched.some(({ sample, was }) => sample.split !== was.split))
    await store.datasets.setLeakage(datasetId, await leakageWithin(store, datasetId));
  const edit = (await store.edits.list(datasetId)).find((known) => known.id === editId) ?? null;
  return { edit, changed: touched.length, dataset: await store.datasets.get(datasetId) };
}

async function choose(store: EditStore, { datasetId, select }: EditRequest): Promise<Set<string>> {
  if ('filter' in select) return new Set(await store.datasets.sampleIds(datasetId, select.filter));
  const known = new Set<string>(await store.datasets.sampleIds(datasetId, {}));
  const stranger = select.sampleIds.find((id) => !known.has(id));
  if (stranger === undefined) return new Set(select.sampleIds);
  throw new AtelierError('NOT_FOUND', `The dataset ${datasetId} has no sample "${stranger}".`, {
    place: { field: 'sampleIds' },
    remedy: 'Nothing was changed. Choose the samples again.',
  });
}

function checked(set: SampleChange): SampleChange {
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  if (given.length === 0) {
    throw new AtelierError('BAD_INPUT', 'The edit sets nothing.', {
      place: { field: 'set' },
      remedy: 'Name what is to be set: tags, licence, authors, split, answer or task.',
    });
  }
  if (set.licence === undefined || set.licence === null || set.licence === '')
    return set.licence === '' ? { ...set, licence: null } : set;
  return { ...set, licence: licenceGiven(set.licence) };
}

function changed(sample: Sample, set: SampleChange): Sample {
  const remove = new Set(set.removeTags ?? []);
  const tags = [...new Set([...sample.tags, ...(set.addTags ?? [])])].filter((tag) => !remove.has(tag));
  const authors = set.authors === undefined ? sample.authors : [...new Set(set.authors)];
  // What stays as it was also keeps its origin.
  const isNewLicence = set.licence !== undefined && set.licence !== sample.licence;
  return {
    ...sample,
    tags,
    ...(isNewLicence ? { licence: set.licence ?? null, licenceSource: 'edited' as const } : {}),
    ...(isDeepStrictEqual(authors, sample.authors) ? {} : { authors, authorsSource: 'edited' as const }),
    ...(set.split === undefined ? {} : { split: set.split }),
    ...(set.answer === undefined ? {} : { answer: set.answer }),
    ...(set.task === undefined ? {} : { task: set.task }),
  };
}

function sameState(a: Sample, b: Sample): boolean {
  const state = ({ task, answer, split, licence, authors, tags, licenceSource, authorsSource }: Sample): string =>
    JSON.stringify([task, answer, split, licence, authors, tags, licenceSource, authorsSource]);
  return state(a) === state(b);
}

/** If a sample's only source matched the sample, it keeps matching. Sources of other works stay as stated. */
function withOwnSource(sample: Sample, was: Sample): Sample {
  const [source] = was.sources;
  const own =
    was.sources.length === 1 && source !== undefined && source.licence === was.licence && source.author === names(was);
  if (!own || source.url !== null) return sample;
  return { ...sample, sources: [{ ...source, licence: sample.licence, author: names(sample) }] };
}

function names({ authors }: Pick<Sample, 'authors'>): string | null {
  return authors.length === 0 ? null : authors.join('; ');
}

function toState(
  sample: Sample,
  was: Sample,
  sourceIds: ReadonlyMap<string, number[]>,
  sourcesOf: DatasetChange['sourcesOf'],
): NewState {
  const { id, task, answer, split, licence, authors, tags, licenceSource, authorsSource } = sample;
  const [source] = sample.sources;
  const follows = sample.sources !== was.sources && source !== undefined;
  const sources = sourcesOf?.(sample) ?? (follows ? source : (sourceIds.get(sample.id) ?? []));
  return { id, task, answer, split, licence, authors, tags, licenceSource, authorsSource, sources };
}

async function restoredSources(
  store: EditStore,
  samples: readonly Sample[],
  states: readonly NewState[],
): Promise<Sample[]> {
  const wanted = new Map(states.map((state) => [state.id, Array.isArray(state.sources) ? state.sources : []]));
  const byId = await store.edits.sourcesById([...new Set([...wanted.values()].flat())]);
  return samples.map((sample) => {
    const ids = wanted.get(sample.id);
    return ids === undefined ? sample : { ...sample, sources: ids.flatMap((id) => byId.get(id) ?? []) };
  });
}

/** As in the import: if all answers are the same, there is nothing to learn. */
function refuseOneClass(after: readonly Sample[], before: readonly Sample[]): void {
  const answers = (samples: readonly Sample[]): number => new Set(samples.map((sample) => sample.answer)).size;
  if (answers(after) > 1 || answers(before) <= 1) return;
  throw new AtelierError(
    'BAD_INPUT',
    `Every sample would have the same answer ("${after[0]?.answer ?? ''}"): there would be only one class, so nothing could be learned.`,
    { place: { field: 'answer' }, remedy: 'Nothing was changed. Choose fewer samples.' },
  );
}

function undoable(edit: DatasetEdit | undefined, editId: string | undefined, datasetId: DatasetId): DatasetEdit {
  const refuse = (code: 'NOT_FOUND' | 'CONFLICT', message: string, remedy: string): never => {
    throw new AtelierError(code, message, { place: { field: 'editId' }, remedy });
  };
  if (edit === undefined) {
    return editId === undefined
      ? refuse('CONFLICT', `There is no edit of the dataset ${datasetId} to undo.`, 'Nothing was changed.')
      : refuse('NOT_FOUND', `The dataset ${datasetId} has no edit "${editId}".`, 'The list of edits shows their ids.');
  }
  if (edit.kind === 'undo')
    return refuse('CONFLICT', `"${edit.id}" is itself an undo.`, 'Make the change again instead.');
  if (edit.undoneBy !== null)
    return refuse('CONFLICT', `The edit "${edit.id}" was undone already (${edit.undoneBy}).`, 'Nothing was changed.');
  if (!edit.undoable) {
    return refuse(
      'CONFLICT',
      `A later edit changed samples of "${edit.id}" again; undoing it would undo that one too.`,
      'Undo the later edits first, newest first.',
    );
  }
  return edit;
}

function describe(set: SampleChange): string {
  const parts = [
    set.addTags === undefined ? '' : `added ${list(set.addTags)}`,
    set.removeTags === undefined ? '' : `removed ${list(set.removeTags)}`,
    set.licence === undefined ? '' : `licence set to ${set.licence ?? 'not known'}`,
    set.authors === undefined ? '' : set.authors.length === 0 ? 'authors cleared' : 'authors set',
    set.split === undefined ? '' : `split set to ${set.split}`,
    set.answer === undefined ? '' : 'answer set',
    set.task === undefined ? '' : `task set to ${set.task}`,
  ].filter((part) => part !== '');
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function list(tags: readonly string[]): string {
  return tags.map((tag) => `"${tag}"`).join(', ');
}
