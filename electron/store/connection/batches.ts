/** @file Lists of a bounded size. Rows travel as one JSON array, so a batch takes one statement, however many rows it has. */

const BATCH = 500;

/** A list, or something that gives its items one after the other. */
export type Streamed<Item> = Iterable<Item> | AsyncIterable<Item>;

/** The items in lists of at most 500. */
export async function* batches<Item>(items: Streamed<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    if (batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
