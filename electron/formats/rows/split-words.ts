/** @file What sources call their splits, and which of the studio's two splits each name stands for. */
import type { Split } from '../../contract/model/primitives.ts';

const TRAIN = new Set(['train', 'training']);
/** Validation rows are held out like test rows: neither may be trained on. */
const VALIDATION = new Set(['val', 'valid', 'validation', 'dev', 'development']);
const TEST = new Set(['test', 'testing', 'eval', 'evaluation', 'held-out', 'held_out', 'heldout']);

/** Folders that merely group images; they may contain a split folder. */
const GATHERING = new Set(['images', 'image', 'imgs', 'img', 'data', 'pictures', 'photos']);

/** The studio's split for a word from a `split` column or a key; null if the word is unknown. */
export function splitOfWord(word: string): Split | null {
  const plain = word.trim().toLowerCase();
  if (TRAIN.has(plain)) return 'train';
  return VALIDATION.has(plain) || TEST.has(plain) ? 'test' : null;
}

/** Whether a word names validation data, which the studio holds out together with test data. */
export function isValidation(word: string): boolean {
  return VALIDATION.has(word.trim().toLowerCase());
}

/**
 * The word for a split in a table's path, such as `data/test-00000-of-00001.parquet`, `valid.jsonl` or
 * `val/metadata.csv`; null if there is none.
 */
export function splitWordInTable(path: string): string | null {
  const parts = path.split(/[\\/]/);
  const name = parts.at(-1) ?? '';
  // Without the extension.
  const words = (name.match(/[a-z]+/gi) ?? []).slice(0, -1);
  return [...words, ...parts.slice(0, -1).reverse()].find((word) => splitOfWord(word) !== null) ?? null;
}

/** The split word in an image's relative path: its first folder, as in `test/cats/1.jpg` or `images/val2017/1.jpg`. */
export function splitWordInPath(path: string): string | null {
  const folders = path
    .split(/[\\/]/)
    .slice(0, -1)
    .filter((part) => part !== '' && part !== '.');
  const first = folders.find((folder) => !GATHERING.has(folder.toLowerCase()));
  // COCO's folder names include the year.
  const word = first?.replace(/(?<=^(?:train|val|test))\d{4}$/i, '');
  return word !== undefined && splitOfWord(word) !== null ? word : null;
}
