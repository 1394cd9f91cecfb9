/** @file Makes the entries of block-program.ts look like `reference` and `accumulate` of a program that runs them whole. */
import type { FeedData, Program } from '../../runtime/program.ts';
import type { Feeds } from '../batch.ts';

/** @param blocks how many there are @returns the same program, with the two entries in place of the blocks */
export function withBlocks(program: Program, blocks: number): Program {
  const each = Array.from({ length: blocks }, (_, block) => String(block));
  const call = (entry: string, feeds: Feeds): Promise<Record<string, FeedData>> => program.call(entry, feeds);
  const composed: Record<string, (feeds: Feeds) => Promise<Record<string, FeedData>>> = {
    reference: async (feeds) => {
      await call('block/embed', feeds);
      for (const block of each) await call(`block/reference/${block}`, {});
      return await call('block/reference', feeds);
    },
    accumulate: async (feeds) => {
      await call('block/embed', feeds);
      for (const block of each) await call(`block/forward/${block}`, {});
      const outputs = await call('block/loss', feeds);
      for (const block of each.toReversed()) await call(`block/backward/${block}`, {});
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
