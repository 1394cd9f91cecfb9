/** @file No claim inside the interval. */
import { describe, expect, it } from 'vitest';
import { accuracyVerdict } from './verdict.ts';

const at = (value: number, low: number, high: number) => ({ correct: 0, n: 100, value, low, high });

describe('accuracyVerdict', () => {
  it('claims a change only when the intervals are apart', () => {
    expect(accuracyVerdict(at(0.4, 0.35, 0.45), at(0.6, 0.55, 0.65))).toBe('better');
    expect(accuracyVerdict(at(0.6, 0.55, 0.65), at(0.4, 0.35, 0.45))).toBe('worse');
    expect(accuracyVerdict(at(0.4, 0.3, 0.5), at(0.55, 0.45, 0.65))).toBe('unclear');
  });
});
