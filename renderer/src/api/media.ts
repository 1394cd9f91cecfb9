/** @file Image addresses, made from dataset and sample ids, never from paths. */
import type { DatasetId, ModelId, SampleId, SheetId } from '../../../electron/contract/api/index.ts';

/** Thumbnail widths that the studio provides; absent = the image as imported. */
export type ThumbnailSize = 160 | 480;

/** The URL to load an image from, in the desktop app or in a browser. */
export function mediaUrl(datasetId: DatasetId, sampleId: SampleId, size?: ThumbnailSize): string {
  const path = `${encodeURIComponent(datasetId)}/${encodeURIComponent(sampleId)}`;
  return urlOf(path, size === undefined ? '' : `?size=${String(size)}`);
}

/** The URL of a picture that is being labelled. */
export function labelUrl(sheetId: SheetId, position: number, size?: ThumbnailSize): string {
  return urlOf(`${encodeURIComponent(sheetId)}/${String(position)}`, size === undefined ? '' : `?size=${String(size)}`);
}

/** The URL of a picture that was brought to the playground. */
export function keptUrl(sha256: string, size?: ThumbnailSize): string {
  return urlOf(`playground/${encodeURIComponent(sha256)}`, size === undefined ? '' : `?size=${String(size)}`);
}

/** The URL of an image as a model sees it when it is limited to so many pixels. */
export function seenUrl(datasetId: DatasetId, sampleId: SampleId, modelId: ModelId, maxPixels: number): string {
  const path = `${encodeURIComponent(datasetId)}/${encodeURIComponent(sampleId)}`;
  return urlOf(path, `?pixels=${String(maxPixels)}&model=${encodeURIComponent(modelId)}`);
}

function urlOf(path: string, query: string): string {
  return isDesktop() ? `media://${path}${query}` : `/media/${mediaKey()}/${path}${query}`;
}

/** The host gives images only to addresses with the key that it handed to this page (web-host/security.ts). */
function mediaKey(): string {
  const key = typeof localStorage === 'undefined' ? null : localStorage.getItem('atelier-media-key');
  return key ?? 'none';
}

function isDesktop(): boolean {
  return typeof window !== 'undefined' && window.studio !== undefined;
}
