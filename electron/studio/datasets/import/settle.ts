/**
 * @file The second pass of an import, over the staged data: it drops repeated rows, gathers the images' usage
 * statements, holds out samples for testing, and finds images that look alike.
 */
import type { ColumnMapping, ImportReport, ImportRequest, RowProblem } from '../../../contract/model/datasets.ts';
import type { Split } from '../../../contract/model/primitives.ts';
import { createHashIndex } from '../../../formats/perceptual-hash-index.ts';
import { combineSignals } from '../../../provenance/signals/combine.ts';
import { stateOf, type ImageReading } from '../../../provenance/signals/read-image.ts';
import type { StoredHash } from '../../../store/datasets/perceptual-hashes.ts';
import type { Glimpsed } from './glimpses.ts';
import { groupValue } from './group-columns.ts';
import { splitByGroup } from '../edit/grouped-split.ts';
import { toSample } from '../samples.ts';
import { assignSplits } from '../edit/split.ts';
import type { Staging } from './staging.ts';

const NOTHING: ImageReading = { signals: [], facts: [] };
const PAGE = 500;

/** Drops rows that repeat an earlier one or would put an image in both splits. Returns the number of repeats. */
export async function dropRepeats(staging: Staging, mapping: ColumnMapping): Promise<number> {
  let duplicates = 0;
  for (;;) {
    const page = await staging.repeatedRows(PAGE);
    if (page.length === 0) break;
    duplicates += page.length;
    await leaveOut(
      staging,
      page.map((row) => ({
        position: row.position,
        problem: {
          row: row.line,
          file: row.name,
          field: mapping.image,
          reason: `The same image with the same question as in row ${row.first}${
            row.answer === row.earlier ? '' : `, yet with another answer ("${row.answer}" instead of "${row.earlier}")`
          }.`,
        },
      })),
    );
  }
  for (;;) {
    const page = await staging.tornRows(PAGE);
    if (page.length === 0) return duplicates;
    await leaveOut(
      staging,
      page.map((row) => ({
        position: row.position,
        problem: {
          row: row.line,
          file: row.name,
          field: mapping.split ?? 'split',
          reason: `The same image is in the split "${row.split}" in row ${row.first}; an image that is trained on cannot test.`,
        },
      })),
    );
  }
}

async function leaveOut(staging: Staging, rows: readonly { position: number; problem: RowProblem }[]): Promise<void> {
  await staging.leaveRowsOut(rows.map((row) => row.position));
  await staging.addProblems(rows.map((row) => row.problem));
}

/** Combines each image's embedded statements with those of the files beside each of its copies. */
export async function settleStatements(staging: Staging): Promise<void> {
  for await (const picture of staging.pictures()) {
    const readings = await staging.readingsBeside(picture.sha256);
    if (picture.reading === null && readings.length === 0) continue;
    const statement = stateOf(picture.reading ?? NOTHING, {
      signals: readings.flatMap((reading) => reading.signals),
      facts: readings.flatMap((reading) => reading.facts),
    });
    await setStatement(staging, picture.sha256, statement);
  }
}

export async function setStatement(
  staging: Staging,
  sha256: string,
  statement: ReturnType<typeof stateOf>,
): Promise<void> {
  await staging.setStatement(sha256, statement, combineSignals(statement.signals) === 'opted-out');
}

/**
 * Assigns every usable row to training or testing. A split stated by the source is kept. If file and folder names state
 * only training data, a share of it is held out, as if they stated nothing.
 */
