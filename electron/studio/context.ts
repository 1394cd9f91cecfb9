/** @file What every command of the studio works with. */
import type { Store } from '../store/connection/open.ts';
import type { BugLog } from './contract-errors.ts';
import type { EngineClient } from './engine-client/engine-client.ts';
import type { KeyVault } from './exports/build/signing-key.ts';
import type { RunManager } from './queue/run-manager.ts';

export interface StudioCore {
  home: string;
  resourcesDir: string;
  /** Atelier's own version, as package.json has it. */
  version: string;
  store: Store;
  engine: EngineClient;
  /** A second engine for long work beside the runs, with a log of that name; whoever opens it closes it. */
  openEngine(name: string): EngineClient;
  /** What keeps the signing key. */
  keys: KeyVault;
  log: BugLog;
}

export interface StudioContext extends StudioCore {
  runs: RunManager;
}
