/**
 * @file One answer by itself: milliseconds for each token at a row of one, beside transformers on the same weights in float32. So
 * decodes the playground, and an answer on the command line.
 */
import { availableParallelism } from 'node:os';
import { ensureModel } from './model-files.ts';
import { ONE_ROW_QUESTION, ONE_ROW_TOKENS, type OneRowTiming } from './one-row-turns.ts';
import { engineCommand } from './participants.ts';
import { MODELS, PEER_PROCESS } from './places.ts';
import type { OneRowResult } from './results.ts';
import { join } from './turns.ts';
import { ONE_ROW_MODEL } from './works.ts';

/** The two sides in turn; the best turn of each counts. @param python of the peers' environment; null = only our side */
export async function measureOneRow(python: string | null, rounds: number): Promise<OneRowResult> {
  const modelPath = await ensureModel(ONE_ROW_MODEL, MODELS);
  const files = { modelPath, imagePaths: [] };
  const ours = await join(await engineCommand({ kind: 'one-row', files }));
  const job = {
    kind: 'one-row',
    modelPath,
    prompt: ONE_ROW_QUESTION,
    threads: availableParallelism(),
    ...ONE_ROW_TOKENS,
  };
  const peer =
    python === null
      ? null
      : await join({
          program: python,
          args: ['-W', 'ignore', PEER_PROCESS, JSON.stringify(job)],
          env: { PYTHONDONTWRITEBYTECODE: '1' },
        });
  const turns: { ours: OneRowTiming[]; peer: OneRowTiming[] } = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round++) {
    turns.ours.push((await ours.turn()) as unknown as OneRowTiming);
    if (peer !== null) turns.peer.push((await peer.turn()) as unknown as OneRowTiming);
  }
  await ours.end();
  await peer?.end();
  return { kind: 'one-row', model: ONE_ROW_MODEL.name, ...turns };
}
