/**
 * @file The results of a bench: one JSON file, rewritten after every part, so that measurements survive an interruption
 * and `--resume` can continue from there.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { MergeTiming, PhotoTiming, Startup, StepTiming } from './engine-process.ts';
import type { ProductRate } from './gemm-peak.ts';
import type { LeakReport } from './leak.ts';
import type { Machine } from './machine.ts';
import type { OneRowTiming } from './one-row-turns.ts';
import type { OpProfile } from './op-profile.ts';
import type { GrowthAxis, PhotoSize, Workload } from './works.ts';

/** Raise it when the meaning of a field changes; older files are then measured again. */
export const RESULTS_VERSION = 1;

/** One turn of a peer, in seconds. */
export interface PeerTurn {
  seconds: number;
  entries?: Record<string, { calls: number; seconds: number }>;
}

export interface OurSide {
  /** The engine's memory estimate before the run; null if it had none. */
  plan: MemoryPlan | null;
  startup: Startup;
  /** The first step, in which memory is first touched; not included in the turns. */
  firstStepSeconds: number;
  /** Steps on images seen for the first time, taken in turn with the peers. */
  turns: StepTiming[];
  /** Steps on images whose features are already cached. */
  cached: StepTiming[];
  peakResidentBytes: number;
}

export interface PeerSide {
  attention: string;
  /** Seconds taken by the other attention implementation, if it was tried. */
  tried: Record<string, number>;
  turns: PeerTurn[];
  peakResidentBytes: number;
}

export interface Comparison {
  kind: 'comparison';
  method: 'grpo' | 'sft';
  work: Workload;
  ours: OurSide;
  /** `trl` (whole steps), `hf` (rollouts only), `torch` (supervised steps). */
  peers: Record<string, PeerSide>;
}

/** Seconds taken by a workload along one dimension. */
export interface GrowthPointTimes {
  value: number;
  /** Fastest step with cached features. */
  step: number;
  generate: number;
  update: number;
  /** Encoding the images of one step for the first time. */
  encode: number;
  peakResidentBytes: number;
}

export interface GrowthResult {
  kind: 'growth';
  axis: GrowthAxis;
  points: GrowthPointTimes[];
}

/** Rollouts whose answers end early: several steps added up, at one mean length. */
export interface EndingsPoint {
  /** Mean length of an answer in tokens, as drawn. */
  meanTokens: number;
  /** Tokens in each step's longest answer, summed over the steps. */
  longestTokens: number;
  /** Seconds of decoding, moving to smaller batches included. */
  decode: number;
  /** Seconds the same number of decoder runs takes with every row included. */
  wholeBatch: number;
}

export interface EndingsResult {
  kind: 'endings';
  work: string;
  limit: number;
  steps: number;
  points: EndingsPoint[];
}

/** One token after a question about one photo. */
interface PhotoSide {
  /** Encoding the photo and running the prompt. */
  seconds: number;
  /** The same, with reading and resizing the photo (and on our side, loading the model). */
  wall: number;
  /** Of all cores together, during `wall`; absent in earlier results. */
  processorSeconds?: number;
  promptTokens: number;
  peakResidentBytes: number;
}

export interface PhotoPoint extends PhotoSize {
  /** With the engine's memory estimate before the answer; null if it had none. */
  ours: PhotoSide & { predictedBytes: number | null };
  /** transformers with torch's attention; null if it was not measured. */
  peer: PhotoSide | null;
}

/** Turns of one answer by itself. */
export interface OneRowResult {
  kind: 'one-row';
  model: string;
  ours: OneRowTiming[];
  /** transformers in float32; empty if it was not measured. */
  peer: OneRowTiming[];
}

export interface PhotosResult {
  kind: 'photos';
  points: PhotoPoint[];
}

/** A large model, from the start of the question to the first token of the answer. */
export interface LoadingResult {
  kind: 'loading';
  /** Of the weight files, all of which are in the system's file cache. */
  modelBytes: number;
  turns: PhotoTiming[];
  peakResidentBytes: number;
  /** The engine's estimate for a GRPO step with one photo of `photo` that is not shrunk; null if it had none. */
  training: { photo: PhotoSize; plan: MemoryPlan | null };
}

/** An adapter merged into a large model, in the engine's process. */
export interface MergeResult extends MergeTiming {
  kind: 'merge';
  /** The same files read, written and flushed, with no work in between. */
  copy: { seconds: number; bytes: number };
  peakResidentBytes: number;
}

export type PartResult =
  | Comparison
  | LoadingResult
  | MergeResult
  | PhotosResult
  | OneRowResult
  | GrowthResult
  | EndingsResult
  | {
      kind: 'products';
      rates: ProductRate[];
      peak: Record<'F32' | 'BF16', number>;
      /** Bytes read from memory per second; absent in results of before it was measured. */
      readPerSecond?: number;
    }
  | { kind: 'leak'; work: string; report: LeakReport; secondsPerStep: number }
  /** TRL's whole step with activations recomputed: how little memory it can manage with, and how long it then takes. */
  | { kind: 'lean'; work: string; seconds: number; peakResidentBytes: number }
  | { kind: 'profile'; work: string; entries: Record<string, OpProfile[]> };

export interface Part {
  finishedAt: string;
  seconds: number;
  /** One-minute load average when the part began: the bench's own processes show as up to `cores`. */
  loadBefore: number;
  /** It ran before everything else that wanted a processor (`chrt -r 1 npm run bench`), whatever the load. */
  realtime?: true;
  result?: PartResult;
  /** Why there is no result. */
  error?: string;
}

export interface Results {
  version: number;
  startedAt: string;
  command: string;
  machine: Machine;
  engine: { backend: string; version: string; device: string; threads: number } | null;
  /** Versions of the Python packages; null if no peer was measured. */
  peers: Record<string, string> | null;
  parts: Record<string, Part>;
}

/** The results in a file, or null if there are none of this version. */
export async function readResults(path: string): Promise<Results | null> {
  try {
    const results = JSON.parse(await readFile(path, 'utf8')) as Results;
    return results.version === RESULTS_VERSION ? results : null;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

export async function writeResults(path: string, results: Results): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.part`;
  await writeFile(aside, `${JSON.stringify(results, null, 1)}\n`);
  await rename(aside, path);
}

export function partOf<K extends PartResult['kind']>(
  results: Results,
  id: string,
  kind: K,
): Extract<PartResult, { kind: K }> | null {
  const result = results.parts[id]?.result;
  return result?.kind === kind ? (result as Extract<PartResult, { kind: K }>) : null;
}

/** The points along a dimension; empty if not measured. */
export function growthAlong(results: Results, axis: GrowthAxis): readonly GrowthPointTimes[] {
  return partOf(results, `growth:${axis}`, 'growth')?.points ?? [];
}

/** Of all sizes that were measured. */
export function photoPoints(results: Results): PhotoPoint[] {
  return Object.values(results.parts).flatMap(({ result }) => (result?.kind === 'photos' ? result.points : []));
}
