/** @file The light table without a page: saving, undo, copying, confirming, and what survives a lost connection. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  AnswerRequest,
  LabelChange,
  LabelItem,
  LabelSheet,
  SheetId,
} from '../../../../electron/contract/api/index.ts';
import { LightTable, stateOf, type TableCalls } from './light-table.svelte.ts';

const SHEET = 'sheet-1' as SheetId;

function item(position: number, more: Partial<LabelItem> = {}): LabelItem {
  return {
    position,
    imageSha256: 'a'.repeat(64),
    name: `${String(position)}.png`,
    width: 40,
    height: 30,
    question: null,
    answer: '',
    leftOut: false,
    proposal: null,
    problem: null,
    optedOut: null,
    answeredAt: null,
    ...more,
  };
}

const PROPOSAL = {
  answer: '4',
  model: 'nano',
  modelSha256: 'b'.repeat(64),
  runId: null,
  runName: null,
  step: null,
  at: '2026-11-30T09:00:00.000Z',
};

/** A studio that keeps what it is told, and fails as long as `isLost`. */
function fakeStudio(items: LabelItem[]) {
  const requests: AnswerRequest[] = [];
  const studio = { items, requests, isLost: false, undone: [] as LabelChange[] };
  const sheet = (): LabelSheet =>
    ({ id: SHEET, question: 'How many?', task: 'count', counts: { pictures: items.length } }) as unknown as LabelSheet;
  const calls: TableCalls = {
    get: () => Promise.resolve(sheet()),
    items: ({ offset }) => Promise.resolve({ total: items.length, items: items.slice(offset) }),
    answer: (request) => {
      if (studio.isLost) return Promise.reject(new Error('lost'));
      requests.push(request);
      for (const position of request.positions) {
        const now = items[position];
        if (now === undefined) continue;
        const { confirm, ...set } = request.set;
        items[position] = {
          ...now,
          ...set,
          ...(confirm === true ? { answer: now.proposal?.answer ?? '' } : {}),
        } as LabelItem;
      }
      return Promise.resolve({ sheet: sheet(), items: request.positions.flatMap((at) => items[at] ?? []) });
    },
    undo: () => Promise.resolve(studio.undone.shift() ?? null),
  };
  return { studio, calls };
}

async function opened(items: LabelItem[]) {
  const { studio, calls } = fakeStudio(items);
  const table = new LightTable(SHEET, calls);
  await table.open();
  return { studio, table };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the light table', () => {
  it('opens at the first picture that has no answer', async () => {
    const { table } = await opened([item(0, { answer: '1' }), item(1, { leftOut: true }), item(2)]);
    expect(table.at).toBe(2);
  });

  it('saves every letter, those of one visit as one stroke', async () => {
    const { studio, table } = await opened([item(0), item(1)]);
    table.type('1');
    await table.save();
    table.type('12');
    await table.save();
    table.go(1);
    table.type('5');
    await table.save();
    expect(studio.requests.map(({ positions, set }) => [positions, set.answer])).toEqual([
      [[0], '1'],
      [[0], '12'],
      [[1], '5'],
    ]);
    const [first, second, third] = studio.requests.map(({ stroke }) => stroke);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    expect([table.saving, table.isUnsaved]).toEqual(['saved', false]);
  });

  it('keeps what it could not save, says so, and saves it once the studio is back', async () => {
    const { studio, table } = await opened([item(0), item(1)]);
    studio.isLost = true;
    table.type('7');
    await table.save();
    table.go(1);
    table.type('8');
    await table.save();
    expect([table.saving, table.answerAt(0), table.answerAt(1), table.isUnsaved]).toEqual(['failed', '7', '8', true]);
    studio.isLost = false;
    await vi.advanceTimersByTimeAsync(2500);
    expect(studio.items.map(({ answer }) => answer)).toEqual(['7', '8']);
    expect([table.saving, table.isUnsaved]).toEqual(['saved', false]);
  });

  it('gives the last answer again and goes on', async () => {
    const { studio, table } = await opened([item(0), item(1), item(2)]);
    table.type('3');
    table.go(1);
    table.copyLast();
    await table.save();
    expect(studio.items.map(({ answer }) => answer)).toEqual(['3', '3', '']);
    expect(table.at).toBe(2);
  });

  it('confirms a proposal with the key that goes on, and never over an answer', async () => {
    const { studio, table } = await opened([item(0, { proposal: PROPOSAL }), item(1, { proposal: PROPOSAL }), item(2)]);
    await table.keep();
    expect(studio.requests[0]?.set).toEqual({ confirm: true });
    table.type('5');
    await table.keep();
    await table.save();
    expect(studio.items.map(({ answer }) => answer)).toEqual(['4', '5', '']);
    expect(table.at).toBe(2);
  });

  it('answers many at once, and goes back to what was undone', async () => {
    const { studio, table } = await opened([item(0), item(1, { proposal: PROPOSAL }), item(2, { answer: '9' })]);
    table.markWaiting();
    expect([...table.marked]).toEqual([0, 1]);
    expect(await table.confirmMarked()).toBe(1);
    expect(await table.answerMarked('2')).toBe(2);
    expect(table.items.map((each) => stateOf(each))).toEqual(['answered', 'answered', 'answered']);
    studio.undone.push({ sheet: table.sheet!, items: [item(1)] });
    expect(await table.undo()).toBe(true);
    expect([table.at, table.answer]).toEqual([1, '']);
    expect(await table.undo()).toBe(false);
  });

  it('has what a model proposed while it was being opened', async () => {
    const { calls } = fakeStudio([item(0), item(1)]);
    const table = new LightTable(SHEET, calls);
    const opening = table.open();
    table.receive(item(1, { proposal: PROPOSAL }));
    await opening;
    table.receive(item(0, { proposal: PROPOSAL }));
    expect(table.items.map((each) => stateOf(each))).toEqual(['proposed', 'proposed']);
  });

  it('finds the next picture without an answer, from the start again if need be', async () => {
    const { table } = await opened([item(0), item(1, { answer: '1' }), item(2, { answer: '1' })]);
    table.show(2);
    expect([table.goToWaiting(), table.at]).toEqual([true, 0]);
    table.type('4');
    expect(table.goToWaiting()).toBe(false);
  });
});
