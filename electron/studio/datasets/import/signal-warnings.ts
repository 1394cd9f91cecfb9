/** @file Warnings for the user about the images' usage statements, collected image by image. */
import type { ImportReport } from '../../../contract/model/datasets.ts';
import type { UnknownUse } from '../../../contract/model/signals.ts';
import { isAgainstTraining } from '../../../provenance/signals/combine.ts';
import { NOT_UNDERSTOOD } from '../../../contract/model/stated-licence.ts';
import type { ImageStatement } from '../../../provenance/signals/read-image.ts';
import type { NewSample } from '../../../store/datasets/dataset-types.ts';
import { Finding } from './findings.ts';
import type { ReadyRow } from './staging.ts';

export class SignalWarnings {
  readonly #optedOut = new Finding();
  readonly #unknown = new Finding();
  readonly #unreadable = new Finding();
  readonly #generated = new Finding();
  readonly #licenceFilled = new Finding();
  readonly #authorsFilled = new Finding();
  readonly #licenceDiffers = new Finding();
  readonly #assumptionUnused = new Finding();
  readonly #assumedAuthorUnused = new Finding();
  readonly #notUnderstood = new Finding();
  readonly #contradictory = new Finding();
  readonly #authorsDiffer = new Finding();
  readonly #counts = new Map<string, ImportReport['signals'][number]>();
  #example: { name: string; says: string } | null = null;
  #samples = 0;
  #training = 0;
  #trainingLeftOut = 0;
  #testLeftOut = 0;
  #samplesOptedOut = 0;
  /** Images that only the table forbids to train on, and those that say so themselves. */
  #toldByTable = 0;
  #toldByImage = 0;

  readonly #unknownUse: UnknownUse;

  constructor(unknownUse: UnknownUse) {
    this.#unknownUse = unknownUse;
  }

