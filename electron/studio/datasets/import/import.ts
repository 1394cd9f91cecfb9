/** @file Imports a dataset, all or nothing. Images go into the blob store first; then one transaction records them. */
import {
  ImportRequest,
  InspectRequest,
  type DatasetSummary,
  type ImportReport,
} from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import type { z } from 'zod';
import type { Blob } from '../../../store/connection/blobs.ts';
import { combineSignals, reasonOf } from '../../../provenance/signals/combine.ts';
import type { ImageStatement } from '../../../provenance/signals/read-image.ts';
import { batches } from '../../../store/connection/batches.ts';
import type { ImageRecord, NewSample } from '../../../store/datasets/dataset-types.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import type { Store } from '../../../store/connection/open.ts';
import type { UnknownUse } from '../../../contract/model/signals.ts';
import type { ImageSignals, UnknownImage } from '../../../store/datasets/signal-rows.ts';
import { throwIfCancelled } from './intake.ts';
import type { OpenSource } from './open-source.ts';
import { placeBeside } from './beside.ts';
import { planImport, type ImportPlan } from './plan.ts';
import { toSample } from '../samples.ts';
import { sameDataset } from './same-dataset.ts';
import { setStatement } from './settle.ts';
import type { Staging } from './staging.ts';

export type ImportInput = z.input<typeof ImportRequest>;
export type ImportResult = { dataset: DatasetSummary; report: ImportReport };
export type ImportStore = Pick<
  Store,
  'home' | 'transaction' | 'datasets' | 'blobs' | 'signals' | 'perceptualHashes'
> & { pictures: Pick<Pictures, 'examine'> };
/** Without the store's parts, earlier opt-outs of the same images are unknown. */
export type InspectStore = { pictures: ImportStore['pictures'] & Partial<Pick<Pictures, 'thumbnail'>> } & Partial<
  Pick<ImportStore, 'home' | 'perceptualHashes'>
>;

/** Options that only the studio itself sets: for starter data, and for a sheet of labelled pictures, which has a name. */
export type ImportOrigin = {
  origin?: string;
  starterKey?: string;
  open?: () => Promise<OpenSource>;
  called?: string;
};

/**
 * Reports what `importDataset` would do with the same request. Reads and decodes everything, and writes only a cache.
 * @param store the target of the import
 * @throws AtelierError BAD_INPUT if the table itself cannot be read (unusable rows are listed in the report)
 */
export async function inspectImport(
  store: InspectStore,
  request: z.input<typeof InspectRequest>,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const { thumbnails, ...wanted } = InspectRequest.parse(request);
  const plan = await planImport(wanted, { onProgress, signal, store, thumbnails });
  await plan.close();
  return plan.report;
}

/**
 * Imports a folder, table or archive; where that is here already, gives that dataset (same-dataset.ts). A cancellation, full disk, crash or unusable row (unless rows may be skipped)
 * leaves the store unchanged.
 * @throws AtelierError BAD_INPUT, NOT_FOUND, CANCELLED, DISK_FULL or CONFLICT
 */
export async function importDataset(
  store: ImportStore,
  request: ImportInput,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
  origin: ImportOrigin = {},
): Promise<ImportResult> {
  const wanted = ImportRequest.parse(request);
  const created: Blob[] = [];
  let plan: ImportPlan | undefined;
  try {
    plan = await planImport(wanted, {
      store,
      blobs: store.blobs,
      onCreated: (blob) => {
        created.push(blob);
        return Promise.resolve();
      },
      onProgress,
      signal,
      open: origin.open,
      isOwn: origin.starterKey !== undefined,
    });
    refuseProblems(plan, wanted.onProblem);
    return await write(store, wanted, plan, onProgress, signal, origin);
  } catch (error) {
    // If this fails, the images stay unreferenced and are garbage-collected at a later start.
    await discard(store, created).catch(() => undefined);
    throw error;
  } finally {
    await plan?.close();
  }
}

