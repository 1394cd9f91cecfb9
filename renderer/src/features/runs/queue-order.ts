/** @file The queue as displayed: active entries, waiting entries, and the new position of a moved one. */
import type { QueueEntry } from '../../../../electron/contract/api/index.ts';

export function working(entries: readonly QueueEntry[]): QueueEntry[] {
  return entries.filter(({ status }) => status === 'working');
}

/** The waiting entries, next first. */
export function waiting(entries: readonly QueueEntry[]): QueueEntry[] {
  return entries.filter(({ status }) => status === 'waiting').toSorted((a, b) => a.position - b.position);
}

/** The position to which a key press moves an entry; undefined for other keys and at the ends. */
export function placeAfterKey(key: string, place: number, count: number): number | undefined {
  const target = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: count - 1 }[key];
  return target === undefined || target < 0 || target >= count || target === place ? undefined : target;
}

/** The waiting entries after a move, shown at once while the studio is being notified. */
export function moved(entries: readonly QueueEntry[], entryId: string, to: number): QueueEntry[] {
  const list = waiting(entries);
  const from = list.findIndex(({ id }) => id === entryId);
  const [entry] = from === -1 ? [] : list.splice(from, 1);
  if (entry !== undefined) list.splice(to, 0, entry);
  const first = working(entries).length;
  return [...working(entries), ...list.map((each, index) => ({ ...each, position: first + index }))];
}
