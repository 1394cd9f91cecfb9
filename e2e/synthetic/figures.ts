/**
 * @file Made-up measurements with the shape of a real run, the same on every call: for benchmarks and screenshots,
 * never for claims.
 */
import type { SampleId } from '../../electron/contract/model/primitives.ts';
import type { Completion, StepMetrics } from '../../electron/contract/model/runs.ts';

/** A number in 0…1 that depends only on its two arguments (an integer hash). */
export function noise(seed: number, index: number): number {
  let value = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  value = Math.imul(value ^ (value >>> 12), 0x297a2d39);
  return ((value ^ (value >>> 15)) >>> 0) / 4294967296;
}

const wave = (seed: number, step: number, size: number): number => (noise(seed, step) - 0.5) * size;

/** The measurements of one of `steps` steps: rewards rise, answers get shorter, β follows Eq. 3. */
export function syntheticStep(step: number, steps: number, beta: number): StepMetrics {
  const progress = step / steps;
  const accuracy = Math.min(1, Math.max(0, 0.35 + 0.45 * (1 - Math.exp(-3 * progress)) + wave(1, step, 0.3)));
  const format = Math.min(1, Math.max(0, 0.82 + 0.17 * progress + wave(2, step, 0.12)));
  const length = 22 - 6 * progress + wave(3, step, 4);
  const generate = 0.9 + wave(4, step, 0.2) + (noise(5, step) > 0.995 ? 3 : 0);
  return {
    step,
    reward: accuracy + format,
    rewardStd: 0.45 - 0.2 * progress + wave(6, step, 0.1),
    rewards: [
      { name: 'accuracy', weight: 1, mean: accuracy, std: 0.4 - 0.1 * progress },
      { name: 'format', weight: 1, mean: format, std: 0.18 - 0.1 * progress },
    ],
    fracRewardZeroStd: Math.min(1, Math.max(0, 0.15 + 0.4 * progress + wave(7, step, 0.25))),
    beta,
    kl: 0.002 + 0.05 * Math.sqrt(progress) * (0.7 + 0.6 * noise(8, step)),
    loss: 0.001 + wave(9, step, 0.02),
    entropy: 0.9 - 0.5 * progress + wave(10, step, 0.12),
    gradNorm: 0.6 + 0.5 * noise(11, step) + (noise(12, step) > 0.99 ? 6 : 0),
    learningRate: 1e-3 * Math.min(1, step / 10) * (1 - progress * 0.9),
    completionLengthMean: length,
    completionLengthMin: Math.max(4, length - 9),
    completionLengthMax: length + 14,
    truncatedRatio: Math.max(0, 0.12 * (1 - progress) + wave(13, step, 0.05)),
    clipRatioLow: 0,
    clipRatioHigh: 0,
    thinkRate: 1,
    secondsGenerate: generate,
    secondsScore: 0.25 + wave(14, step, 0.05),
    secondsUpdate: 0.7 + wave(15, step, 0.1),
    secondsTotal: generate + 1,
    tokensGenerated: 1200,
    residentBytes: 1.5e9 + 2e8 * (1 - Math.exp(-step / 40)),
  };
}

/** The answers of one group: the later the step, the more are right. */
export function syntheticGroup(step: number, steps: number, sampleId: SampleId, answer: string): Completion[] {
  const right = Array.from({ length: 8 }, (_, index) => noise(step, index) < 0.35 + 0.4 * (step / steps));
  const mean = right.filter(Boolean).length / right.length;
  const std = Math.sqrt(mean * (1 - mean));
  return right.map((correct, index) => ({
    step,
    sampleId,
    index,
    text: `<think>I look at the picture and count one by one.</think><answer> ${correct ? answer : String(Number(answer) + 1 + (index % 2))} </answer>`,
    tokens: 14 + index,
    truncated: !correct && index === 7,
    rewards: [
      { name: 'accuracy', value: correct ? 1 : 0 },
      { name: 'format', value: 1 },
    ],
    reward: correct ? 2 : 1,
    advantage: std === 0 ? 0 : ((correct ? 1 : 0) - mean) / std,
    verdict: correct ? 'correct' : 'wrong',
  }));
}
