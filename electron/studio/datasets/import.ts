/** @file Importing a dataset: all of it or nothing. Images go into the blob store first, then one transaction names them. */
import { basename, dirname } from 'node:path';
import { ImportRequest, type DatasetSummary, type ImportReport } from '../../contract/datasets.ts';
import { AtelierError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/primitives.ts';
import type { z } from 'zod';
import type { Blob } from '../../store/blobs.ts';
import { combineSignals, reasonOf } from '../../provenance/signals/combine.ts';
import type { Store } from '../../store/open.ts';
import type { ImageSignals } from '../../store/signal-rows.ts';
import { throwIfCancelled } from './intake.ts';
import { leakageWithin } from './leakage.ts';
import { planImport, type ImportPlan } from './plan.ts';
import { snapshotSha256 } from './snapshot.ts';

export type ImportInput = z.input<typeof ImportRequest>;
export type ImportResult = { dataset: DatasetSummary; report: ImportReport };
export type ImportStore = Pick<Store, 'db' | 'datasets' | 'blobs' | 'signals' | 'looks'>;

/** Only what `importStarter` sets. */
export type ImportOrigin = { origin?: string; starterKey?: string };

/**
 * What `importDataset` would do with the same request; reads and decodes everything, writes nothing.
 * @throws AtelierError BAD_INPUT where the table itself cannot be read (rows that cannot be used are in the report)
 */
export async function inspectImport(
  request: ImportInput,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<ImportReport> {
  return (await planImport(ImportRequest.parse(request), { onProgress, signal })).report;
}

/**
 * Imports a folder or table. A cancel, a full disk, a crash or a row that cannot be used (unless rows may be
 * skipped) leaves the store as it was.
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
  try {
    const plan = await planImport(wanted, { blobs: store.blobs, created, onProgress, signal });
    refuseProblems(plan, wanted.onProblem);
    const result = await write(store, wanted, plan, onProgress, signal, origin);
    await store.datasets.setLeakage(result.dataset.id, await leakageWithin(store, result.dataset.id));
    return { ...result, dataset: await store.datasets.get(result.dataset.id) };
  } catch (error) {
    // Where this fails, the images stay without a name and are collected at a later start.
    await discard(store, created).catch(() => undefined);
    throw error;
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
  onProgress?.({ phase: 'Writing the dataset', done: 0, total: plan.samples.length });
  const report = { ...plan.report };
  const skipped = report.problems.length;
  const snapshot = snapshotSha256(plan.samples);
  return await store.db.transaction(async () => {
    const same = await store.datasets.findBySnapshot(snapshot);
    if (same[0] !== undefined)
      report.warnings = [...report.warnings, `Exactly this data is already here as "${same[0].name}" (${same[0].id}).`];
    const left = skipped === 0 ? [] : [`${skipped} problems were found; their rows were left out.`];
    // Another process may have cleared away an image between its check and now.
    for (const image of plan.images) await store.blobs.get(image.sha256);
    throwIfCancelled(signal);
    const earlier = await withEarlierOptOuts(store, plan);
    if (earlier.followed > 0) {
      report.optedOut = plan.samples.filter((sample) => earlier.optedOut.has(sample.imageSha256)).length;
      report.warnings = [
        ...report.warnings,
        `An opt-out follows its image: ${earlier.followed} of these images came with one in an earlier import, and are left out here too.`,
      ];
    }
    const dataset = await store.datasets.insert({
      name: request.name ?? nameFor(report.table),
      origin: origin.origin ?? report.table,
      snapshotSha256: snapshot,
      warnings: [...report.warnings, ...left],
      request,
      ...(origin.starterKey === undefined ? {} : { starterKey: origin.starterKey }),
      images: plan.images,
      samples: plan.samples,
      signals: earlier.signals,
      evidence: plan.evidence,
    });
    // The last moment at which a cancel can still take everything back.
    throwIfCancelled(signal);
    return { dataset, report };
  });
}

/**
 * Adds the words against training that the same images brought in earlier imports, as files beside them: without those
 * files they would be forgotten by importing the image again.
 */
async function withEarlierOptOuts(
  store: ImportStore,
  plan: ImportPlan,
): Promise<{ signals: ImageSignals[]; optedOut: Set<string>; followed: number }> {
  const byImage = new Map(plan.signals.map((image) => [image.imageSha256, image]));
  const follows = new Set<string>();
  for (const { imageSha256, datasetId, signal } of await store.signals.earlierOptOuts(
    plan.images.map((image) => image.sha256),
  )) {
    const known = byImage.get(imageSha256)?.signals ?? [];
    if (known.some((other) => other.raw === signal.raw && other.kind === signal.kind)) continue;
    if (byImage.get(imageSha256)?.verdict !== 'opted-out') follows.add(imageSha256);
    const locator = signal.locator.includes('(import ') ? signal.locator : `${signal.locator} (import ${datasetId})`;
    const signals = [...known, { ...signal, locator }];
    byImage.set(imageSha256, { imageSha256, signals, verdict: combineSignals(signals), reason: reasonOf(signals) });
  }
  const signals = [...byImage.values()];
  const optedOut = new Set(signals.filter((image) => image.verdict === 'opted-out').map((image) => image.imageSha256));
  return { signals, optedOut, followed: follows.size };
}

/** A table called metadata.jsonl says nothing; its folder does. */
function nameFor(table: string): string {
  const stem = basename(table).replace(/\.[^.]+$/, '');
  const name = stem === 'metadata' ? basename(dirname(table)) : stem;
  return (name === '' ? 'Dataset' : name).slice(0, 200);
}

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
    remedy: whole
      ? 'Mend the table and import it again; checking the import first lists every row with its problem.'
      : 'Mend the rows, or import with problems skipped; checking the import first lists every row with its problem.',
  });
}

/** Where hardly a row could be used, the first row's problem is what the person needs to hear. */
function whyNone(plan: ImportPlan): string {
  const row = plan.report.problems.find((problem) => problem.row !== null);
  return row === undefined || plan.samples.length >= 2 ? '' : ` The first problem is in row ${row.row}: ${row.reason}`;
}

async function discard(store: ImportStore, created: readonly Blob[]): Promise<void> {
  if (created.length === 0) return;
  const used = await store.datasets.imageHashes();
  for (const blob of created) if (!used.has(blob.sha256)) await store.blobs.discard(blob);
}
