/** @file What the studio's procedures work with. studio.ts assembles it; each function asks for the parts it needs. */
import type { Store } from '../store/connection/open.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { BugLog } from './contract-errors.ts';
import type { EngineClient } from './engine-client/engine-client.ts';
import type { GpuChoice } from './engine-client/gpu-choice.ts';
import type { KeyVault } from './exports/build/signing-key.ts';
import type { HubOptions } from './models/hub/settings.ts';
import type { Bell } from './queue/bell.ts';
import type { SetUp } from './system/set-up.ts';
import type { EvaluationDesk, QueueWorker, RunTrainer } from './queue/work.ts';

export interface StudioCore {
  /** The data folder. */
  home: string;
  resourcesDir: string;
  /** Atelier's own version, as in package.json. */
  version: string;
  store: Store;
  engine: EngineClient;
  /** Opens a second engine, with a log of that name, for long work alongside the runs. The caller closes it. */
  openEngine(name: string): EngineClient;
  /** Whether engines compute on a GPU. */
  gpu: GpuChoice;
  /** Reads and draws pictures, in a process of its own. */
  pictures: Pictures;
  /** Fetches TensorFlow's native part if it is missing. */
  setUp: SetUp;
  /** Keeps the signing key. */
  keys: KeyVault;
  log: BugLog;
  /** How a hub is reached when a person asks for a model; absent = as the environment says. */
  hub?: HubOptions | undefined;
}

export interface StudioContext extends StudioCore {
  worker: QueueWorker;
  trainer: RunTrainer;
  evaluations: EvaluationDesk;
  /** Rings with the id of a run or experiment, or with `queue`, when something there has changed. */
  bell: Bell<string>;
}
