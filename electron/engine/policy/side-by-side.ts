/** @file Work on many things that mostly waits: for a file, or for another thread. */

/**
 * Works on up to `most` items at a time, begun in their order.
 * @returns the results in the order of the items
 * @throws what the first item in that order threw; later ones are no longer begun
 */
export async function sideBySide<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    while (failures.size === 0 && next < items.length) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeTurns));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
