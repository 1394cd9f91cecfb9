/** @file Turns a workload into a job for the engine's training interface, the same one the studio uses. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_ADAPTER, DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { TrainJob } from '../../contract/engine/engine.ts';
import { promptText } from './model-files.ts';
import { KL_WEIGHT, LORA_RANK, PROJECTIONS, type Workload } from './works.ts';

/** More steps than anyone would wait for; the measuring process ends the job itself. */
const ENDLESS = 1_000_000;

/** Measurements keep no checkpoints, but a job needs a place for them. */
export const CHECKPOINT_ROOT = join(tmpdir(), `atelier-bench-${String(process.pid)}`);

/** Bytes (= tokens) that a supervised target has around its answer: `<answer> … </answer>` and the end token. */
const TARGET_FRAME = '<answer>  </answer>'.length + 1;

export interface JobFiles {
  modelPath: string;
  /** One per sample: steps use new images until all have been seen once. */
  imagePaths: readonly string[];
}

/** Rollouts, reference and one update per step; or supervised steps on answers of the same length. */
export function trainJobOf(work: Workload, method: 'grpo' | 'sft', files: JobFiles): TrainJob {
  const answer = '7'.repeat(Math.max(1, work.completionTokens - TARGET_FRAME));
  // The schema fills in defaults added by newer recipe versions.
  return TrainJob.parse({
    runId: 'bench',
    modelPath: files.modelPath,
    ...(work.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: work.memoryLimitBytes }),
    checkpointRoot: CHECKPOINT_ROOT,
    samples: files.imagePaths.map((imagePath, index) => ({
      id: `sample-${String(index)}`,
      imagePath,
      prompt: promptText(work, index),
      answer,
      task: 'counting',
    })),
    recipe: {
      name: `bench ${work.name}`,
      modelId: 'bench',
      modelSha256: '0'.repeat(64),
      datasetId: 'bench',
      datasetSha256: '0'.repeat(64),
      method,
      promptTemplate: '{question}',
      ...(work.maxPixels === undefined ? {} : { maxPixels: work.maxPixels }),
      adapter:
        work.adapter === 'full'
          ? { kind: 'full' }
          : {
              ...DEFAULT_ADAPTER,
              kind: 'lora',
              r: LORA_RANK,
              loraAlpha: 2 * LORA_RANK,
              targetModules: [...PROJECTIONS],
            },
      // Differs between completions even if the text is noise, so that every group has a signal.
      rewards: [{ name: 'length', weight: 1, params: { of: 'completion', min: 1, max: 8, falloff: 1000 } }],
      grpo: {
        ...DEFAULT_GRPO,
        promptsPerStep: method === 'sft' ? work.supervisedBatch : work.prompts,
        numGenerations: work.groupSize,
        maxCompletionLength: work.completionTokens,
        temperature: 1,
        topP: 1,
        numIterations: 1,
      },
      klSchedule: { kind: 'constant', beta: KL_WEIGHT },
      optimiser: { ...DEFAULT_OPTIMISER, learningRate: 1e-5, warmupSteps: 0 },
      steps: ENDLESS,
      seed: 1,
      checkpointEvery: ENDLESS,
      evalSamples: 0,
    },
  });
}
