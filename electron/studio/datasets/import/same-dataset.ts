/** @file Finds the dataset that an import would only repeat, so that the same folder is not imported twice. */
import type { DatasetSummary, ImportRequest } from '../../../contract/model/datasets.ts';
import { batches } from '../../../store/connection/batches.ts';
import { canonicalJson } from '../../../store/connection/canonical.ts';
import type { Store } from '../../../store/connection/open.ts';
import type { ImportPlan } from './plan.ts';

/**
 * The dataset made from the same table or folder, with the same samples, and with the same statements about the pictures in
 * them and in the files beside them. Another name asks for a dataset of its own. Call it in the transaction that would write.
 */
export async function sameDataset(
  store: Pick<Store, 'datasets' | 'signals'>,
  { name, orientation, unknownUse }: ImportRequest,
  { report, snapshotSha256, staging }: Pick<ImportPlan, 'report' | 'snapshotSha256' | 'staging'>,
): Promise<DatasetSummary | undefined> {
  for (const dataset of await store.datasets.findBySnapshot(snapshotSha256)) {
    const isAlike =
      dataset.origin === report.table &&
      dataset.orientation === orientation &&
      dataset.unknownUse === unknownUse &&
      (name === undefined || name === dataset.name);
    if (isAlike && (await saysTheSame(store.signals, dataset, staging))) return dataset;
  }
  return undefined;
}

async function saysTheSame(
  signals: Store['signals'],
  { id }: DatasetSummary,
  staging: ImportPlan['staging'],
): Promise<boolean> {
  const named = (files: readonly { name: string; sha256: string }[]): string =>
    files
      .map(({ name, sha256 }) => `${sha256} ${name}`)
      .sort()
      .join('\n');
  if (named(await signals.evidenceOf(id)) !== named(await staging.evidence())) return false;
  for await (const pictures of batches(staging.pictures())) {
    const known = await signals.saidBy(
      id,
      pictures.map(({ sha256 }) => sha256),
    );
    for (const { sha256, statement } of pictures)
      if (canonicalJson(statement?.signals ?? []) !== canonicalJson(known.get(sha256) ?? [])) return false;
  }
  return true;
}
