/**
 * @file The store of one data folder: database, repositories and blobs, opened and checked in one call. Each aggregate
 * has one repository, created by `createXStore(database, …)`; the database itself never leaves this room.
 */
import { join } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import { createAuditStore, type AuditStore } from '../audit/audit.ts';
import { createBlobStore, type BlobStore, type BlobWriter } from './blobs.ts';
import { openDatabase, type Database } from './connection.ts';
import { DATABASE_FILE } from './database-file.ts';
import { copyDatabase } from './copy-database.ts';
import { createDatasetEditStore, type DatasetEditStore } from '../datasets/dataset-edits.ts';
import { createDatasetStore, type DatasetStore } from '../datasets/datasets.ts';
import { createEvaluationStore, type EvaluationStore } from '../evaluations/evaluations.ts';
import { createExperimentStore, type ExperimentStore } from '../experiments/experiments.ts';
import { createExportStore, type ExportStore } from '../exports/exports.ts';
import { createHandoffStore, type HandoffStore } from '../handoffs/handoffs.ts';
import { createLabelStore, type LabelStore } from '../labels/labels.ts';
import { createPerceptualHashStore, type PerceptualHashStore } from '../datasets/perceptual-hashes.ts';
import { makeFolder } from './make-folder.ts';
import { migrate } from './migrate.ts';
import { createModelStore, type ModelStore } from '../models/models.ts';
import { HEARTBEAT_EVERY_MS, newOwner, retireOwner } from './owner.ts';
import { createQueueStore, type QueueStore } from '../queue/queue.ts';
import { createContributionStore, type ContributionStore } from '../runs/contributions.ts';
import { createRunStore, type RunStore } from '../runs/runs.ts';
import { createSignalStore, type SignalStore } from '../datasets/signals.ts';
import { folderError } from './store-errors.ts';

export type Store = {
  /** The data folder: `atelier.sqlite`, `blobs/`, `runs/` (checkpoints), `backups/`. */
  readonly home: string;
  readonly datasets: DatasetStore;
  readonly models: ModelStore;
  readonly runs: RunStore;
  readonly contributions: ContributionStore;
  readonly evaluations: EvaluationStore;
  readonly experiments: ExperimentStore;
  readonly queue: QueueStore;
  readonly exports: ExportStore;
  readonly handoffs: HandoffStore;
  readonly labels: LabelStore;
  readonly audit: AuditStore;
  readonly signals: SignalStore;
  readonly perceptualHashes: PerceptualHashStore;
  readonly edits: DatasetEditStore;
  readonly blobs: BlobStore;
  /**
   * Runs `work` in one transaction: either everything it writes to the store is kept, or nothing is. A call inside
   * another transaction joins it.
   */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Writes a consistent copy of the database to `path`, which must not exist; others may write meanwhile. */
  copyTo(path: string): Promise<void>;
  /** Folder for one run's checkpoints. */
  runFolder(runId: string): string;
  /** Marks the work of dead processes as interrupted. Entries waiting in the queue stay there. */
  recover(): Promise<void>;
  close(): Promise<void>;
};

export type OpenOptions = {
  /** Receives a sentence for each thing that may take a while. */
  onPhase?: (sentence: string) => void;
  busyTimeoutMs?: number;
  /** Writes blobs; tests replace it to simulate a full disk. */
  blobWriter?: BlobWriter;
  /**
   * A copy of the database, for a data folder that cannot be written. Everything can be read; what would change anything
   * is refused.
   */
  readOnlyCopy?: string | undefined;
  /** Receives the connection, for tests that need this exact one. */
  onDatabase?: (database: Database) => void;
};

/**
 * Opens the store in `home`, creating it if necessary: runs migrations, marks runs left by a dead process as
 * interrupted, and clears blobs that no dataset names. A second process may open the same store.
 */
export async function openStore(home: string, options: OpenOptions = {}): Promise<Store> {
  try {
    await makeFolder(home);
  } catch (error) {
    throw folderError(error, home);
  }
  const owner = newOwner();
  const file = join(home, DATABASE_FILE);
  const db = await openDatabase(options.readOnlyCopy ?? file, { ...options, shownAs: file });
  try {
    await migrate(db, undefined, options.onPhase);
    const readOnly = options.readOnlyCopy !== undefined;
    if (readOnly) await db.all('PRAGMA query_only = ON');
    options.onDatabase?.(db);
    const audit = createAuditStore(db);
    const datasets = createDatasetStore(db, audit);
    const runs = createRunStore(db, audit, owner);
    const blobs = createBlobStore(join(home, 'blobs'), options.blobWriter);
    const experiments = createExperimentStore(db, audit);
    const queue = createQueueStore(db, owner);
    const recover = (): Promise<void> => recoverWork(runs, queue, experiments);
    options.onPhase?.('Looking for unfinished work …');
    if (!readOnly) {
      // On a full disk the store can still be read; the next opening completes any work skipped here.
      await recover().catch(unlessDiskFull);
      await clearOrphanBlobs(db, datasets, blobs).catch(unlessDiskFull);
    }
    const beat = async (): Promise<void> => {
      await runs.heartbeat();
      await queue.heartbeat();
    };
    // The next heartbeat, or the next step, makes up for a missed one.
    const timer = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_EVERY_MS);
    timer.unref();
    return {
      home,
      audit,
      datasets,
      runs,
      experiments,
      queue,
      recover,
      blobs,
      models: createModelStore(db, audit),
      contributions: createContributionStore(db),
      evaluations: createEvaluationStore(db, audit),
      exports: createExportStore(db, audit),
      handoffs: createHandoffStore(db, audit, experiments),
      labels: createLabelStore(db, audit),
      signals: createSignalStore(db, audit),
      perceptualHashes: createPerceptualHashStore(db),
      edits: createDatasetEditStore(db, audit),
      transaction: (work) => db.transaction(work),
      copyTo: (path) => copyDatabase(db, path),
      runFolder: (runId) => join(home, 'runs', runId),
      async close() {
        clearInterval(timer);
        retireOwner(owner);
        await db.close();
      },
    };
  } catch (error) {
    retireOwner(owner);
    await db.close().catch(() => undefined);
    throw error;
  }
}

function unlessDiskFull(error: unknown): void {
  if (!(error instanceof AtelierError && error.code === 'DISK_FULL')) throw error;
}

async function recoverWork(runs: RunStore, queue: QueueStore, experiments: ExperimentStore): Promise<void> {
  for (const { experimentId } of await queue.releaseOrphans()) {
    if (experimentId === null) continue;
    await experiments.interrupt(
      experimentId,
      'Atelier ended while this experiment was at work. What is done is kept; it can be resumed.',
    );
  }
  await runs.interruptOrphans();
}

/** Checks without a lock first: most openings find nothing, and must not wait for another process's import. */
async function clearOrphanBlobs(db: Database, datasets: DatasetStore, blobs: BlobStore): Promise<void> {
  await blobs.clearIncoming();
  if ((await blobs.orphans(await datasets.imageHashes())).length === 0) return;
  await db.transaction(async () => {
    await blobs.collect(await datasets.imageHashes());
  });
}
