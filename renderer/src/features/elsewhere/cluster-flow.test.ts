/** @file A job on a cluster is followed event by event, and leaving it is no failure. */
import { beforeEach, expect, it } from 'vitest';
import type { ClusterEvent, ClusterRequest, Handback } from '../../../../electron/contract/api/index.ts';
import { ClusterFlow } from './cluster-flow.svelte.ts';

const handback = { runId: 'run-1', step: 2, steps: 2 } as unknown as Handback;
let kept: Map<string, string>;
const storage = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
};
beforeEach(() => (kept = new Map()));

async function* events(...all: ClusterEvent[]): AsyncGenerator<ClusterEvent> {
  yield* all;
}

it('asks for what was filled in, remembers where to, and keeps what happened', async () => {
  const asked: ClusterRequest[] = [];
  const flow = new ClusterFlow(async (request) => {
    asked.push(request);
    return events(
      { type: 'warning', message: 'not encrypted' },
      { type: 'submitted', submissionId: 'job-1' },
      { type: 'log', text: 'Step 1\n' },
      { type: 'log', text: 'Step 2\n' },
      { type: 'returned', handback },
      { type: 'done', status: 'succeeded', message: null },
    );
  }, storage);
  [flow.address, flow.storage, flow.workersText, flow.gpus] = [' http://head:8265 ', '/mnt/jobs', '0', true];
  await flow.run('/job');
  expect(asked).toEqual([]);
  flow.workersText = '4';
  await flow.run('/job');
  expect(asked).toEqual([{ path: '/job', address: 'http://head:8265', storage: '/mnt/jobs', workers: 4, gpus: true }]);
  expect(flow.start).toEqual({ type: 'submitted', submissionId: 'job-1' });
  expect([flow.warning, flow.log, flow.handback]).toEqual(['not encrypted', 'Step 1\nStep 2\n', handback]);
  expect([flow.done?.status, flow.busy, flow.left, flow.trouble]).toEqual(['succeeded', false, false, undefined]);
  const next = new ClusterFlow(() => Promise.reject(new Error('unused')), storage);
  expect([next.address, next.storage]).toEqual(['http://head:8265', '/mnt/jobs']);
});

it('shows why a job could not be followed, and that one you left continues', async () => {
  const refused = new ClusterFlow(() => Promise.reject(new Error('nothing answers there')), storage);
  [refused.address, refused.storage] = ['http://head:8265', '/mnt/jobs'];
  await refused.run('/job');
  expect([refused.busy, refused.left, refused.trouble?.message === undefined]).toEqual([false, false, false]);

  const left = new ClusterFlow((_, signal) => {
    left.leave();
    return Promise.reject(signal.reason as Error);
  }, storage);
  await left.run('/job');
  expect([left.busy, left.left, left.trouble]).toEqual([false, true, undefined]);
});
