/** @file Who takes part in a comparison: our engine, and the Python stack in its best honest setting. */
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join as pathTo } from 'node:path';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import { threadUseFor } from '../../method/model-size.ts';
import { builtEngineProcess } from './built-engine.ts';
import type { EngineJob, Startup, StepTiming } from './engine-process.ts';
import { trainJobOf, type JobFiles } from './measured-job.ts';
import { ensureImages, ensureModel } from './model-files.ts';
import { MODELS, PEER_PROCESS } from './places.ts';
import type { PeerTurn } from './results.ts';
import { join, type Participant, type ProcessCommand } from './turns.ts';
import { KL_WEIGHT, LORA_RANK, type Workload } from './works.ts';

export type PeerKind = 'grpo' | 'generate' | 'sft-torch' | 'sft-trl';
const ATTENTIONS = ['sdpa', 'eager'] as const;

/** The workload's checkpoint and as many pictures as its steps need as new images. */
export async function filesOf(work: Workload, images: number): Promise<JobFiles> {
  return {
    modelPath: await ensureModel(work.model, MODELS),
    imagePaths: await ensureImages(work.imageSide, images, MODELS),
  };
}

export async function engineCommand(job: EngineJob): Promise<ProcessCommand> {
  return {
    program: process.execPath,
    args: [await builtEngineProcess(), JSON.stringify(job)],
    // Chosen by model size, as when the studio starts the engine. The machine's products get all cores.
    env: { [THREADS_VARIABLE]: job.kind === 'products' ? 'products' : threadUseFor(await weightBytes(job.files)) },
  };
}

async function weightBytes({ modelPath }: JobFiles): Promise<number> {
  const names = (await readdir(modelPath)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(pathTo(modelPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export interface OurParticipant extends Omit<Participant, 'turn'> {
  startup: Startup;
  info: { backend: string; version: string; device: string; threads: number };
  turn(): Promise<StepTiming>;
}

export async function joinEngine(job: EngineJob): Promise<OurParticipant> {
  const participant = await join(await engineCommand(job));
  return {
    ...participant,
    startup: participant.ready['startup'] as Startup,
    info: participant.ready['info'] as OurParticipant['info'],
    turn: async () => (await participant.turn()) as unknown as StepTiming,
  };
}

export interface PeerParticipant {
  attention: string;
  /** The name of the card that torch computes on, or `cpu`. */
  device: string;
  /** Best probe turn of the attention implementation that was not chosen, by name. */
  tried: Record<string, number>;
  turn(): Promise<PeerTurn>;
  end(): Promise<{ peakResidentBytes: number }>;
}

export interface PeerOptions {
  /** Recompute activations in the backward pass: slower, but uses less memory. */
  checkpointing?: boolean;
  /** On a card, if torch has one; absent = on the processor. */
  card?: boolean;
}

/**
 * Starts a peer. If `probeTurns` is positive, both attention implementations run that many turns and the faster one
 * stays; with 0, the first is used after one warm-up turn.
 */
export async function joinPeer(
  python: string,
  kind: PeerKind,
  work: Workload,
  files: JobFiles,
  probeTurns: number,
  options: PeerOptions = {},
): Promise<PeerParticipant> {
  const probe = async (attention: string): Promise<{ attention: string; participant: Participant; best: number }> => {
    const participant = await join(peerCommand(python, kind, work, files, { attention, ...options }));
    let best = Infinity;
    for (let turn = 0; turn < Math.max(1, probeTurns); turn++)
      best = Math.min(best, secondsOf(await participant.turn()));
    return { attention, participant, best };
  };
  let chosen = await probe(ATTENTIONS[0]);
  const tried: Record<string, number> = {};
  for (const attention of probeTurns === 0 ? [] : ATTENTIONS.slice(1)) {
    const other = await probe(attention);
    const [winner, loser] = other.best < chosen.best ? [other, chosen] : [chosen, other];
    tried[loser.attention] = loser.best;
    await loser.participant.end();
    chosen = winner;
  }
  const { participant } = chosen;
  return {
    attention: chosen.attention,
    device: (participant.ready['device'] as string | undefined) ?? 'cpu',
    tried,
    turn: async () => (await participant.turn()) as unknown as PeerTurn,
    end: async () => (await participant.end()) as { peakResidentBytes: number },
  };
}

function secondsOf(turn: Record<string, unknown>): number {
  return turn['seconds'] as number;
}

function peerCommand(
  python: string,
  kind: PeerKind,
  work: Workload,
  files: JobFiles,
  { attention, checkpointing = false, card = false }: PeerOptions & { attention: string },
): ProcessCommand {
  const { samples } = trainJobOf(work, 'sft', files);
  const job = {
    kind,
    modelPath: files.modelPath,
    imagePaths: files.imagePaths,
    texts: samples.map(({ prompt }) => prompt),
    answer: `<answer> ${samples[0]?.answer ?? ''} </answer>`,
    prompts: work.prompts,
    groupSize: work.groupSize,
    promptTokens: work.promptTokens,
    completionTokens: work.completionTokens,
    supervisedBatch: work.supervisedBatch,
    dtype: work.model.dtype,
    adapter: work.adapter,
    loraRank: LORA_RANK,
    beta: KL_WEIGHT,
    attention,
    card,
    threads: availableParallelism(),
    // Pure bfloat16 weights with float32 adapters: faster on a CPU than bfloat16 autocast (measured both ways).
    autocast: false,
    contiguousHead: true,
    // Faster without.
    checkpointing,
  };
  // Warnings and banners go to standard error, which only matters if the process ends early.
  const args = ['-W', 'ignore', PEER_PROCESS, JSON.stringify(job)];
  return { program: python, args, env: { PYTHONDONTWRITEBYTECODE: '1' } };
}
