/**
 * @file The measurements of a run as growing columns of numbers, appended in place and read without copying,
 * so that a page with 100,000 steps stays fast. NaN means that the step has no such value.
 */
import type { StepMetrics } from '../../../../electron/contract/api/index.ts';

type NumericKey = {
  [K in keyof StepMetrics]-?: StepMetrics[K] extends number | null | undefined ? K : never;
}[keyof StepMetrics];

const keys: readonly NumericKey[] = [
  'step',
  'reward',
  'rewardStd',
  'fracRewardZeroStd',
  'beta',
  'kl',
  'klGradientShare',
  'loss',
  'entropy',
  'gradNorm',
  'learningRate',
  'completionLengthMean',
  'completionLengthMin',
  'completionLengthMax',
  'truncatedRatio',
  'clipRatioLow',
  'clipRatioHigh',
  'thinkRate',
  'secondsGenerate',
  'secondsScore',
  'secondsUpdate',
  'secondsTotal',
  'tokensGenerated',
  'residentBytes',
];

export type RewardColumns = { name: string; weight: number; mean: Float64Array; std: Float64Array };

export class StepColumns {
  #length = 0;
  #capacity = 256;
  readonly #columns = new Map<NumericKey, Float64Array>(keys.map((key) => [key, new Float64Array(256)]));
  readonly #rewards = new Map<string, RewardColumns>();

  get length(): number {
    return this.#length;
  }

  /** The last step seen, 0 before the first. */
  get lastStep(): number {
    return this.#length === 0 ? 0 : (this.column('step')[this.#length - 1] ?? 0);
  }

  /** All values of one measurement, oldest first. A view: do not keep it beyond the next append. */
  column(key: NumericKey): Float64Array {
    return (this.#columns.get(key) ?? new Float64Array(0)).subarray(0, this.#length);
  }

  /** The last value of a measurement; NaN if there is none. */
  last(key: NumericKey): number {
    return this.#length === 0 ? Number.NaN : (this.column(key)[this.#length - 1] ?? Number.NaN);
  }

  /** All measured reward functions, in order of first appearance. */
  rewards(): RewardColumns[] {
    return [...this.#rewards.values()].map((reward) => ({
      ...reward,
      mean: reward.mean.subarray(0, this.#length),
      std: reward.std.subarray(0, this.#length),
    }));
  }

  /**
   * Appends one step. If it is not newer than the last one, the run went back to a
   * checkpoint, and the steps from there on are replaced, as in the engine.
   */
  append(step: StepMetrics): void {
    if (step.step <= this.lastStep) this.#cutBefore(step.step);
    const at = this.#length;
    this.#grow(at + 1);
    for (const key of keys) {
      const column = this.#columns.get(key);
      if (column !== undefined) column[at] = step[key] ?? Number.NaN;
    }
    for (const reward of this.#rewards.values()) {
      reward.mean[at] = Number.NaN;
      reward.std[at] = Number.NaN;
    }
    for (const reward of step.rewards) {
      const columns = this.#rewardColumns(reward.name, reward.weight);
      columns.mean[at] = reward.mean ?? Number.NaN;
      columns.std[at] = reward.std ?? Number.NaN;
    }
    this.#length = at + 1;
  }

  #cutBefore(step: number): void {
    const steps = this.column('step');
    let length = this.#length;
    while (length > 0 && (steps[length - 1] ?? 0) >= step) length -= 1;
    this.#length = length;
  }

  #rewardColumns(name: string, weight: number): RewardColumns {
    const known = this.#rewards.get(name);
    if (known !== undefined) return known;
    const made = {
      name,
      weight,
      mean: new Float64Array(this.#capacity).fill(Number.NaN),
      std: new Float64Array(this.#capacity).fill(Number.NaN),
    };
    this.#rewards.set(name, made);
    return made;
  }

  #grow(length: number): void {
    if (length <= this.#capacity) return;
    this.#capacity = Math.max(length, this.#capacity * 2);
    for (const [key, column] of this.#columns) this.#columns.set(key, enlarged(column, this.#capacity));
    for (const reward of this.#rewards.values()) {
      reward.mean = enlarged(reward.mean, this.#capacity);
      reward.std = enlarged(reward.std, this.#capacity);
    }
  }
}

function enlarged(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
