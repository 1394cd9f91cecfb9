/** @file A picture of a question as the page shows it. */
import { keptUrl, mediaUrl, type ThumbnailSize } from '../../api/media.ts';
import { messages } from '../../messages/index.ts';
import type { Picture } from './playground.svelte.ts';

export interface ShownPicture {
  url: string;
  alt: string;
}

export function shownPicture(picture: Picture, size?: ThumbnailSize): ShownPicture {
  if (picture.kind === 'kept')
    return { url: keptUrl(picture.sha256, size), alt: messages.playground.ownAlt(picture.name) };
  const { datasetId, id, prompt } = picture.sample;
  return { url: mediaUrl(datasetId, id, size), alt: messages.dataset.sampleAlt(prompt) };
}
