/** @file Splits a dataset again into train and test: by seed, or keeping each author, source or scene on one side. */
import type { SplitRequest, SplitResult } from '../../../contract/model/curation.ts';
import type { Sample } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { percent } from '../../../reporting/figures.ts';
import { NEAR_BITS } from '../../../formats/perceptual-hash.ts';
import { alikePairs, ensurePerceptualHashes } from '../analysis/duplicates.ts';
import { applyChange, type EditStore } from './edit.ts';
import { groupColumns, groupValue } from '../import/group-columns.ts';
import { splitByGroup } from './grouped-split.ts';
import { counted } from '../../../method/counted.ts';

/** A share this far from the requested one deserves a mention. */
const TELLING_DIFFERENCE = 0.05;

/** @throws AtelierError BAD_INPUT if the column does not exist or puts everything in one group */
export async function splitDataset(store: EditStore, request: SplitRequest): Promise<SplitResult> {
  const { datasetId, by, testShare, seed, keepSimilarTogether, dryRun } = request;
  await ensurePerceptualHashes(store, [datasetId]);
  return await store.transaction(async () => {
    const samples = await store.datasets.allSamples(datasetId);
    if (by.kind === 'group') checkColumn(samples, by.column);
    const together = keepSimilarTogether
      ? alikePairs(await store.perceptualHashes.ofDatasets([datasetId]), NEAR_BITS).pairs
      : [];
    const items = samples.map((sample) => ({
      imageSha256: sample.imageSha256,
      group: by.kind === 'group' ? groupValue(sample, by.column) : null,
    }));
    const { splits, groups, testShare: share } = splitByGroup(items, together, testShare, seed);
    if (groups < 2 && testShare > 0) {
      throw new AtelierError('BAD_INPUT', 'All samples belong together, so none can be held out.', {
        place: { field: by.kind === 'group' ? 'by.column' : 'by' },
        remedy: 'Group by another column, or by none.',
      });
    }
    const test = splits.filter((split) => split === 'test').length;
    const figures = { train: splits.length - test, test, groups, warnings: warningsFor(samples, request, share) };
    if (dryRun) {
      const changed = samples.filter((sample, index) => sample.split !== splits[index]).length;
      return { edit: null, changed, dataset: await store.datasets.get(datasetId), ...figures };
    }
    const splitOf = new Map(samples.map((sample, index) => [sample.id, splits[index] ?? 'train']));
    const result = await applyChange(store, datasetId, {
      kind: 'split',
      fields: ['split'],
      note: null,
      summary: (count) =>
        `Split ${by.kind === 'group' ? `by ${by.column}` : 'by seed'} (seed ${seed}): ${figures.train} train, ${test} test; ${counted(count, 'sample')} changed sides.`,
      change: (sample) => ({ ...sample, split: splitOf.get(sample.id) ?? sample.split }),
    });
    return { ...result, ...figures };
  });
}

function checkColumn(samples: readonly Sample[], column: string): void {
  const columns = groupColumns(samples).map(({ name }) => name);
  if (columns.includes(column)) return;
  throw new AtelierError('BAD_INPUT', `No sample has anything in "${column}" to group by.`, {
    place: { field: 'by.column' },
    remedy: columns.length === 0 ? 'Split by seed.' : `Use one of: ${columns.join(', ')}.`,
  });
}

function warningsFor(samples: readonly Sample[], { by, testShare }: SplitRequest, share: number): string[] {
  const warnings: string[] = [];
  if (Math.abs(share - testShare) > TELLING_DIFFERENCE) {
    warnings.push(
      `${percent(share)} of the samples are held out instead of ${percent(testShare)}: what belongs together could not be divided further.`,
    );
  }
  if (by.kind === 'group') {
    const empty = samples.filter((sample) => groupValue(sample, by.column) === null).length;
    if (empty > 0)
      warnings.push(
        `${empty} of ${samples.length} samples ${empty === 1 ? 'has' : 'have'} nothing in "${by.column}"; each such image was taken for a group of its own.`,
      );
  }
  return warnings;
}
