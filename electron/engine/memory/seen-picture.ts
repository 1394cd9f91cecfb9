/** @file The picture that decides how much memory a job needs: the one with the most image tokens. */
import type { SeenPicture } from '../../contract/engine/memory.ts';
import { seenSize } from '../../formats/seen-size.ts';
import { limitsOf } from '../model/image-processor.ts';
import { shownSize, type Processor } from '../policy/processor.ts';
import type { PreparedPrompt } from '../training/batch.ts';

/** Where a prompt's images come from. */
export interface PictureSource {
  images: readonly { path: string; name?: string | undefined }[];
  upright: boolean;
}

/**
 * @param sources of the prompts' pictures, in the order of the prompts
 * @returns undefined if no prompt has a picture
 */
export async function largestPicture(
  processor: Processor,
  prompts: readonly Pick<PreparedPrompt, 'images' | 'imagesOfPictures'>[],
  sources: readonly PictureSource[],
): Promise<SeenPicture | undefined> {
  let largest: { patches: number; path: string; name: string | undefined; upright: boolean } | undefined;
  for (const [index, { images, imagesOfPictures }] of prompts.entries()) {
    let first = 0;
    for (const [place, picture] of (sources[index]?.images ?? []).entries()) {
      const own = images.slice(first, (first += imagesOfPictures?.[place] ?? 1));
      const patches = own.reduce((sum, { grid }) => sum + grid[0] * grid[1] * grid[2], 0);
      if (patches > (largest?.patches ?? 0))
        largest = { patches, ...picture, name: picture.name, upright: sources[index]?.upright ?? false };
    }
  }
  if (largest === undefined) return undefined;
  const size = await shownSize(largest.path, largest.upright);
  const seen = seenSize(size, limitsOf(processor.imageOptions));
  return {
    name: largest.name ?? largest.path,
    ...size,
    seenWidth: seen.width,
    seenHeight: seen.height,
    tokens: seen.tokens,
  };
}
