/** @file From image hashes to what a screen needs to show them. */
import type { DatasetId, ImageCause, ImageRef, Sample } from '../../contract/api/index.ts';
import { MAX_NAMED_IMAGES, SampleId } from '../../contract/api/index.ts';
import type { ManifestRow } from '../../provenance/documents/manifest.ts';

/** A way from an image's hash to a sample that shows it. */
export type ImageIndex = ReadonlyMap<string, ImageRef>;

export function indexImages(samples: readonly Sample[]): ImageIndex {
  const index = new Map<string, ImageRef>();
  for (const { imageSha256, id, datasetId, imageName } of samples) {
    if (!index.has(imageSha256)) index.set(imageSha256, { imageSha256, sampleId: id, datasetId, name: imageName });
  }
  return index;
}

/** Counts all, names the first. */
export function causeOf(imageIds: readonly string[], index: ImageIndex): ImageCause {
  const shown = imageIds.flatMap((id) => index.get(id) ?? []).slice(0, MAX_NAMED_IMAGES);
  return { count: imageIds.length, shown };
}

/** The image of a manifest's row. */
export function refOf(row: ManifestRow, datasetId: DatasetId): ImageRef {
  return {
    imageSha256: row.imageSha256,
    sampleId: SampleId.parse(row.samples[0]?.id ?? row.imageSha256),
    datasetId,
    name: row.names[0] ?? row.imageSha256,
  };
}