  add(row: ReadyRow, sample: NewSample): void {
    const { statement, name } = row;
    const isOut = statement?.verdict === 'opted-out';
    const isUnknown = this.#unknownUse !== 'use' && (statement?.verdict ?? 'unknown') === 'unknown';
    this.#samples += 1;
    if (isUnknown && row.isFirst) this.#unknown.add(name);
    if (sample.split === 'train') {
      this.#training += 1;
      if (isOut || isUnknown) this.#trainingLeftOut += 1;
    } else if (isOut || isUnknown) this.#testLeftOut += 1;
    if (isOut) this.#samplesOptedOut += 1;
    if (statement === null || !row.isFirst) return;
    this.#count(statement);
    if (isOut) {
      this.#optedOut.add(name);
      if (isOnlyInTable(statement)) this.#toldByTable += 1;
      else this.#toldByImage += 1;
      const says = statement.signals.find(isAgainstTraining)?.statement;
      if (this.#example === null && says !== undefined) this.#example = { name, says };
    }
    if (statement.signals.some((signal) => signal.value === 'error')) this.#unreadable.add(name);
    if (statement.signals.some((signal) => signal.statement.includes('(AI-generated)'))) this.#generated.add(name);
    if (isFilled(sample.licenceSource)) this.#licenceFilled.add(name);
    if (isFilled(sample.authorsSource)) this.#authorsFilled.add(name);
    if (isContradictory(statement) && !row.values.statesLicence) this.#contradictory.add(name);
    if (assumptionUnused(row, sample)) this.#assumptionUnused.add(name);
    if (assumedAuthorUnused(row, sample)) this.#assumedAuthorUnused.add(name);
    if (isFilled(sample.licenceSource) && sample.licence?.includes(NOT_UNDERSTOOD) === true)
      this.#notUnderstood.add(name);
    if (licencesDiffer(row, statement)) this.#licenceDiffers.add(name);
    if (authorsDiffer(row, statement)) this.#authorsDiffer.add(name);
  }

  /** Samples whose images opted out. */
  get optedOut(): number {
    return this.#samplesOptedOut;
  }

  /** Samples that neither training nor an evaluation uses. */
  get excluded(): ImportReport['excluded'] {
    return { train: this.#trainingLeftOut, test: this.#testLeftOut };
  }

  /** How many images have a signal of each kind and value. */
  get signals(): ImportReport['signals'] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
  }

  /** Why no sample can be trained on; null if one can. */
  stopsTraining(): string | null {
    if (this.#samples === 0) return null;
    if (this.#training === 0) return 'No sample is for training: the dataset can only be evaluated on.';
    if (this.#training > this.#trainingLeftOut) return null;
    if (this.#unknown.count > 0)
      return 'Every training sample is left out: nothing can be trained on this dataset until you decide about its images.';
    if (this.#toldByImage === 0 && this.#example !== null)
      return `Every training sample is left out by its table: nothing can be trained on this dataset as it is. ${this.#example.says}`;
    return this.#toldByTable > 0
      ? 'Every training sample is left out by its table or by the words of its image: nothing can be trained on this dataset as it is.'
      : 'Every training sample is left out by the words of its image: nothing can be trained on this dataset as it is.';
  }

  /** One sentence per kind of finding, with the first few images. */
  sentences(): string[] {
    const warnings: string[] = [];
    const warn = (found: Finding, sentence: (images: string) => string): void => {
      if (found.count > 0) warnings.push(sentence(found.images()));
    };
    warn(
      this.#optedOut,
      (images) => `Opted out of training, so imported but left out of training and evaluation: ${images}.`,
    );
    warn(this.#unknown, (images) =>
      this.#unknownUse === 'ask'
        ? `Nothing is known about training on them, so they wait for your decision and are left out until then: ${images}.`
        : `Nothing is known about training on them, so they are left out of training and evaluation: ${images}.`,
    );
    if (this.#example !== null) warnings.push(`What “${this.#example.name}” says, for example: ${this.#example.says}`);
    warn(
      this.#unreadable,
      (images) =>
        `Something about rights is there but cannot be read, so it is not taken for a permission, in ${images}.`,
    );
    warn(this.#generated, (images) => `Made, wholly or in part, by a trained model, as their metadata say: ${images}.`);
    warn(this.#licenceFilled, (images) => `The table names no licence; it was read from the metadata of ${images}.`);
    warn(
      this.#authorsFilled,
      (images) => `The table names no author; the name was read from the metadata of ${images}.`,
    );
    warn(
      this.#notUnderstood,
      (images) =>
        `The metadata state licence terms that Atelier does not understand, so read them yourself; until then they count as unknown, in ${images}.`,
    );
    warn(
      this.#assumptionUnused,
      (images) =>
        `The licence you gave for rows without one was not used where the metadata state another, in ${images}.`,
    );
    warn(
      this.#assumedAuthorUnused,
      (images) =>
        `The author you gave for rows without one was not used where the metadata name another, in ${images}.`,
    );
    warn(
      this.#contradictory,
      (images) => `The metadata name different licences, and the stricter one counts, in ${images}.`,
    );
    warn(
      this.#licenceDiffers,
      (images) => `The table's licence stands, but the metadata name another one, in ${images}.`,
    );
    warn(
      this.#authorsDiffer,
      (images) => `The table's author stands, but the metadata name another one, in ${images}.`,
    );
    return warnings;
  }

  #count({ signals }: ImageStatement): void {
    const kinds = new Map(signals.map(({ kind, value }) => [`${kind} ${value}`, { kind, value }]));
    for (const [key, entry] of kinds) {
      const count = this.#counts.get(key) ?? { ...entry, images: 0 };
      count.images += 1;
      this.#counts.set(key, count);
    }
  }
}

function isOnlyInTable({ signals }: ImageStatement): boolean {
  return signals.filter(isAgainstTraining).every(({ locator }) => locator === 'table');
}

function isFilled(source: NewSample['licenceSource']): boolean {
  return source === 'embedded' || source === 'sidecar';
}

function isContradictory({ signals }: ImageStatement): boolean {
  return signals.some(({ kind, locator }) => kind === 'licence' && locator === 'metadata');
}

function licencesDiffer({ values }: ReadyRow, statement: ImageStatement): boolean {
  const stated = values.licence ?? values.unreadLicences[0];
  if (stated === undefined || statement.licence === null) return false;
  return !stated.split(/[\s()]+/).includes(statement.licence.id);
}

function assumptionUnused({ values }: ReadyRow, sample: NewSample): boolean {
  return values.assumedLicence !== null && isFilled(sample.licenceSource) && sample.licence !== values.assumedLicence;
}

function assumedAuthorUnused({ values }: ReadyRow, sample: NewSample): boolean {
  if (values.assumedAuthors.length === 0 || !isFilled(sample.authorsSource)) return false;
  const named = new Set(sample.authors.map(plain));
  return !values.assumedAuthors.every((name) => named.has(plain(name)));
}

function authorsDiffer({ values }: ReadyRow, statement: ImageStatement): boolean {
  if (values.authors.length === 0 || statement.creators === null) return false;
  const named = new Set(values.authors.map(plain));
  return !statement.creators.names.some((name) => named.has(plain(name)));
}

function plain(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
