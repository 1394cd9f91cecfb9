/** @file Makes the entries of block-program.ts look like `reference` and `accumulate` of a program that runs them whole. */
import type { FeedData, Program } from '../runtime/program.ts';
import type { Feeds } from './batch.ts';

/** @param layers layers of the language model @returns the same program, with the two entries in place of the blocks */
export function withBlocks(program: Program, layers: number): Program {
  const each = Array.from({ length: layers }, (_, layer) => String(layer));
  const call = (entry: string, feeds: Feeds): Record<string, FeedData> => program.call(entry, feeds);
  const composed: Record<string, (feeds: Feeds) => Record<string, FeedData>> = {
    reference: (feeds) => {
      call('block/embed', feeds);
      for (const layer of each) call(`block/reference/${layer}`, {});
      return call('block/reference', feeds);
    },
    accumulate: (feeds) => {
      call('block/embed', feeds);
      for (const layer of each) call(`block/forward/${layer}`, {});
      const outputs = call('block/loss', feeds);
      for (const layer of each.toReversed()) call(`block/backward/${layer}`, {});
      return outputs;
    },
  };
  return {
    set: (values) => {
      program.set(values);
    },
    get: (names) => program.get(names),
    call: (entry, feeds) => composed[entry]?.(feeds) ?? program.call(entry, feeds),
    dispose: () => {
      program.dispose();
    },
  };
}
