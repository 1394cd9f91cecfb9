/** @file The studio: one object with the contract's procedures, behind every door. Its parts are assembled here. */
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { AtelierError } from '../contract/errors/errors.ts';
import type { PixelLimits } from '../contract/model/detail.ts';
import { SheetId } from '../contract/model/labels.ts';
import type { ModelId, SampleId } from '../contract/model/primitives.ts';
import { readCheckpointSettings } from '../formats/checkpoint.ts';
import { openStore } from '../store/connection/open.ts';
import type { StudioCore } from './context.ts';
import { BoundedLog } from './engine-client/bounded-log.ts';
import { createEngineClient, type EngineClient } from './engine-client/engine-client.ts';
import type { SpawnChild } from '../processes/child.ts';
import { fileKeyVault, type KeyVault } from './exports/build/signing-key.ts';
import { clearUnfinishedCheckpoints } from './runs/unfinished-checkpoints.ts';
import { clearUnfinishedExports, recordPlaced } from './exports/build/unfinished.ts';
import { clearUnfinishedReturns } from './handoff/unfinished-returns.ts';
import { finishRestore } from './backup/restore-within.ts';
import { openLog } from './log.ts';
import { createGpuChoice } from './engine-client/gpu-choice.ts';
import { pixelLimitsOf } from './models/detail.ts';
import type { HubOptions } from './models/hub/settings.ts';
import { registerStarterModels } from './models/register.ts';
import { removeTemporary } from '../formats/temporary-folder.ts';
import { copyStore, isReadOnlyStore, readOnlyNotice } from './read-only-folder.ts';
import { openPrivateFolder } from './private-folder.ts';
import type { StudioRouter } from './router.ts';
import { createRouter } from './router.ts';
import { createEvaluationDesk } from './evaluations/desk.ts';
import { experimentHandler } from './experiments/execute.ts';
import { Bell, type Ear } from './queue/bell.ts';
import { LateWrites } from './queue/late-writes.ts';
import { createQueueWorker } from './queue/worker.ts';
import { createRunTrainer, runHandler } from './runs/trainer.ts';
import { clearStaleTemporaries } from './temporary-folders.ts';
import { readPreferences } from './system/preferences.ts';
import { openSetUp, type SetUpOptions } from './system/set-up.ts';
import type { Pictures, ShownPicture } from '../pictures/pictures.ts';
import { KEPT_PICTURES, keptPicture } from './playground/kept-pictures.ts';

/** How long a training run may take to write its checkpoint when the studio closes. */
const CLOSE_WAIT_MS = 30_000;

export interface StudioOptions {
  /** The data folder; created if it does not exist. */
  home: string;
  /** What ships with Atelier: starter model, starter data, licence texts. */
  resourcesDir: string;
  version: string;
  /** Starts the engine's process; called when the engine is first needed. */
  spawnEngine: SpawnChild;
  /** What reads and draws pictures; closed with the studio. */
  pictures: Pictures;
  /** Where TensorFlow and set-up are. */
  setUp: SetUpOptions;
  /** What keeps the signing key; absent = a file in the data folder that only its owner may read. */
  keys?: KeyVault;
  /** How a hub is reached when a person asks for a model; absent = as the environment says. */
  hub?: HubOptions;
  /** Receives a sentence for each part of the opening that may take a while. */
  onPhase?: (sentence: string) => void;
}

export interface Studio {
  readonly home: string;
  readonly router: StudioRouter;
  readonly log: Logger;
  readonly pictures: Pictures;
  /** What the user should know about the data folder as it was opened, or null. */
  readonly notice: string | null;
  /** The file of a sample's image. @throws AtelierError NOT_FOUND, also if the sample belongs to another dataset */
  imagePath(sampleId: SampleId, datasetId?: string): Promise<string>;
  /** The same, plus whether the image is turned as its dataset specifies. Throws like `imagePath`. */
  picture(sampleId: SampleId, datasetId?: string): Promise<ShownPicture>;
  /** The pixel limits of a model's image processor. @throws AtelierError NOT_FOUND */
  pixelLimits(modelId: ModelId): Promise<PixelLimits>;
  /** True while this process is training or evaluating. */
  isTraining(): boolean;
  /** Hears when work is added to the queue, begins, makes progress or ends. Close it when you no longer listen. */
  listenToQueue(): Ear;
  /** From now on, works on everything waiting in the queue, including entries from processes that have ended. */
  workOnQueue(): void;
  /** From now on, begins nothing in the queue: what is added waits for another process, or for the next start. */
  leaveQueue(): void;
  /**
   * Stops any training (with a checkpoint, for which it waits at most `waitMs`), ends the engine and closes the store.
   * A second call with a wait of 0 cuts the first one short.
   */
  close(options?: { waitMs?: number }): Promise<void>;
}

