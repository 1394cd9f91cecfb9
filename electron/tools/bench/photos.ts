/**
 * @file Photos of 2 to 12 megapixels: what one token of an answer costs on our side and with transformers. Each size has a
 * process of its own on either side, so that peak memory is that of one photo.
 */
import { availableParallelism } from 'node:os';
import type { PhotoTiming } from './engine-process.ts';
import { ensureModel, ensurePhoto } from './model-files.ts';
import { engineCommand } from './participants.ts';
import { MODELS, PEER_PROCESS } from './places.ts';
import type { PhotoPoint, PhotosResult } from './results.ts';
import { join } from './turns.ts';
import { PHOTO_MODEL, type PhotoSize } from './works.ts';

const QUESTION = 'What is in the picture?';

/** @param python of the peers' environment; null = only our side */
export async function measurePhoto(size: PhotoSize, python: string | null): Promise<PhotosResult> {
  const modelPath = await ensureModel(PHOTO_MODEL, MODELS);
  const imagePath = await ensurePhoto(size, MODELS);
  const ours = await ourSide(modelPath, imagePath);
  const peer = python === null ? null : await peerSide(python, modelPath, imagePath);
  if (peer !== null && peer.promptTokens !== ours.promptTokens)
    throw new Error(`Our prompt has ${String(ours.promptTokens)} tokens, and theirs ${String(peer.promptTokens)}.`);
  return { kind: 'photos', points: [{ ...size, ours, peer }] };
}

async function ourSide(modelPath: string, imagePath: string): Promise<PhotoPoint['ours']> {
  const work = { files: { modelPath, imagePaths: [imagePath] }, prompt: QUESTION };
  // In a process of its own: planning reads the model, which would otherwise count as the answer's memory.
  const planner = await join(await engineCommand({ kind: 'photo-plan', ...work }));
  const { predictedBytes } = (await planner.turn()) as { predictedBytes: number | null };
  await planner.end();
  const participant = await join(await engineCommand({ kind: 'photo', ...work }));
  const timing = (await participant.turn()) as unknown as PhotoTiming;
  const { peakResidentBytes } = await participant.end();
  return { ...timing, predictedBytes, peakResidentBytes: peakResidentBytes as number };
}

async function peerSide(python: string, modelPath: string, imagePath: string): Promise<PhotoPoint['peer']> {
  const job = { kind: 'photo', modelPath, imagePath, prompt: QUESTION, threads: availableParallelism() };
  const participant = await join({
    program: python,
    args: ['-W', 'ignore', PEER_PROCESS, JSON.stringify(job)],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  const timing = (await participant.turn()) as Omit<NonNullable<PhotoPoint['peer']>, 'peakResidentBytes'>;
  const { peakResidentBytes } = await participant.end();
  return { ...timing, peakResidentBytes: peakResidentBytes as number };
}
