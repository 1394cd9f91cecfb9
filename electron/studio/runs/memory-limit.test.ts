import { describe, expect, it } from 'vitest';
import { memoryLimitWarning } from './memory-limit.ts';

describe('the memory limit of the settings', () => {
  it('is kept, absent, or said to be passed with both figures', () => {
    const step = { step: 4, residentBytes: 3 * 1024 ** 3 };
    expect(memoryLimitWarning(step, null)).toBeNull();
    expect(memoryLimitWarning(step, 3 * 1024 ** 3)).toBeNull();
    expect(memoryLimitWarning(step, 2 * 1024 ** 3)).toMatchObject({
      step: 4,
      code: 'MEMORY_LIMIT',
      severity: 'problem',
      message: expect.stringMatching(/3\.0 GiB.*2\.0 GiB/) as unknown,
    });
  });
});
