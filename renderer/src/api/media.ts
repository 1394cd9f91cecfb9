/** @file The address of an image: by dataset and sample id, never by path. */
import type { DatasetId, SampleId } from '../../../electron/contract/api/index.ts';

/** Widths that the studio makes thumbnails for; absent = the image as it was imported. */
export type ThumbnailSize = 160 | 480;

/** Where an image can be loaded from, in the desktop app or in a browser. */
export function mediaUrl(datasetId: DatasetId, sampleId: SampleId, size?: ThumbnailSize): string {
  const path = `${encodeURIComponent(datasetId)}/${encodeURIComponent(sampleId)}`;
  const query = size === undefined ? '' : `?size=${String(size)}`;
  return isDesktop() ? `media://${path}${query}` : `/media/${path}${query}`;
}

function isDesktop(): boolean {
  return typeof window !== 'undefined' && window.studio !== undefined;
}
