/** @file Image addresses, made from dataset and sample ids, never from paths. */
import type { DatasetId, SampleId } from '../../../electron/contract/api/index.ts';

/** Thumbnail widths that the studio provides; absent = the image as imported. */
export type ThumbnailSize = 160 | 480;

/** The URL to load an image from, in the desktop app or in a browser. */
export function mediaUrl(datasetId: DatasetId, sampleId: SampleId, size?: ThumbnailSize): string {
  const path = `${encodeURIComponent(datasetId)}/${encodeURIComponent(sampleId)}`;
  const query = size === undefined ? '' : `?size=${String(size)}`;
  return isDesktop() ? `media://${path}${query}` : `/media/${path}${query}`;
}

function isDesktop(): boolean {
  return typeof window !== 'undefined' && window.studio !== undefined;
}
