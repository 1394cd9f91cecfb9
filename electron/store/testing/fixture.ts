/** @file For tests: a store in a temporary folder with a model, a dataset, and steps to append to a run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetId, ModelId, SampleId } from '../../contract/model/primitives.ts';
import type { DatasetSummary } from '../../contract/model/datasets.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { Completion, StepMetrics } from '../../contract/model/runs.ts';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../method/defaults.ts';
import { sha256Hex } from '../connection/canonical.ts';
import type { NewSample } from '../datasets/dataset-types.ts';
import type { Store } from '../connection/open.ts';

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'atelier-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function addModel(store: Store): Promise<ModelSummary> {
  return await store.models.register({
    name: 'nano',
    path: '/models/nano',
    sha256: sha256Hex('nano'),
    parameters: 4_000_000,
    licence: 'Apache-2.0',
    promptTemplate: '{question}',
    description: null,
    starter: true,
  });
}

/** A dataset of `count` samples, each with its own image (a few placeholder bytes). */
export async function addDataset(store: Store, count = 4): Promise<DatasetSummary> {
  const images = [];
  const samples: NewSample[] = [];
  for (let position = 0; position < count; position += 1) {
    const { sha256, sizeBytes } = await store.blobs.putBytes(Buffer.from(`image ${position}`));
    images.push({ sha256, sizeBytes, format: 'png', width: 8, height: 8 });
    samples.push({
      position,
      imageSha256: sha256,
      imageName: `${position}.png`,
      task: 'counting',
      prompt: `How many? (${position})`,
      answer: String(position),
      split: position === count - 1 ? 'test' : 'train',
      licence: position === 0 ? null : 'CC-BY-4.0',
      authors: ['Ada', ...(position % 2 === 0 ? ['Grace'] : [])],
      sources: [{ title: 'A shared drawing', author: 'Ada', licence: 'CC-BY-4.0', url: null }],
      extra: { note: position },
    });
  }
  const snapshotSha256 = sha256Hex(`dataset of ${count}`);
  return await store.datasets.insert({
    name: 'Things',
    origin: '/things',
    snapshotSha256,
    warnings: [],
    request: {},
    images,
    samples,
  });
}

export function recipeFor(model: ModelSummary, dataset: DatasetSummary, steps = 100): Recipe {
  return {
    name: 'First try',
    modelId: ModelId.parse(model.id),
    modelSha256: model.sha256,
    datasetId: DatasetId.parse(dataset.id),
    datasetSha256: dataset.snapshotSha256,
    method: 'grpo-d',
    promptTemplate: '{question}',
    adapter: DEFAULT_ADAPTER,
    rewards: DEFAULT_REWARDS,
    grpo: DEFAULT_GRPO,
    klSchedule: DEFAULT_GRPO_D_SCHEDULE,
    optimiser: DEFAULT_OPTIMISER,
    steps,
    seed: 7,
    checkpointEvery: 20,
    evalSamples: 0,
  };
}

export function stepMetrics(step: number, reward = step / 100): StepMetrics {
  return {
    step,
    reward,
    rewardStd: 0.1,
    rewards: [{ name: 'accuracy', weight: 1, mean: reward, std: 0.1 }],
    fracRewardZeroStd: 0,
    beta: 0.05,
    kl: 0.001,
    loss: 0.2,
    entropy: 1,
    gradNorm: 0.5,
    learningRate: 1e-3,
    completionLengthMean: 10,
    completionLengthMin: 5,
    completionLengthMax: 20,
    truncatedRatio: 0,
    clipRatioLow: 0,
    clipRatioHigh: 0,
    thinkRate: 1,
    secondsGenerate: 1,
    secondsScore: 0.5,
    secondsUpdate: 0.5,
    secondsTotal: 2,
    tokensGenerated: 160,
    residentBytes: 5_000_000_000,
  };
}

export function completion(step: number, sampleId: string, index: number): Completion {
  return {
    step,
    sampleId: SampleId.parse(sampleId),
    index,
    text: `<think> step ${step} </think> <answer> ${index} </answer>`,
    tokens: 12,
    truncated: index % 2 === 1,
    rewards: [{ name: 'accuracy', value: 1 }],
    reward: 1,
    advantage: 0.5,
    verdict: 'correct',
  };
}
