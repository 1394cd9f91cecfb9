/** @file The closing line of `npm test` must not be able to hide a failure. */
import { describe, expect, it } from 'vitest';
import { secondTries, tally, unfinished } from './tally.mjs';

const green = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe('tally', () => {
  it('counts what passed and leaves skipped out when there is none', () => {
    expect(tally(green, 0)).toEqual({ line: '12 passed, 0 failed', failed: 0 });
  });

  it('names skipped and planned tests together', () => {
    expect(tally({ ...green, numPendingTests: 2, numTodoTests: 1 }, 0).line).toBe('12 passed, 0 failed, 3 skipped');
  });

  it('counts a file that broke before its tests as a failure', () => {
    const report = { ...green, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(tally(report, 1)).toEqual({ line: '12 passed, 1 failed', failed: 1 });
  });

  it('counts a run without a report, or with a bad end, as a failure', () => {
    expect(tally(null, 0).failed).toBe(1);
    expect(tally(green, 137).failed).toBe(1);
  });
});

describe('unfinished', () => {
  const test = (fullName, status) => ({ fullName, status });

  it('names the file and the test in which its process ended', () => {
    const lost = {
      name: 'a.test.ts',
      assertionResults: [test('one', 'passed'), test('two', 'pending'), test('three', 'pending')],
    };
    expect(unfinished({ ...green, testResults: [lost] })).toEqual([
      'The process of a.test.ts ended in the middle of “two”.',
    ]);
  });

  it('is silent about tests that ran or were left out', () => {
    const whole = {
      name: 'b.test.ts',
      assertionResults: [test('one', 'passed'), test('two', 'skipped'), test('three', 'todo')],
    };
    expect(unfinished({ ...green, testResults: [whole] })).toEqual([]);
    expect(unfinished(null)).toEqual([]);
  });
});

describe('secondTries', () => {
  it('names a test that failed once and passed then, with its error', () => {
    const assertionResults = [
      { fullName: 'one', status: 'passed', failureMessages: ['Error: too late\n    at a.ts:1'] },
      { fullName: 'two', status: 'passed', failureMessages: [] },
      { fullName: 'three', status: 'failed', failureMessages: ['Error: wrong'] },
    ];
    expect(secondTries({ ...green, testResults: [{ name: 'a.e2e.ts', assertionResults }] })).toEqual([
      '“one” in a.e2e.ts passed at its second try only. The first: Error: too late',
    ]);
    expect(secondTries(null)).toEqual([]);
  });
});
