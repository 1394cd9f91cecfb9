/** @file A list of numbers in one text field. */

/** Reads "0, 0.5; 1" as [0, 0.5, 1] without repeats. Returns undefined if it is empty or a part is not a number. */
export function numbersOf(text: string): number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map(Number);
  if (parts.length === 0 || numbers.some((value) => !Number.isFinite(value))) return undefined;
  return numbers.filter((value, index) => numbers.indexOf(value) === index);
}
