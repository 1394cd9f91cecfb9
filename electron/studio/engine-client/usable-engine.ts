/** @file Asks the engine whether it can compute at all, before something is recorded that needs it. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineInfo } from '../../contract/model/system.ts';
import type { EngineClient } from './engine-client.ts';

/**
 * What the engine says of itself. It is asked once, because an engine in the middle of a step would answer late; after a refusal, again.
 * @throws AtelierError ENGINE_UNAVAILABLE if it cannot compute, or not as the environment asks
 */
export async function usableEngine(
  engine: Pick<EngineClient, 'info' | 'knownInfo'>,
  modelPath: string,
): Promise<EngineInfo> {
  const known = engine.knownInfo;
  const info = known !== null && known.refusal === undefined ? known : await engine.info(modelPath);
  if (info.refusal === undefined) return info;
  const { message, place, remedy } = info.refusal;
  throw new AtelierError('ENGINE_UNAVAILABLE', message, { place, ...(remedy === undefined ? {} : { remedy }) });
}
