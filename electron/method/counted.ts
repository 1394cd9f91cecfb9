/** @file A count with its noun, in the singular for one. */

/** `1 row`, `2 rows`; `1 entry`, `2 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
