/** @file The registry: what a recipe's rewards give a completion. */
import { describe, expect, it } from 'vitest';
import { rewardFunctions, scoreCompletion, totalReward } from './registry.ts';

const specs = [
  { name: 'accuracy', weight: 1 },
  { name: 'format', weight: 0.5 },
] as const;
const sample = { answer: '7', task: 'counting' } as const;

describe('rewards of a recipe', () => {
  it.each([
    ['<think>a</think><answer>7</answer>', [1, 1], 1.5],
    ['<think>a</think><answer>8</answer>', [0, 1], 0.5],
    ['<answer>7</answer>', [1, 0], 1],
    ['7', [0, 0], 0],
  ])('%j scores %j, in all %d', (completion, scores, total) => {
    expect(scoreCompletion([...specs], completion, sample)).toEqual(scores);
    expect(totalReward([...specs], scores)).toBe(total);
  });

  it('names each function by its key and describes it', () => {
    for (const [key, reward] of Object.entries(rewardFunctions)) {
      expect(reward.name).toBe(key);
      expect(reward.version).not.toBe('');
      expect(reward.help.length).toBeGreaterThan(20);
    }
  });

  it('leaves nulls out of the total and refuses scores that do not fit', () => {
    expect(totalReward([...specs], [null, 1])).toBe(0.5);
    expect(totalReward([...specs], [null, null])).toBeNull();
    expect(() => totalReward([...specs], [1])).toThrow(RangeError);
  });
});