async function write(
  store: ImportStore,
  request: ImportRequest,
  plan: ImportPlan,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
  origin: ImportOrigin,
): Promise<ImportResult> {
  const { staging, snapshotSha256, facts } = plan;
  const report = { ...plan.report };
  const skipped = report.problemsTotal;
  return await store.transaction(async () => {
    const left =
      skipped === 0
        ? []
        : skipped === 1
          ? ['1 problem was found; its row was left out.']
          : [`${skipped} problems were found; their rows were left out.`];
    throwIfCancelled(signal);
    const followed = await followEarlierOptOuts(store, staging);
    if (followed > 0) {
      report.optedOut = await staging.countOptedOutRows();
      report.warnings = [
        ...report.warnings,
        `An opt-out follows its image: ${followed} of these images came with one in an earlier import, and ${followed === 1 ? 'is' : 'are'} left out here too.`,
      ];
    }
    const isOwn = origin.starterKey !== undefined || origin.open !== undefined;
    const same = isOwn ? undefined : await sameDataset(store, request, plan);
    if (same !== undefined) return { dataset: same, report: { ...report, alreadyHere: notAgain(same) } };
    onProgress?.({ phase: 'Writing the dataset', done: 0, total: Math.max(1, facts.samples) });
    const { name, standsBeside } = await placeBeside(store, request, plan, origin);
    report.standsBeside = standsBeside;
    const dataset = await store.datasets.insert({
      name,
      origin: origin.origin ?? report.table,
      snapshotSha256,
      warnings: [
        ...report.warnings,
        ...report.standsBeside,
        ...(report.stopsTraining === null ? [] : [report.stopsTraining]),
        ...left,
      ],
      request,
      ...(origin.starterKey === undefined ? {} : { starterKey: origin.starterKey }),
      facts,
      images: storedImages(store, staging),
      samples: samplesOf(staging, onProgress, signal, facts.samples),
      signals: signalsOf(staging),
      unknown: unknownOf(staging, request.unknownUse),
      unknownUse: request.unknownUse,
      evidence: await staging.evidence(),
      looks: staging.pictures(),
      leakage: report.leakage,
    });
    // This is the last point at which a cancellation can still undo everything.
    throwIfCancelled(signal);
    return { dataset, report };
  });
}

function notAgain({ id, name }: DatasetSummary): string {
  return `Exactly this data is already here as "${name}" (${id}), so nothing was imported again.`;
}

/** Confirms that each image still exists, since another process may have removed it after its check. */
async function* storedImages(store: ImportStore, staging: Staging): AsyncGenerator<ImageRecord> {
  for await (const { record } of staging.pictures()) {
    await store.blobs.get(record.sha256);
    yield record;
  }
}

const TOLD_EVERY = 500;

async function* samplesOf(
  staging: Staging,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
  total: number,
): AsyncGenerator<NewSample> {
  let done = 0;
  for await (const row of staging.ready()) {
    yield toSample(row);
    done += 1;
    if (done % TOLD_EVERY !== 0) continue;
    throwIfCancelled(signal);
    onProgress?.({ phase: 'Writing the dataset', done, total });
  }
}

async function* signalsOf(staging: Staging): AsyncGenerator<ImageSignals> {
  for await (const { sha256, statement } of staging.pictures()) {
    if (statement === null || statement.signals.length === 0) continue;
    const { signals } = statement;
    yield { imageSha256: sha256, signals, verdict: combineSignals(signals), reason: reasonOf(signals) };
  }
}

/** What is shown where an import left an image out because nothing is known about it. */
const UNKNOWN_REASON: Record<Exclude<UnknownUse, 'use'>, string> = {
  ask: 'The image gives no permission to train and refuses none, and you asked to decide about such images: it waits for your decision.',
  'leave-out': 'The image gives no permission to train and refuses none; this import leaves such images out.',
};

