/** @file A verification belongs to one path, and failed checks come first. */
import { describe, expect, it } from 'vitest';
import type { VerifyReport } from '../../../../electron/contract/api/index.ts';
import { VerifyFlow } from './verify-flow.svelte.ts';

const report: VerifyReport = {
  path: '/b',
  outcome: 'fail',
  checks: [
    { outcome: 'pass', check: 'signature', detail: '' },
    { outcome: 'fail', check: 'hash', detail: '' },
    { outcome: 'cannot-tell', check: 'key', detail: '' },
    { outcome: 'pass', check: 'card', detail: '' },
  ],
};

describe('VerifyFlow', () => {
  it('checks the trimmed path with the key, and sorts what was found', async () => {
    const asked: unknown[] = [];
    const flow = new VerifyFlow(async (request) => {
      asked.push(request);
      return report;
    });
    flow.path = ' /b ';
    flow.publicKey = ' PEM ';
    await flow.check();
    expect(asked).toEqual([{ path: '/b', publicKey: 'PEM' }]);
    expect(flow.parts.map(({ outcome, checks }) => [outcome, checks.length])).toEqual([
      ['fail', 1],
      ['cannot-tell', 1],
      ['pass', 2],
    ]);
  });

  it('forgets a report with another path, and says why a path cannot be checked', async () => {
    let fail = false;
    const flow = new VerifyFlow(async () => {
      if (fail) throw new Error('gone');
      return report;
    });
    flow.setPath('/b');
    await flow.check();
    flow.setPath('/c');
    expect(flow.report).toBeUndefined();
    fail = true;
    await flow.check();
    expect([flow.busy, flow.trouble?.connection]).toEqual([false, true]);
  });

  it('asks for nothing without a path', async () => {
    const flow = new VerifyFlow(() => Promise.reject(new Error('asked')));
    flow.path = '  ';
    await flow.check();
    expect(flow.trouble).toBeUndefined();
  });
});
