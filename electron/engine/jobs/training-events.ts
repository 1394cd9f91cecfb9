/** @file Events that the train and replay jobs share. */
import type { Progress } from '../../contract/model/primitives.ts';
import type { RunWarning } from '../../contract/model/runs.ts';

export function phase(name: string, done: number, total: number): { type: 'phase'; progress: Progress } {
  return { type: 'phase', progress: { phase: name, done, total } };
}

/** Yields the pending warnings and empties the list. */
export function* warnings(pending: RunWarning[]): Generator<{ type: 'warning'; warning: RunWarning }, void, undefined> {
  for (const warning of pending.splice(0)) yield { type: 'warning', warning };
}
