/** @file The flow of getting a model: offer, download, stop, and what is said when something fails. */
import { describe, expect, it } from 'vitest';
import type { HubOffer, ModelSummary, SuggestedModel } from '../../../../electron/contract/api/index.ts';
import { AtelierError } from '../../../../electron/contract/errors/errors.ts';
import { GetModelFlow, type GetModelCalls } from './get-model.svelte.ts';

const offer = { name: 'me/tiny', revision: 'c'.repeat(40) } as HubOffer;
const model = { id: 'model-1', name: 'me/tiny' } as ModelSummary;

function flowWith(calls: Partial<GetModelCalls> = {}) {
  const added: ModelSummary[] = [];
  const flow = new GetModelFlow(
    {
      suggest: async () =>
        (async function* () {
          yield { name: 'a/one' } as SuggestedModel;
          yield { name: 'a/two' } as SuggestedModel;
        })(),
      cached: async () => [],
      offer: async () => offer,
      download: async () =>
        (async function* () {
          yield { type: 'progress' as const, progress: { phase: 'x', done: 1, total: 2, unit: 'bytes' as const } };
          yield { type: 'done' as const, result: model };
        })(),
      register: async () => model,
      ...calls,
    },
    (one) => void added.push(one),
  );
  return { flow, added };
}

describe('getting a model', () => {
  it('asks first, and downloads the version that was offered', async () => {
    const asked: unknown[] = [];
    const { flow, added } = flowWith({
      offer: async (request) => {
        asked.push(request);
        return offer;
      },
    });
    await flow.ask('  ');
    expect(asked).toEqual([]);
    flow.revision = ' main ';
    await flow.ask(' me/tiny ');
    expect(asked).toEqual([{ name: 'me/tiny', revision: 'main' }]);
    expect(flow.offer).toBe(offer);
    expect(added).toEqual([]);
    await flow.download();
    expect(added).toEqual([model]);
    expect(flow.busy).toBeUndefined();
  });

  it('shows suggestions as they come, and says what failed beside them', async () => {
    const { flow } = flowWith({ cached: async () => Promise.reject(new AtelierError('BAD_INPUT', 'No cache.')) });
    await flow.look();
    expect(flow.suggested.map(({ name }) => name)).toEqual(['a/one', 'a/two']);
    expect(flow.sizing).toBe(false);
    expect(flow.trouble?.message).toBe('No cache.');
  });

  it('a stopped download is no trouble, and a failed one is', async () => {
    const { flow, added } = flowWith({
      download: async (_request, signal) =>
        (async function* () {
          yield { type: 'progress' as const, progress: { phase: 'x', done: 1 } };
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
        })(),
    });
    await flow.ask('me/tiny');
    const running = flow.download();
    await expect.poll(() => flow.progress?.done).toBe(1);
    flow.cancel();
    await running;
    expect(flow.trouble).toBeUndefined();
    expect(added).toEqual([]);
    const failing = flowWith({ offer: async () => Promise.reject(new AtelierError('HUB_UNAVAILABLE', 'Not there.')) });
    await failing.flow.ask('me/tiny');
    expect(failing.flow.trouble?.message).toBe('Not there.');
    expect(failing.flow.offer).toBeUndefined();
  });
});
