/** @file The one line that Home shows: what computes, how much memory, and that nothing goes over the network. */
import { freemem, totalmem } from 'node:os';
import type { SystemStatus } from '../../contract/model/system.ts';
import type { StudioCore } from '../context.ts';

export function systemStatus(studio: Pick<StudioCore, 'version' | 'home' | 'engine'>): SystemStatus {
  return {
    version: studio.version,
    home: studio.home,
    engine: studio.engine.knownInfo,
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
    network: 'none',
  };
}