export async function settleSplits(staging: Staging, request: ImportRequest): Promise<string[]> {
  const rows: { position: number; imageSha256: string; given: Split | null; group: string | null }[] = [];
  let named = false;
  let stated = false;
  for await (const row of staging.ready()) {
    const group = request.splitBy === undefined ? null : groupValue(toSample(row), request.splitBy);
    named ||= row.values.isSplitNamed;
    stated ||= row.values.split !== null && (row.values.split === 'test' || !row.values.isSplitNamed);
    rows.push({ position: row.position, imageSha256: row.sha256, given: row.values.split, group });
  }
  const warnings: string[] = [];
  if (named && !stated) {
    for (const row of rows) row.given = null;
    if (request.testShare > 0)
      warnings.push(
        `The source holds only training data; ${Math.round(request.testShare * 100)} % of it is held out for testing.`,
      );
  }
  let splits: Split[];
  if (request.splitBy === undefined) splits = assignSplits(rows, request.testShare, request.seed);
  else {
    if (rows.some((row) => row.given !== null))
      warnings.push(`The table's own split was not used: the samples were split by ${request.splitBy}.`);
    const empty = rows.filter((row) => row.group === null).length;
    if (empty > 0)
      warnings.push(
        `${empty} of ${rows.length} rows ${empty === 1 ? 'has' : 'have'} nothing in "${request.splitBy}"; each such image counts as a group of its own.`,
      );
    const made = splitByGroup(rows, [], request.testShare, request.seed);
    if (made.groups < 2 && request.testShare > 0)
      warnings.push(`Everything has the same "${request.splitBy}", so nothing could be held out.`);
    splits = made.splits;
  }
  await staging.setSplits(rows.map(({ position }, index) => ({ position, split: splits[index] ?? 'train' })));
  return warnings;
}

export type Alike = {
  nearDuplicates: number;
  leakage: ImportReport['leakage'];
  warnings: string[];
  /** The first of those that look alike, each after the one that it looks like. */
  shown: Glimpsed[];
};

const NAMED = 3;
const MOST_SHOWN = 24;

/** @param optedOut perceptual hashes of images that opted out in earlier imports */
export async function findAlike(staging: Staging, optedOut: readonly StoredHash[]): Promise<Alike> {
  const sides = await staging.splitsOfImages();
  const index = createHashIndex<{ sha256: string; dhash: string; detail: number; tones: Uint8Array; name: string }>();
  const refusals = createHashIndex<StoredHash & { name?: string }>();
  for (const look of optedOut) refusals.add(look);
  const leaking = new Set<string>();
  const near: string[] = [];
  const shown = new Map<string, Glimpsed>();
  let nearDuplicates = 0;
  for await (const { sha256, dhash, detail, tones, name } of staging.pictures()) {
    const entry = { sha256, dhash, detail, tones, name };
    const alike = index.near(entry);
    if (alike.length > 0) {
      nearDuplicates += 1;
      for (const each of [alike[0]?.entry, entry])
        if (each !== undefined && shown.size < MOST_SHOWN)
          shown.set(each.sha256, { group: 'alike', name: each.name, sha256: each.sha256 });
      if (near.length < NAMED) near.push(`${name} and ${alike[0]?.entry.name ?? ''}`);
    }
    const own = sides.get(sha256) ?? new Set<Split>();
    for (const { entry: other } of alike) {
      const theirs = sides.get(other.sha256) ?? new Set<Split>();
      if (own.has('test') && theirs.has('train')) leaking.add(sha256);
      if (own.has('train') && theirs.has('test')) leaking.add(other.sha256);
    }
    index.add(entry);
  }
  for await (const picture of staging.pictures()) if (picture.optedOut) refusals.add(picture);
  const doubtful: string[] = [];
  let doubts = 0;
  for await (const picture of staging.pictures()) {
    if (picture.optedOut) continue;
    const [refusal] = refusals.near(picture);
    if (refusal === undefined) continue;
    doubts += 1;
    if (doubtful.length < NAMED) doubtful.push(picture.name);
  }
  const same = [...sides.values()].filter((split) => split.size > 1).length;
  const leakage = { same, near: leaking.size };
  return {
    nearDuplicates,
    leakage,
    shown: [...shown.values()],
    warnings: [
      ...(doubts === 0
        ? []
        : [
            `A very similar image says no to training, although these bytes say nothing: ${count(doubts)} (${list(doubtful, doubts)}). Look whether they are copies; nothing was left out for this.`,
          ]),
      ...(leakage.near === 0
        ? []
        : [
            `${count(leakage.near)} held out for the test look${leakage.near === 1 ? 's' : ''} like an image that trains: a test on them may say too much. Splitting anew keeps similar images together.`,
          ]),
      ...(nearDuplicates === 0
        ? []
        : [
            `${count(nearDuplicates)} look${nearDuplicates === 1 ? 's' : ''} like an earlier one, such as ${list(near, nearDuplicates)}.`,
          ]),
    ],
  };
}

function count(images: number): string {
  return images === 1 ? '1 image' : `${images} images`;
}

function list(names: readonly string[], total: number): string {
  return `${names.join(', ')}${total > names.length ? ` and ${total - names.length} more` : ''}`;
}
