/** @file Turns image hashes into the references that a screen needs to show the images. */
import type { DatasetId, ImageCause, ImageRef, Sample } from '../../contract/api/index.ts';
import { MAX_NAMED_IMAGES, SampleId } from '../../contract/api/index.ts';
import type { ManifestRow } from '../../provenance/documents/manifest.ts';

/** Maps an image's hash to a sample that shows it. */
export type ImageIndex = ReadonlyMap<string, ImageRef>;

export function indexImages(samples: readonly Sample[]): ImageIndex {
  const index = new Map<string, ImageRef>();
  for (const { imageSha256, id, datasetId, imageName } of samples) {
    if (!index.has(imageSha256)) index.set(imageSha256, { imageSha256, sampleId: id, datasetId, name: imageName });
  }
  return index;
}

/** Counts all images and lists the first few. */
export function causeOf(imageIds: readonly string[], index: ImageIndex): ImageCause {
  const shown = imageIds.flatMap((id) => index.get(id) ?? []).slice(0, MAX_NAMED_IMAGES);
  return { count: imageIds.length, shown };
}

/** The image in a manifest row. */
export function refOf(row: ManifestRow, datasetId: DatasetId): ImageRef {
  return {
    imageSha256: row.imageSha256,
    sampleId: SampleId.parse(row.samples[0]?.id ?? row.imageSha256),
    datasetId,
    name: row.names[0] ?? row.imageSha256,
  };
}
