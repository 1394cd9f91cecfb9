/** @file Lists of numbers in a terminal: what they must be, and that nothing of them is dropped. */
import { describe, expect, it } from 'vitest';
import { distinctNumbers, seedList } from './seeds.ts';

describe('lists of numbers', () => {
  it('are read as typed', () => {
    expect(distinctNumbers('0, 0.04,1e-1', '--kl')).toEqual([0, 0.04, 0.1]);
    expect(seedList('7,8')).toEqual([7, 8]);
  });

  it('refuse what is no number, and a value named twice, with the option', () => {
    expect(() => distinctNumbers('0,,1', '--kl')).toThrow('--kl takes numbers with commas between');
    expect(() => distinctNumbers('1,0.5,1.0', '--kl')).toThrow('--kl names 1 twice');
    expect(() => seedList('7,-1')).toThrow('--seeds takes whole numbers');
  });
});
