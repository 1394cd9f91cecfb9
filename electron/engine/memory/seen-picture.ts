/** @file The picture that decides how much memory a job needs: the one with the most image tokens. */
import type { SeenPicture } from '../../contract/engine/memory.ts';
import { imageTokenCount, type Grid } from '../model/image-processor.ts';
import { shownSize, type Processor } from '../policy/processor.ts';
import type { PreparedPrompt } from '../training/batch.ts';

/** Where a prompt's images come from. */
export interface PictureSource {
  images: readonly { path: string; name?: string | undefined }[];
  upright: boolean;
}

/**
 * @param sources of the prompts' images, in the order of the prompts
 * @returns undefined if no prompt has an image
 */
export async function largestPicture(
  processor: Processor,
  prompts: readonly Pick<PreparedPrompt, 'images'>[],
  sources: readonly PictureSource[],
): Promise<SeenPicture | undefined> {
  let largest: { grid: Grid; path: string; name: string | undefined; upright: boolean } | undefined;
  for (const [index, { images }] of prompts.entries()) {
    for (const [place, { grid }] of images.entries()) {
      const source = sources[index];
      const image = source?.images[place];
      if (source === undefined || image === undefined) continue;
      if (largest === undefined || patchesOf(grid) > patchesOf(largest.grid))
        largest = { grid, ...image, name: image.name, upright: source.upright };
    }
  }
  if (largest === undefined) return undefined;
  const { patchSize, mergeSize } = processor.imageOptions;
  const [, rows, columns] = largest.grid;
  return {
    name: largest.name ?? largest.path,
    ...(await shownSize(largest.path, largest.upright)),
    seenWidth: columns * patchSize,
    seenHeight: rows * patchSize,
    tokens: imageTokenCount(largest.grid, mergeSize),
  };
}

function patchesOf([frames, rows, columns]: Grid): number {
  return frames * rows * columns;
}
