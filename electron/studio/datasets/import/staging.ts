/** @file The staging of one import: the store's staging database in a temporary folder, with the studio's types. */
import { join } from 'node:path';
import type { ImageReading, ImageStatement } from '../../../provenance/signals/read-image.ts';
import type * as staged from '../../../store/import/staged.ts';
import { openStagingStore, type StagingStore } from '../../../store/import/staging.ts';
import { makeTemporary, removeTemporary } from '../../../formats/temporary-folder.ts';
import type { RowValues } from './row-values.ts';

export type Picture = staged.Picture<ImageReading>;
export type StagedRow = staged.StagedRow<RowValues>;
export type ReadyRow = staged.ReadyRow<RowValues, ImageStatement>;
type Types = { values: RowValues; reading: ImageReading; statement: ImageStatement };
export type Staging = StagingStore<Types>;

/** `close` removes all staged data. */
export async function openStaging(): Promise<Staging> {
  const folder = await makeTemporary('import');
  try {
    const staging = await openStagingStore<Types>(join(folder, 'staging.sqlite'));
    return {
      ...staging,
      async close() {
        await staging.close();
        await removeTemporary(folder);
      },
    };
  } catch (error) {
    await removeTemporary(folder);
    throw error;
  }
}
