/** @file Which of several licences of one image counts. */
import { describe, expect, it } from 'vitest';
import { strictestOf } from './strictest.ts';

describe('the strictest licence', () => {
  it.each([
    [['CC-BY-4.0'], 'CC-BY-4.0'],
    [['CC-BY-4.0', 'CC-BY-4.0'], 'CC-BY-4.0'],
    [['CC-BY-4.0', 'CC-BY-NC-4.0'], 'CC-BY-NC-4.0'],
    [['CC-BY-NC-4.0', 'CC0-1.0'], 'CC-BY-NC-4.0'],
    [['CC0-1.0', 'CC-BY-4.0', 'CC-BY-NC-ND-4.0'], 'CC-BY-NC-ND-4.0'],
    [['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0'], 'CC-BY-NC-SA-4.0'],
    [['LicenseRef-contract-ai-forbidden', 'CC0-1.0'], 'LicenseRef-contract-ai-forbidden'],
    [['CC0-1.0', 'LicenseRef-all-rights-reserved'], 'LicenseRef-all-rights-reserved'],
    // Neither contains the other: both must be met.
    [['CC-BY-SA-4.0', 'CC-BY-NC-4.0'], 'CC-BY-NC-4.0 AND CC-BY-SA-4.0'],
    [['CC-BY-SA-4.0', 'CC-BY-NC-SA-4.0'], 'CC-BY-NC-SA-4.0 AND CC-BY-SA-4.0'],
    [['CC-BY-4.0', 'LicenseRef-all-rights-reserved'], 'CC-BY-4.0 AND LicenseRef-all-rights-reserved'],
    [['LicenseRef-OpenRAIL-M', 'LicenseRef-Gemma'], 'LicenseRef-Gemma AND LicenseRef-OpenRAIL-M'],
    [['CC0-1.0', 'LicenseRef-somebodys'], 'CC0-1.0 AND LicenseRef-somebodys'],
    [['MIT OR Apache-2.0', 'CC0-1.0'], 'CC0-1.0 AND (MIT OR Apache-2.0)'],
  ])('%j is %s', (licences, expected) => {
    expect(strictestOf(licences)).toBe(expected);
    expect(strictestOf([...licences].reverse())).toBe(expected);
  });
});
