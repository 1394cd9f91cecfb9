/** @file What an import keeps of each row and picture until it has read all of them. */
import type { Split } from '../../contract/model/primitives.ts';
import type { ImageRecord } from '../datasets/dataset-types.ts';
import type { StoredHash } from '../datasets/perceptual-hashes.ts';

/**
 * The studio's own types, which the store keeps as JSON. The store reads only the fields named in the bounds: the
 * question, answer and split of a row, and whether an image says anything.
 */
export type StagedTypes = {
  values: { prompt: string; answer: string; split: Split | null };
  reading: { signals: readonly unknown[]; facts: readonly unknown[] };
  statement: object;
};

/** What is known about an image's bytes: everything that a single read yields. */
export type Picture<Reading> = {
  record: ImageRecord;
  frames: number;
  orientation: number;
  look: Omit<StoredHash, 'sha256'>;
  /** Equal for files with the same pixels, whatever their metadata. */
  pixels: string;
  reading: Reading;
};

export type StagedRow<Values> = {
  position: number;
  line: number;
  /** The table that the row comes from, if there are several. */
  source: string | null;
  /** The image as the row names it. */
  name: string;
  /** The image's file name for display. */
  path: string;
  sha256: string;
  values: Values;
};

/** A row that can be used, with what is known about its image. */
export type ReadyRow<Values, Statement> = StagedRow<Values> & {
  split: Split;
  record: ImageRecord;
  frames: number;
  orientation: number;
  /** The licence that counts where several contradict each other; null = the row's own. */
  settledLicence: string | null;
  /** Null if the image says nothing. */
  statement: Statement | null;
  /** True for the first row of its image. */
  isFirst: boolean;
};

export type StagedPicture<Reading, Statement> = StoredHash & {
  position: number;
  name: string;
  record: ImageRecord;
  reading: Reading | null;
  statement: Statement | null;
  optedOut: boolean;
};

/** A row that asks the same question about the same image as an earlier row. */
export type RepeatedRow = {
  position: number;
  line: number;
  source: string | null;
  name: string;
  answer: string;
  /** Line and answer of the earlier row. */
  first: number;
  earlier: string;
};

/** One picture under several licences, in one file or in several with the same pixels. */
export type LicenceConflict = {
  pixels: string;
  /** Each licence with the first image that has it. */
  stated: { licence: string; name: string }[];
  /** SHA-256 of the files. */
  images: string[];
};

/** A row whose image an earlier row puts into the other split. */
export type TornRow = { position: number; line: number; name: string; split: Split; first: number };
