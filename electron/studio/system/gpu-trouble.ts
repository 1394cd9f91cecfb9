/** @file Why the GPU cannot be used that is set to be used always: told when it is set, before a run is refused for it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineRefusal } from '../../contract/model/system.ts';
import type { EngineClient } from '../engine-client/engine-client.ts';
import { readPreferences } from './preferences.ts';

/**
 * Null if it can be used, or need not be. While a run goes on that was begun before, the engine tells only what it found when it started.
 * @throws what the engine throws if it fails in another way
 */
export async function gpuTrouble({
  home,
  engine,
}: {
  home: string;
  engine: Pick<EngineClient, 'info'>;
}): Promise<EngineRefusal | null> {
  if ((await readPreferences(home)).gpu !== 'always') return null;
  try {
    await engine.info();
    return null;
  } catch (error) {
    if (!(error instanceof AtelierError) || error.code !== 'ENGINE_UNAVAILABLE') throw error;
    const { message, place, remedy } = error;
    return { message, place, ...(remedy === undefined ? {} : { remedy }) };
  }
}
