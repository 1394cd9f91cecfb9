/** @file What a person should know about rows that can be used all the same, gathered row by row. */
import type { NewSample } from '../../../store/datasets/dataset-types.ts';
import { DistinctFinding, Finding } from './findings.ts';
import type { ReadyRow } from './staging.ts';

export class RowWarnings {
  readonly #unread = new DistinctFinding();
  readonly #animated = new Finding();
  readonly #turned = new Finding();
  #unreadRows = 0;
  #unknown = 0;
  #placeholders = 0;
  #longer = 0;
  #samples = 0;
  readonly #splits = new Set<string>();

  add(row: ReadyRow, sample: NewSample): void {
    this.#samples += 1;
    this.#splits.add(sample.split);
    if (row.values.unreadLicences.length > 0) this.#unreadRows += 1;
    for (const text of row.values.unreadLicences) this.#unread.add(`"${text}"`);
    if (sample.licence === null) this.#unknown += 1;
    if (row.isFirst && row.frames > 1) this.#animated.add(row.name);
    if (row.isFirst && row.orientation !== 1) this.#turned.add(row.name);
    if (row.values.hadPlaceholder) this.#placeholders += 1;
    if (row.values.furtherTurns > 0) this.#longer += 1;
  }

  /** One sentence per kind of finding, with the first few places. */
  sentences(): string[] {
    const warnings: string[] = [];
    if (this.#unreadRows > 0)
      warnings.push(
        `A licence that is no SPDX expression counts as unknown (${rowCount(this.#unreadRows)}): ${this.#unread.list()}.`,
      );
    if (this.#unknown > 0)
      warnings.push(
        `The licence of ${this.#unknown} of ${this.#samples} images is unknown. Unknown is never taken for free: an export will say so.`,
      );
    if (this.#animated.count > 0)
      warnings.push(
        `Only the first frame of animated images is used (${this.#animated.count}): ${this.#animated.list()}.`,
      );
    if (this.#turned.count > 0)
      warnings.push(
        `Photographs that ask to be turned when shown (EXIF) are seen by models as they are stored, lying on their side (${this.#turned.count}): ${this.#turned.list()}.`,
      );
    if (this.#placeholders > 0)
      warnings.push(
        `In ${rowCount(this.#placeholders)} the mark <image> was taken out of the question; the model's template puts the image in.`,
      );
    if (this.#longer > 0)
      warnings.push(
        `In ${rowCount(this.#longer)} the conversation goes on after its first answer; only the first question and answer are used.`,
      );
    for (const split of ['train', 'test'] as const) {
      if (this.#samples === 0 || this.#splits.has(split)) continue;
      warnings.push(
        split === 'train'
          ? 'No sample is for training: the dataset can only be evaluated on.'
          : 'No sample is held out: what is learned cannot be tested on this dataset.',
      );
    }
    return warnings;
  }
}

function rowCount(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
