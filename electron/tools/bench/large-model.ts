/**
 * @file What a person waits for with a model of two thousand million weights: until it is loaded, until the first token
 * after a picture, and until an adapter is merged into it.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { join as pathTo } from 'node:path';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { MergeTiming, PhotoTiming } from './engine-process.ts';
import { ensureAdapter, ensureModel, ensurePhoto } from './model-files.ts';
import { engineCommand } from './participants.ts';
import { MODELS } from './places.ts';
import type { LoadingResult, MergeResult } from './results.ts';
import { join } from './turns.ts';
import { LARGE_PHOTO, PHOTO_MODEL, TRAINED_PHOTO, WORKLOADS } from './works.ts';

const MODEL = WORKLOADS.full2b.model;
/** In the first, memory is touched for the first time. */
const TURNS = 2;

/** Loads the model and answers one token after a question about a picture, each time from the beginning. */
export async function measureLoading(say: (line: string) => void): Promise<LoadingResult> {
  const modelPath = await ensureModel(MODEL, MODELS);
  const imagePath = await ensurePhoto(LARGE_PHOTO, MODELS);
  const modelBytes = await readAll(modelPath);
  const files = { modelPath, imagePaths: [imagePath] };
  const participant = await join(await engineCommand({ kind: 'photo', files, prompt: 'What is in the picture?' }));
  const turns: PhotoTiming[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    turns.push((await participant.turn()) as unknown as PhotoTiming);
    say(`  turn ${String(turn + 1)}`);
  }
  const { peakResidentBytes } = await participant.end();
  const training = { photo: TRAINED_PHOTO, plan: await trainingPlan(modelPath) };
  say('  plan of a step with a photo');
  return { kind: 'loading', modelBytes, turns, peakResidentBytes: peakResidentBytes as number, training };
}

/** What a step with a photo would take if memory were not limited to less than the machine has. */
async function trainingPlan(modelPath: string): Promise<MemoryPlan | null> {
  const { memoryLimitBytes: _limit, ...work } = WORKLOADS.full2b;
  const files = { modelPath, imagePaths: [await ensurePhoto(TRAINED_PHOTO, MODELS)] };
  const whole = { ...work, maxPixels: PHOTO_MODEL.maxPixels ?? 0 };
  const planner = await join(await engineCommand({ kind: 'plan', method: 'grpo', work: whole, files }));
  const { plan } = (await planner.turn()) as { plan: MemoryPlan | null };
  await planner.end();
  return plan;
}

/** Merges an adapter on all projections, cancels another merge, and copies the same files for comparison. */
export async function measureMerge(say: (line: string) => void): Promise<MergeResult> {
  const modelPath = await ensureModel(MODEL, MODELS);
  const adapterPath = await ensureAdapter(MODEL, MODELS);
  await readAll(modelPath);
  const folder = await mkdtemp(pathTo(MODELS, 'merged-'));
  try {
    const job = { kind: 'merge', files: { modelPath, imagePaths: [] }, adapterPath, folder } as const;
    const participant = await join(await engineCommand(job));
    const timing = (await participant.turn()) as unknown as MergeTiming;
    say('  merged');
    const { peakResidentBytes } = await participant.end();
    await rm(folder, { recursive: true });
    const copy = await copySeconds(modelPath, pathTo(MODELS, 'copy.part'));
    return { kind: 'merge', ...timing, copy, peakResidentBytes: peakResidentBytes as number };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function weightFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.safetensors')).map((name) => pathTo(folder, name));
}

/** Reads the weights once, so that they are in the system's file cache. @returns their bytes */
async function readAll(folder: string): Promise<number> {
  let bytes = 0;
  for (const path of await weightFiles(folder)) {
    for await (const chunk of createReadStream(path, { highWaterMark: 8 * 1024 * 1024 }))
      bytes += (chunk as Buffer).length;
  }
  return bytes;
}

/** What the disk allows: the same files, read and written without any work in between, and flushed. */
async function copySeconds(folder: string, to: string): Promise<{ seconds: number; bytes: number }> {
  const start = performance.now();
  let bytes = 0;
  for (const path of await weightFiles(folder)) {
    const handle = await open(to, 'w');
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
        await handle.write(chunk as Buffer);
      await handle.sync();
      bytes += (await stat(path)).size;
    } finally {
      await handle.close();
    }
  }
  const seconds = (performance.now() - start) / 1000;
  await rm(to, { force: true });
  return { seconds, bytes };
}
