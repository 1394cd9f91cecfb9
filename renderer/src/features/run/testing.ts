/** @file Small test data for the tests of this folder. */
import type { Completion, RunId, RunSummary, SampleId, StepMetrics } from '../../../../electron/contract/api/index.ts';

export const runId = 'run-1' as RunId;

export function stepOf(step: number, change: Partial<StepMetrics> = {}): StepMetrics {
  return {
    step,
    reward: step / 10,
    rewardStd: 0.2,
    rewards: [{ name: 'accuracy', weight: 1, mean: step / 10, std: 0.1 }],
    fracRewardZeroStd: 0.25,
    beta: 0.04,
    kl: 0.01,
    loss: 0.001,
    entropy: 0.5,
    gradNorm: 1,
    learningRate: 1e-3,
    completionLengthMean: 20,
    completionLengthMin: 10,
    completionLengthMax: 30,
    truncatedRatio: 0,
    clipRatioLow: 0,
    clipRatioHigh: 0,
    thinkRate: 1,
    secondsGenerate: 1,
    secondsScore: 0.5,
    secondsUpdate: 0.5,
    secondsTotal: 2,
    tokensGenerated: 100,
    residentBytes: 1e9,
    ...change,
  };
}

export function summaryOf(change: Partial<RunSummary> = {}): RunSummary {
  return {
    id: runId,
    name: 'First run',
    method: 'grpo-d',
    status: 'running',
    modelId: 'model-1' as RunSummary['modelId'],
    modelName: 'Nano',
    datasetId: 'ds-1' as RunSummary['datasetId'],
    datasetName: 'Counting',
    step: 0,
    steps: 100,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    reason: null,
    sparkline: [],
    lastCheckpointStep: null,
    secondsPerStep: null,
    secondsLeft: null,
    base: null,
    tuned: null,
    comparison: null,
    noLook: null,
    lenient: { base: null, tuned: null },
    evaluationIds: { base: null, tuned: null },
    ...change,
  };
}

export function completionOf(index: number, reward: number | null, advantage: number): Completion {
  return {
    step: 1,
    sampleId: 'sample-1' as SampleId,
    index,
    text: `<answer> ${String(index)} </answer>`,
    tokens: 5,
    truncated: false,
    rewards: [{ name: 'accuracy', value: reward }],
    reward,
    advantage,
    verdict: (reward ?? 0) > 0 ? 'correct' : 'wrong',
  };
}