/** Opens the studio on a data folder. Runs left there by a dead process become `interrupted`. */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const home = resolve(options.home);
  const readOnly = (await isReadOnlyStore(home)) ? await copyStore(home) : null;
  const notice = readOnly === null ? await openPrivateFolder(home) : readOnlyNotice(home);
  const log = openLog(home);
  if (notice !== null) log.logger.warn(notice);
  if (readOnly === null) await finishRestore(home);
  const store = await openStore(home, {
    readOnlyCopy: readOnly?.database,
    ...(options.onPhase === undefined ? {} : { onPhase: options.onPhase }),
  });
  const recorded = await recordPlaced(store);
  for (const sentence of recorded) log.logger.warn(sentence);
  // The leftovers may be large; nothing needs to wait for their removal before closing.
  const cleared = Promise.all([
    clearStaleTemporaries(),
    clearUnfinishedExports(home),
    ...(readOnly === null ? [clearUnfinishedCheckpoints(store), clearUnfinishedReturns(store)] : []),
  ]);
  const engines: EngineClient[] = [];
  const gpu = createGpuChoice({
    home,
    setting: async () => (await readPreferences(home)).gpu,
    openEngine: (env) =>
      createEngineClient({ spawn: options.spawnEngine, log: new BoundedLog(join(home, 'logs', 'gpu-trial.log')), env }),
  });
  function openEngine(name: string): EngineClient {
    const opened = createEngineClient({
      spawn: options.spawnEngine,
      log: new BoundedLog(join(home, 'logs', `${name}.log`)),
      gpu,
    });
    engines.push(opened);
    return opened;
  }
  const engine = openEngine('engine');
  const { resourcesDir, version, pictures, keys = fileKeyVault(home), hub } = options;
  // The next engine uses what set-up has fetched. One that works goes on as it is.
  const setUp = openSetUp(options.setUp, async () => {
    if (!worker.isWorking()) await engine.close();
  });
  const core: StudioCore = {
    home,
    store,
    engine,
    openEngine,
    gpu,
    pictures,
    setUp,
    keys,
    log,
    resourcesDir,
    version,
    hub,
  };
  const bell = new Bell<string>();
  const lateWrites = new LateWrites();
  const trainer = createRunTrainer({ ...core, bell, lateWrites });
  const evaluations = createEvaluationDesk({ ...core, logger: log.logger, bell });
  const worker = createQueueWorker({
    store,
    logger: log.logger,
    bell,
    lateWrites,
    handlers: {
      run: runHandler(trainer),
      evaluation: evaluations.work,
      experiment: experimentHandler(core, trainer, bell),
    },
    endEngine: () => engine.close(),
  });
  await registerStarterModels(core);

  let closing: Promise<void> | undefined;
  async function close(waitMs: number): Promise<void> {
    await worker.close(waitMs);
    evaluations.cancelAll('Atelier was closed.');
    await Promise.all([...engines, pictures].map((each) => each.close()));
    await cleared;
    await store.close();
    if (readOnly !== null) await removeTemporary(readOnly.folder);
  }

  async function picture(sampleId: SampleId, datasetId?: string): Promise<ShownPicture> {
    if (datasetId?.startsWith('sheet-') === true) return await labelledPicture(datasetId, sampleId);
    if (datasetId === KEPT_PICTURES) return { path: await keptPicture(home, sampleId), upright: true };
    const sample = await store.datasets.sample(sampleId);
    if (datasetId !== undefined && sample.datasetId !== datasetId) {
      throw new AtelierError('NOT_FOUND', `The dataset ${datasetId} has no sample ${sampleId}.`, {
        place: { field: 'sampleId' },
      });
    }
    const { orientation } = await store.datasets.get(sample.datasetId);
    return { path: await store.blobs.get(sample.imageSha256), upright: orientation === 'upright' };
  }

  /** A picture of a sheet, named by its position. */
  async function labelledPicture(sheet: string, position: string): Promise<ShownPicture> {
    const sheetId = SheetId.parse(sheet);
    const { orientation } = await store.labels.get(sheetId);
    const [item] = await store.labels.itemsAt(sheetId, [Number(position)]);
    return { path: await store.blobs.get(item?.imageSha256 ?? ''), upright: orientation === 'upright' };
  }

  return {
    home,
    log: log.logger,
    pictures,
    notice: [notice, ...recorded].filter((sentence) => sentence !== null).join(' ') || null,
    router: createRouter({ ...core, worker, trainer, evaluations, bell }),
    imagePath: async (sampleId, datasetId) => (await picture(sampleId, datasetId)).path,
    picture,
    pixelLimits: async (modelId) => pixelLimitsOf(await readCheckpointSettings((await store.models.get(modelId)).path)),
    isTraining: () => worker.isWorking(),
    listenToQueue: () => bell.listen('queue'),
    workOnQueue: () => worker.workOnAll(),
    leaveQueue: () => worker.standAside(),
    close: async ({ waitMs = CLOSE_WAIT_MS } = {}) => {
      // A run that is being closed ends at once if its engine is gone.
      if (closing !== undefined && waitMs === 0) await engine.close();
      closing ??= close(waitMs);
      await closing;
    },
  };
}
