/** @file The filters of a dataset, as written in the address and as the contract expects them. */
import { SignalVerdict, Split, Task, type SampleFilter } from '../../../../electron/contract/api/index.ts';

/** The text of each filter in the address; undefined = everything. */
export type FilterQuery = Record<
  'search' | 'split' | 'task' | 'licence' | 'verdict' | 'author' | 'tag',
  string | undefined
>;

/** Means “not known” in the address; it cannot be an SPDX expression. */
export const UNKNOWN_LICENCE = '?';

export function queryOf(query: URLSearchParams): FilterQuery {
  const of = (name: keyof FilterQuery): string | undefined => query.get(name) ?? undefined;
  return {
    search: of('search'),
    split: of('split'),
    task: of('task'),
    licence: of('licence'),
    verdict: of('verdict'),
    author: of('author'),
    tag: of('tag'),
  };
}

/** Reads the filter from an address; ignores unknown words, so that old links still open. */
export function filterOf(query: FilterQuery): SampleFilter {
  const split = Split.safeParse(query.split);
  const task = Task.safeParse(query.task);
  const verdict = SignalVerdict.safeParse(query.verdict);
  const search = query.search?.trim().slice(0, 200);
  return {
    ...(split.success ? { split: split.data } : {}),
    ...(task.success ? { task: task.data } : {}),
    ...(verdict.success ? { verdict: verdict.data } : {}),
    ...(query.licence === undefined ? {} : { licence: query.licence === UNKNOWN_LICENCE ? null : query.licence }),
    ...(query.author ? { author: query.author } : {}),
    ...(query.tag ? { tag: query.tag } : {}),
    ...(search ? { search } : {}),
  };
}