async function* unknownOf(staging: Staging, use: UnknownUse): AsyncGenerator<UnknownImage> {
  if (use === 'use') return;
  for await (const { sha256, statement } of staging.pictures())
    if ((statement?.verdict ?? 'unknown') === 'unknown') yield { imageSha256: sha256, reason: UNKNOWN_REASON[use] };
}

/**
 * Adds opt-outs that the same images had in earlier imports from files beside them; importing an image again without
 * those files would otherwise lose its opt-out. Returns how many images are excluded for this reason alone.
 */
async function followEarlierOptOuts(store: ImportStore, staging: Staging): Promise<number> {
  let followed = 0;
  for await (const pictures of batches(staging.pictures())) {
    const bySha = new Map(pictures.map((picture) => [picture.sha256, picture]));
    const changed = new Set<string>();
    const statements = new Map<string, ImageStatement>();
    for (const { imageSha256, datasetId, signal } of await store.signals.earlierOptOuts([...bySha.keys()])) {
      const statement = statements.get(imageSha256) ?? bySha.get(imageSha256)?.statement ?? SILENT;
      if (statement.signals.some((other) => other.raw === signal.raw && other.kind === signal.kind)) continue;
      const locator = signal.locator.includes('(import ') ? signal.locator : `${signal.locator} (import ${datasetId})`;
      const signals = [...statement.signals, { ...signal, locator }];
      statements.set(imageSha256, { ...statement, signals, verdict: combineSignals(signals) });
      changed.add(imageSha256);
    }
    for (const sha256 of changed) {
      const statement = statements.get(sha256);
      if (statement === undefined) continue;
      if (bySha.get(sha256)?.optedOut === false && statement.verdict === 'opted-out') followed += 1;
      await setStatement(staging, sha256, statement);
    }
  }
  return followed;
}

const SILENT: ImageStatement = { signals: [], verdict: 'unknown', creators: null, licence: null, credit: {} };

function refuseProblems(plan: ImportPlan, onProblem: ImportRequest['onProblem']): void {
  const { table, problems, rowsRead } = plan.report;
  const first = plan.blocking[0] ?? (onProblem === 'stop' ? problems[0] : undefined);
  if (first === undefined) return;
  const rows = new Set(problems.map((problem) => problem.row)).size;
  const where = [
    first.row === null ? '' : `row ${first.row}`,
    first.file ?? '',
    first.field === null ? '' : `column "${first.field}"`,
  ]
    .filter((part) => part !== '')
    .join(', ');
  const whole = plan.blocking.length > 0;
  const message = whole
    ? `${table} cannot be imported. ${first.reason}${whyNone(plan)}`
    : `${rows} of ${rowsRead} rows of ${table} cannot be used. The first: ${where}: ${first.reason}`;
  throw new AtelierError('BAD_INPUT', `${message} Nothing was imported.`, {
    place: {
      file: table,
      ...(first.row === null ? {} : { row: first.row }),
      ...(first.field === null ? {} : { field: first.field }),
    },
    remedy:
      plan.report.numbers?.asks === true
        ? 'Say how the table writes numbers: --numbers as-written, or --numbers decimal-comma.'
        : whole
          ? 'Correct the table and import it again. Check the import first to list every row with its problem.'
          : 'Correct the rows, or import with problems skipped. Check the import first to list every row with its problem.',
  });
}

/** If hardly any rows are usable, the user most needs to know the first row's problem. */
function whyNone(plan: ImportPlan): string {
  const row = plan.report.problems.find((problem) => problem.row !== null);
  return row === undefined || plan.report.rowsUsable >= 2
    ? ''
    : ` The first problem is in row ${row.row}: ${row.reason}`;
}

async function discard(store: ImportStore, created: readonly Blob[]): Promise<void> {
  if (created.length === 0) return;
  const used = await store.datasets.imageHashes();
  for (const blob of created) if (!used.has(blob.sha256)) await store.blobs.discard(blob);
}
