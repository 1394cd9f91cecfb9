import { describe, expect, it } from 'vitest';
import { cellsOfPictures, tokenAttention } from './picture-cells.ts';
import type { PreparedPrompt } from '../policy/processor.ts';

const IMAGE = 9;
const config = { imageTokenId: IMAGE, vision: { spatialMergeSize: 2 } } as Parameters<typeof cellsOfPictures>[1];

function prompt(
  inputIds: number[],
  grids: [number, number][],
  tiles: { rows: number; columns: number }[],
): PreparedPrompt {
  const counts = tiles.map(({ rows, columns }) => rows * columns + 1);
  const images = grids.map(([rows, columns]) => ({ grid: [1, rows, columns] }));
  return { inputIds, images, imagesOfPictures: counts, tilesOfPictures: tiles } as unknown as PreparedPrompt;
}

describe('the cells of pictures', () => {
  it('are the merged tokens of each, row by row', () => {
    const ids = [1, ...Array.from({ length: 6 }, () => IMAGE), 2, IMAGE, IMAGE, 3];
    const none = { rows: 0, columns: 0 };
    const cells = cellsOfPictures(
      prompt(
        ids,
        [
          [4, 6],
          [2, 4],
        ],
        [none, none],
      ),
      config,
    );
    expect(cells.map(({ rows, columns }) => [rows, columns])).toEqual([
      [2, 3],
      [1, 2],
    ]);
    const weights = Float32Array.from(ids, (_, place) =>
      place === 4 ? 0.5 : place === 9 ? 0.25 : place === 0 ? 0.125 : 0,
    );
    expect(tokenAttention(weights, cells)).toEqual({
      pictures: [
        [0, 0, 0, 0.5, 0, 0],
        [0, 0.25],
      ],
      picture: 0.75,
      prompt: 0.125,
      answer: 0.125,
    });
  });

  it('of a picture in tiles join the tiles, and divide the whole among them', () => {
    // One row of two tiles of 2 × 2 cells each, and the whole in 2 × 2.
    const ids = [...Array.from({ length: 4 }, () => IMAGE), 1, ...Array.from({ length: 8 }, () => IMAGE)];
    const [cells] = cellsOfPictures(
      prompt(
        ids,
        [
          [4, 4],
          [4, 4],
          [4, 4],
        ],
        [{ rows: 1, columns: 2 }],
      ),
      config,
    );
    expect([cells?.rows, cells?.columns]).toEqual([2, 4]);
    const at = (place: number): number[] =>
      tokenAttention(
        Float32Array.from(ids, (_, each) => (each === place ? 1 : 0)),
        [cells!],
      ).pictures[0]!;
    expect(at(2)).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
    expect(at(5)).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    expect(at(12)).toEqual([0, 0, 0, 0, 0, 0, 0.5, 0.5].map((value, index) => (index >= 6 ? 0.5 : value)));
    expect(at(9)).toEqual([0.5, 0.5, 0, 0, 0, 0, 0, 0]);
  });
});
