/** @file The status line on Home: the compute device, the memory, and that nothing is sent over the network. */
import { freemem, totalmem } from 'node:os';
import type { SystemStatus } from '../../contract/model/system.ts';
import type { StudioCore } from '../context.ts';

export function systemStatus(studio: Pick<StudioCore, 'version' | 'home' | 'engine' | 'setUp'>): SystemStatus {
  return {
    version: studio.version,
    home: studio.home,
    engine: studio.engine.knownInfo,
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
    tensorflow: studio.setUp.tensorflow(),
    canSetUp: studio.setUp.canRun,
    network: 'none',
  };
}
