/** @file Warnings for the user about the usable rows, collected row by row. */
import type { ImageOrientation } from '../../../contract/model/datasets.ts';
import type { NewSample } from '../../../store/datasets/dataset-types.ts';
import { licenceInWords } from '../../../contract/model/stated-licence.ts';
import { DistinctFinding, Finding } from './findings.ts';
import { NOTE_SENTENCES, type RowNote } from './row-notes.ts';
import type { ReadyRow } from './staging.ts';

export class RowWarnings {
  readonly #unread = new DistinctFinding();
  readonly #read = new DistinctFinding();
  readonly #animated = new Finding();
  readonly #turned = new Finding();
  readonly #stricter = new DistinctFinding();
  #stricterRows = 0;
  #unreadRows = 0;
  #readRows = 0;
  #images = 0;
  #unknown = 0;
  readonly #notes = new Map<RowNote, number>();
  #samples = 0;
  readonly #splits = new Set<string>();
  readonly #orientation: ImageOrientation;

  constructor(orientation: ImageOrientation) {
    this.#orientation = orientation;
  }

  add(row: ReadyRow, sample: NewSample): void {
    this.#samples += 1;
    this.#splits.add(sample.split);
    if (row.values.unreadLicences.length > 0) this.#unreadRows += 1;
    for (const text of row.values.unreadLicences) this.#unread.add(`"${text}"`);
    if (row.values.readLicences.length > 0) this.#readRows += 1;
    for (const { text, expression } of row.values.readLicences) this.#read.add(`"${text}" as ${expression}`);
    const { stricterThan, licence } = row.values;
    if (stricterThan !== null && licence !== null) {
      this.#stricterRows += 1;
      this.#stricter.add(`${licenceInWords(licence)} instead of "${stricterThan}"`);
    }
    if (row.isFirst) this.#images += 1;
    if (row.isFirst && sample.licence === null) this.#unknown += 1;
    if (row.isFirst && row.frames > 1) this.#animated.add(row.name);
    if (row.isFirst && row.orientation !== 1) this.#turned.add(row.name);
    for (const note of new Set(row.values.notes)) this.#notes.set(note, (this.#notes.get(note) ?? 0) + 1);
  }

  /** One sentence per kind of finding, with the first few places. */
  sentences(): string[] {
    const warnings: string[] = [];
    if (this.#readRows > 0)
      warnings.push(`Licences were read in their SPDX form (${rowCount(this.#readRows)}): ${this.#read.list()}.`);
    if (this.#stricterRows > 0)
      warnings.push(
        `Other columns ask for more than the licence column, and the stricter counts (${rowCount(this.#stricterRows)}): ${this.#stricter.list()}.`,
      );
    if (this.#unreadRows > 0)
      warnings.push(
        `Atelier does not understand these licences, so they are kept in their own words and permit nothing (${rowCount(this.#unreadRows)}): ${this.#unread.list()}. Write them as, for example, "CC BY 4.0", or name your own terms LicenseRef-….`,
      );
    if (this.#unknown > 0)
      warnings.push(
        `The licence of ${this.#unknown} of ${this.#images} images is unknown. Unknown is never taken to mean free: every export will say so.`,
      );
    if (this.#animated.count > 0)
      warnings.push(
        `Only the first frame of animated images is used (${this.#animated.count}): ${this.#animated.list()}.`,
      );
    if (this.#turned.count > 0)
      warnings.push(
        this.#orientation === 'upright'
          ? `Photographs are turned as their EXIF orientation says, for the model and on the screen (${this.#turned.count}): ${this.#turned.list()}.`
          : `Photographs that ask to be turned (EXIF) are used as they are stored, for the model and on the screen (${this.#turned.count}): ${this.#turned.list()}.`,
      );
    for (const [note, count] of this.#notes) warnings.push(NOTE_SENTENCES[note](rowCount(count)));
    if (this.#samples > 0 && !this.#splits.has('test'))
      warnings.push('No sample is held out: what is learned cannot be tested on this dataset.');
    return warnings;
  }
}

function rowCount(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
