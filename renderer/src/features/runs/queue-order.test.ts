/** @file The keyboard and dragging give the same order. */
import { describe, expect, it } from 'vitest';
import type { QueueEntry } from '../../../../electron/contract/api/index.ts';
import { moved, placeAfterKey, waiting, working } from './queue-order.ts';

const entry = (id: string, position: number, status = 'waiting'): QueueEntry =>
  ({ id, position, status }) as unknown as QueueEntry;
const queue = [entry('now', 0, 'working'), entry('b', 2), entry('a', 1), entry('c', 3)];
const ids = (entries: readonly QueueEntry[]): string[] => entries.map(({ id }) => id);

describe('the queue', () => {
  it('tells what is worked on from what waits, next first', () => {
    expect([ids(working(queue)), ids(waiting(queue))]).toEqual([['now'], ['a', 'b', 'c']]);
  });

  it('moves an entry to another place and leaves the rest in order', () => {
    expect(ids(waiting(moved(queue, 'c', 0)))).toEqual(['c', 'a', 'b']);
    expect(ids(waiting(moved(queue, 'a', 2)))).toEqual(['b', 'c', 'a']);
    expect(ids(waiting(moved(queue, 'gone', 0)))).toEqual(['a', 'b', 'c']);
  });

  it('stops at the ends', () => {
    expect(placeAfterKey('ArrowUp', 0, 3)).toBeUndefined();
    expect(placeAfterKey('ArrowDown', 2, 3)).toBeUndefined();
    expect([placeAfterKey('ArrowDown', 0, 3), placeAfterKey('End', 0, 3), placeAfterKey('x', 0, 3)]).toEqual([
      1,
      2,
      undefined,
    ]);
  });
});
