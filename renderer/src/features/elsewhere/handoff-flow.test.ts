/** @file A recipe goes into the folder that was chosen, or the reason is shown. */
import { expect, it } from 'vitest';
import type { Handoff, HandoffRequest, ResultEvent } from '../../../../electron/contract/api/index.ts';
import { HandoffFlow } from './handoff-flow.svelte.ts';

const recipe = { modelId: 'm', datasetId: 'd' };
const handoff = { path: '/out/job', notes: [] } as unknown as Handoff;

async function* written(): AsyncGenerator<ResultEvent<Handoff>> {
  yield { type: 'progress', progress: { phase: 'write samples', done: 1, total: 2 } };
  yield { type: 'done', result: handoff };
}

it('asks for what was chosen, and shows what was written', async () => {
  const asked: HandoffRequest[] = [];
  const flow = new HandoffFlow(async (request) => {
    asked.push(request);
    return written();
  });
  await flow.run({ recipe });
  expect(asked).toEqual([]);
  flow.destination = ' /out/job ';
  flow.launcher = 'slurm';
  flow.withModel = false;
  await flow.run({ recipe });
  expect(asked).toEqual([{ recipe, destination: '/out/job', launcher: 'slurm', model: 'reference' }]);
  expect([flow.handoff, flow.busy, flow.trouble]).toEqual([handoff, false, undefined]);
});

it('shows why nothing was written, and says nothing when it was cancelled', async () => {
  const refusing = new HandoffFlow(() => Promise.reject(new Error('full')));
  refusing.destination = '/out';
  await refusing.run({ recipe });
  expect([refusing.handoff, refusing.busy, refusing.trouble === undefined]).toEqual([undefined, false, false]);

  const cancelled = new HandoffFlow((_, signal) => {
    cancelled.cancel();
    return Promise.reject(signal.reason as Error);
  });
  cancelled.destination = '/out';
  await cancelled.run({ recipe });
  expect([cancelled.busy, cancelled.trouble]).toEqual([false, undefined]);
});
