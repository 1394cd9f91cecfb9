/**
 * @file Splits lists into bounded batches. Rows are passed as one JSON array, so a batch takes one statement, however
 * many rows it has.
 */

const BATCH = 500;

/** A list, or an iterable that yields its items one at a time. */
export type Streamed<Item> = Iterable<Item> | AsyncIterable<Item>;

/** Yields the items in lists of at most 500. */
export async function* batches<Item>(items: Streamed<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    if (batch.push(item) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
