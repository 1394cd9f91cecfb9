/**
 * @file From the places of a prompt to the cells of its pictures. A picture that is cut into tiles is seen twice, in its
 * tiles and as a whole; the weight of each token of the whole is divided among the cells that it covers.
 */
import type { TokenAttention } from '../../contract/model/attention.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import { imageTokenCount } from '../model/image-processor.ts';
import type { PreparedPrompt } from '../policy/processor.ts';

export interface PictureCells {
  rows: number;
  columns: number;
  /** Places in the prompt, and the cells that the weight of each is divided among. */
  spread: { place: number; cells: number[] }[];
}

/** The cells of each picture of a prompt. */
export function cellsOfPictures(
  { inputIds, images, imagesOfPictures, tilesOfPictures }: PreparedPrompt,
  config: Pick<ModelConfig, 'imageTokenId' | 'vision'>,
): PictureCells[] {
  const merge = config.vision.spatialMergeSize;
  const places = inputIds.flatMap((id, place) => (id === config.imageTokenId ? [place] : []));
  let next = 0;
  let image = 0;
  return imagesOfPictures.map((count, picture) => {
    const parts = images.slice(image, image + count).map(({ grid }) => {
      const size = imageTokenCount(grid, merge);
      const own = places.slice(next, next + size);
      next += size;
      return { rows: grid[1] / merge, columns: grid[2] / merge, places: own };
    });
    image += count;
    return together(parts, tilesOfPictures[picture] ?? { rows: 0, columns: 0 });
  });
}

interface Part {
  rows: number;
  columns: number;
  places: readonly number[];
}

function together(parts: readonly Part[], tiles: { rows: number; columns: number }): PictureCells {
  const whole = parts.at(-1) as Part;
  if (tiles.rows === 0) {
    const { rows, columns } = whole;
    return { rows, columns, spread: whole.places.map((place, cell) => ({ place, cells: [cell] })) };
  }
  const [first] = parts as [Part];
  const rows = tiles.rows * first.rows;
  const columns = tiles.columns * first.columns;
  const spread = parts.slice(0, -1).flatMap((tile, index) => {
    const top = Math.floor(index / tiles.columns) * first.rows;
    const left = (index % tiles.columns) * first.columns;
    return tile.places.map((place, cell) => ({
      place,
      cells: [(top + Math.floor(cell / first.columns)) * columns + left + (cell % first.columns)],
    }));
  });
  // The whole has as many tokens as a tile, so each stands for as many cells as there are tiles.
  const covered = whole.places.map((place, cell) => {
    const top = Math.floor(cell / whole.columns) * tiles.rows;
    const left = (cell % whole.columns) * tiles.columns;
    const cells = Array.from({ length: tiles.rows * tiles.columns }, (_, index) => {
      const row = top + Math.floor(index / tiles.columns);
      return row * columns + left + (index % tiles.columns);
    });
    return { place, cells };
  });
  return { rows, columns, spread: [...spread, ...covered] };
}

/** @param weights of each place of the prompt */
export function tokenAttention(weights: Float32Array, pictures: readonly PictureCells[]): TokenAttention {
  let picture = 0;
  const shown = pictures.map(({ rows, columns, spread }) => {
    const values = new Array<number>(rows * columns).fill(0);
    for (const { place, cells } of spread) {
      const weight = weights[place] ?? 0;
      picture += weight;
      for (const cell of cells) values[cell] = (values[cell] ?? 0) + weight / cells.length;
    }
    return values.map(rounded);
  });
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    pictures: shown,
    picture: rounded(picture),
    prompt: rounded(Math.max(0, all - picture)),
    answer: rounded(Math.max(0, 1 - all)),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
