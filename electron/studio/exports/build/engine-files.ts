/** @file Files of an export that an engine of its own writes. */
import type { Progress } from '../../../contract/model/primitives.ts';
import type { EngineClient } from '../../engine-client/engine-client.ts';
import type { Digests } from './folder.ts';

export interface EngineContext {
  openEngine?: (name: string) => EngineClient;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

interface Done {
  type: 'done';
  files: { name: string; sha256: string; sizeBytes: number }[];
}

/**
 * Runs one job of an engine that is opened for it, to its end. @param digests gets the hashes of the files it wrote
 * @returns what the job says at its end @throws the signal's reason if it was stopped
 */
export async function filesFromEngine<End extends Done>(
  { openEngine, signal, onProgress }: EngineContext,
  digests: Digests,
  job: (engine: EngineClient) => AsyncIterable<{ type: 'progress'; progress: Progress } | End>,
): Promise<End> {
  if (openEngine === undefined) throw new Error('These files need an engine that writes them.');
  const engine = openEngine('export');
  try {
    for await (const event of job(engine)) {
      if (event.type === 'progress') {
        onProgress?.(event.progress);
        continue;
      }
      for (const { name, ...digest } of event.files) digests.set(name, digest);
      return event;
    }
    // A stream that was left ends without a word.
    signal?.throwIfAborted();
    throw new Error('The engine ended before its files were written.');
  } finally {
    await engine.close();
  }
}
