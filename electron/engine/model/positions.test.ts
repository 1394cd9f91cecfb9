/** @file Position ids of text and images, exactly as the reference's get_rope_index gives them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Grid } from './image-processor.ts';
import { leftPaddedPositions, ropeIndex } from './positions.ts';

interface GoldenRope {
  input_ids: number[][];
  attention_mask: number[][];
  image_grid_thw: [number, number, number][];
  position_ids: number[][][];
  rope_deltas: number[];
}

const TINY = fileURLToPath(new URL('../fixtures/qwen2vl-tiny/', import.meta.url));
const GOLDEN = JSON.parse(readFileSync(join(TINY, 'golden/rope.json'), 'utf8')) as Record<string, GoldenRope>;
const CONFIG = { imageTokenId: 318, vision: { spatialMergeSize: 2 } };

describe('ropeIndex', () => {
  it.each(Object.entries(GOLDEN))('agrees on %s', (_, golden) => {
    const length = golden.input_ids[0]!.length;
    const grids: Grid[] = [...golden.image_grid_thw];
    const rows = golden.input_ids.map((ids, row) => {
      const own = ids.filter((_id, column) => golden.attention_mask[row]![column] === 1);
      // The grids of all rows stand in one list; a row takes as many as it has runs of image tokens.
      const images = own.filter((id, i) => id === CONFIG.imageTokenId && own[i - 1] !== CONFIG.imageTokenId).length;
      return ropeIndex(own, grids.splice(0, images), CONFIG);
    });
    const { positions, deltas } = leftPaddedPositions(rows, length);
    expect([...positions]).toEqual(golden.position_ids.flat(2));
    expect([...deltas]).toEqual(golden.rope_deltas);
  });

  it('continues after an image from its longer side', () => {
    const image = (count: number): number[] => new Array<number>(count).fill(318);
    const ids = [1, 2, 315, ...image(6), 316, 3, 4, 315, ...image(4), 316, 5];
    const { positions, delta } = ropeIndex(
      ids,
      [
        [1, 4, 6],
        [1, 4, 4],
      ],
      CONFIG,
    );
    const axis = (index: number): number[] => [...positions.subarray(index * ids.length, (index + 1) * ids.length)];
    expect(axis(0)).toEqual([0, 1, 2, 3, 3, 3, 3, 3, 3, 6, 7, 8, 9, 10, 10, 10, 10, 12, 13]);
    expect(axis(1).slice(3, 9)).toEqual([3, 3, 3, 4, 4, 4]);
    expect(axis(2).slice(13, 17)).toEqual([10, 11, 10, 11]);
    expect(delta).toBe(-5);
  });

  it('counts plain text on all axes', () => {
    const { positions, delta } = ropeIndex([7, 8, 9], [], CONFIG);
    expect([[...positions], delta]).toEqual([[0, 1, 2, 0, 1, 2, 0, 1, 2], 0]);
  });

  it.each<[string, number[], Grid[], RegExp]>([
    ['fewer images than places', [318, 318, 318, 318], [], /belong to no image/],
    ['more images than places', [1, 2], [[1, 4, 4]], /the prompt has places for 0 images, but 1 were given/],
    ['too few image tokens', [318, 318, 1], [[1, 4, 4]], /image 1 needs 4 image tokens and has 2/],
    ['too many image tokens', [318, 318, 318, 318, 318], [[1, 4, 4]], /position 4 belong to no image/],
    ['a grid that cannot be merged', [318], [[1, 3, 2]], /impossible grid/],
  ])('refuses %s', (_, ids, grids, message) => {
    expect(() => ropeIndex(ids, grids, CONFIG)).toThrow(message);
  });

  it('refuses a prompt that does not fit the padded length', () => {
    expect(() => leftPaddedPositions([ropeIndex([1, 2, 3], [], CONFIG)], 2)).toThrow(/3 tokens does not fit into 2/);
  });
});
