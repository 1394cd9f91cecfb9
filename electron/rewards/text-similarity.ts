/** @file How much two texts resemble each other: chrF as sacrebleu measures it, and ROUGE-L as rouge-score does. */

const CHRF_ORDER = 6;
const CHRF_BETA = 2;
/** Words. ROUGE-L compares every word with every other. */
const MOST_WORDS = 1000;

/**
 * chrF2 (Popović 2015): F of character n-grams up to six characters, with recall counted twice; white space does not
 * count. 0 to 1.
 */
export function chrF(given: string, reference: string): number {
  const [a, b] = [given, reference].map((text) => Array.from(text.replace(/\s+/gu, '')));
  if (a === undefined || b === undefined) return 0;
  let [precision, recall, orders] = [0, 0, 0];
  for (let n = 1; n <= CHRF_ORDER; n++) {
    const [mine, theirs] = [ngrams(a, n), ngrams(b, n)];
    if (mine.total === 0 || theirs.total === 0) continue;
    let shared = 0;
    for (const [gram, count] of mine.counts) shared += Math.min(count, theirs.counts.get(gram) ?? 0);
    precision += shared / mine.total;
    recall += shared / theirs.total;
    orders += 1;
  }
  if (orders === 0 || precision + recall === 0) return 0;
  const [p, r] = [precision / orders, recall / orders];
  return ((1 + CHRF_BETA ** 2) * p * r) / (CHRF_BETA ** 2 * p + r);
}

/**
 * ROUGE-L (Lin 2004): F1 of the longest common subsequence of words. Words are runs of letters, marks and digits in
 * lower case. 0 to 1.
 */
export function rougeL(given: string, reference: string): number {
  const [a, b] = [wordsOf(given).slice(0, MOST_WORDS), wordsOf(reference).slice(0, MOST_WORDS)];
  if (a.length === 0 || b.length === 0) return 0;
  const shared = commonLength(a, b);
  return shared === 0 ? 0 : (2 * shared) / (a.length + b.length);
}

/** Words in lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function ngrams(characters: readonly string[], n: number): { counts: Map<string, number>; total: number } {
  const counts = new Map<string, number>();
  const total = Math.max(0, characters.length - n + 1);
  for (let at = 0; at < total; at++) {
    const gram = characters.slice(at, at + n).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return { counts, total };
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    b.forEach((other, column) => {
      next.push(word === other ? (row[column] ?? 0) + 1 : Math.max(row[column + 1] ?? 0, next[column] ?? 0));
    });
    row = next;
  }
  return row[b.length] ?? 0;
}
