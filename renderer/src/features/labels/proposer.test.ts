/** @file Asking a model in the background: progress, proposals as they come, stop, and failure. */
import { describe, expect, it } from 'vitest';
import type { LabelItem, LabelSheet, ModelId, ProposeEvent, SheetId } from '../../../../electron/contract/api/index.ts';
import { Proposer, proposerFor, type ProposeCall } from './proposer.svelte.ts';

const REQUEST = { sheetId: 'sheet-1' as SheetId, modelId: 'model-1' as ModelId };
const ITEM = { position: 3 } as LabelItem;
const DONE: ProposeEvent = { type: 'done', sheet: {} as LabelSheet, proposed: 1, unreadable: 2 };

function calling(events: readonly ProposeEvent[], fails?: Error): ProposeCall {
  return async () =>
    (async function* () {
      for (const event of events) yield await Promise.resolve(event);
      if (fails !== undefined) throw fails;
    })();
}

describe('asking the model first', () => {
  it('hands on each proposal, counts it, and says how it ended', async () => {
    const proposer = new Proposer(
      calling([
        { type: 'progress', progress: { phase: 'load', done: 5, total: 9, unit: 'bytes' } },
        { type: 'progress', progress: { phase: 'answer', done: 0, total: 4 } },
        { type: 'item', item: ITEM },
        DONE,
      ]),
    );
    const items: LabelItem[] = [];
    let ends = 0;
    proposer.onItem = (item) => void items.push(item);
    proposer.onEnd = () => (ends += 1);
    await proposer.ask(REQUEST);
    expect(items).toEqual([ITEM]);
    expect([proposer.done, proposer.total, proposer.running, ends]).toEqual([1, 4, false, 1]);
    expect(proposer.result).toEqual({ proposed: 1, unreadable: 2 });
  });

  it('says what went wrong, and nothing after a stop', async () => {
    const failing = new Proposer(calling([], new Error('no engine')));
    await failing.ask(REQUEST);
    expect(failing.trouble).toBeDefined();
    const stopped = new Proposer((_, { signal }) =>
      Promise.resolve(
        (async function* (): AsyncGenerator<ProposeEvent> {
          yield { type: 'item', item: ITEM };
          stopped.stop();
          await Promise.resolve();
          signal.throwIfAborted();
        })(),
      ),
    );
    await stopped.ask(REQUEST);
    expect([stopped.trouble, stopped.running, stopped.done]).toEqual([undefined, false, 1]);
  });

  it('is one for each sheet, so that it goes on while another screen is open', () => {
    const call = calling([]);
    expect(proposerFor(REQUEST.sheetId, call)).toBe(proposerFor(REQUEST.sheetId, call));
    expect(proposerFor('sheet-2' as SheetId, call)).not.toBe(proposerFor(REQUEST.sheetId, call));
  });
});
