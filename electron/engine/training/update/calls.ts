/** @file What an entry point does, as one call of it or as several calls that do the same with less memory. */
import type { Entry, FeedsOf, Outputs, Program, Specs } from '../../runtime/program.ts';

/** Does what a call of an entry point of this type does. */
export type Call<E> =
  E extends Entry<infer I, infer O> ? (program: Program, feeds: FeedsOf<I>) => Promise<Outputs<O>> : never;

/** The plain call of an entry point. */
export function callOf<I extends Specs, O extends string>(
  entry: Entry<I, O>,
): (program: Program, feeds: FeedsOf<I>) => Promise<Outputs<O>> {
  return (program, feeds) => program.call(entry, feeds);
}
