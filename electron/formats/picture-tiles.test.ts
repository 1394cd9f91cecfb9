/** @file Tiles: sizes, cuts and texts as transformers makes them, and what a limit of pixels means for them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maxPixelsOf } from '../method/detail.ts';
import { edgeWithin, mostTiles } from '../method/tiles.ts';
import { cutTiles, planTiles, tileText } from './picture-tiles.ts';
import { seenSize } from './seen-size.ts';

interface Golden {
  plans: {
    tile: number;
    edge: number;
    width: number;
    height: number;
    resized: [number, number];
    fitted: [number, number];
    rows: number;
    columns: number;
  }[];
  texts: Record<string, string>;
}
const GOLDEN = JSON.parse(
  readFileSync(new URL('../engine/fixtures/families/tiles.json', import.meta.url), 'utf8'),
) as Golden;

/** SmolVLM-256M: 64 tokens for each tile of 512 × 512 pixels. */
const SMALL = { side: 512, longestEdge: 2048, split: true };
const LIMITS = { minPixels: 512 ** 2, maxPixels: 17 * 512 ** 2, pixelsPerToken: 4096, tiles: SMALL };

describe('a plan', () => {
  it.each(GOLDEN.plans)('of $width × $height at $edge in tiles of $tile is that of transformers', (golden) => {
    const { width, height, tile, edge } = golden;
    const plan = planTiles({ width, height }, { side: tile, longestEdge: edge, split: true }, edge);
    const { resized, fitted, rows, columns } = plan;
    expect({ resized: [resized.width, resized.height], fitted: [fitted.width, fitted.height], rows, columns }).toEqual({
      resized: golden.resized,
      fitted: golden.fitted,
      rows: golden.rows,
      columns: golden.columns,
    });
  });

  it('without splitting is one tile', () => {
    const plan = planTiles({ width: 900, height: 300 }, { ...SMALL, split: false }, 2048);
    expect(plan).toEqual({
      resized: { width: 2048, height: 682 },
      fitted: { width: 512, height: 512 },
      rows: 0,
      columns: 0,
    });
  });

  it('of a picture that is far too thin is refused', () => {
    expect(() => planTiles({ width: 3, height: 20_000 }, SMALL, 2048)).toThrow(/3 × 20000 pixels is too long and thin/);
  });
});

it.each(Object.entries(GOLDEN.texts))('the text of %s tiles is that of transformers', (name, text) => {
  const [rows = 0, columns = 0] = name.split('x').map(Number);
  expect(tileText({ rows, columns }, '<image>', 3)).toBe(text);
});

it('tiles are cut row by row, and the whole picture comes last', () => {
  const rgb = Uint8Array.from({ length: 4 * 2 * 3 }, (_, index) => (index % 12 < 6 ? 10 : 200));
  const plan = { resized: { width: 4, height: 2 }, fitted: { width: 4, height: 2 }, rows: 1, columns: 2 };
  const [left, right, whole, ...more] = cutTiles({ width: 4, height: 2, rgb }, plan, 2);
  expect(left?.rgb).toEqual(new Uint8Array(12).fill(10));
  expect(right?.rgb).toEqual(new Uint8Array(12).fill(200));
  expect([whole?.width, whole?.height, more.length]).toEqual([2, 2, 0]);
});

describe('a limit of pixels', () => {
  it.each([
    ['low', 1, 512],
    ['medium', 10, 1536],
    ['high', 17, 2048],
    ['original', 17, 2048],
  ] as const)('of detail %s allows %i tiles at a length of %i', (level, tiles, edge) => {
    const pixels = maxPixelsOf(level, LIMITS);
    expect(pixels).toBe(tiles * 512 ** 2);
    expect(edgeWithin(SMALL, LIMITS.minPixels, pixels)).toBe(edge);
    expect(mostTiles(edge, SMALL)).toBe(tiles);
    expect(seenSize({ width: 3000, height: 3000 }, { ...LIMITS, maxPixels: pixels }).tokens).toBe(64 * tiles);
  });

  it('counts fewer tokens for a picture that is wide', () => {
    expect(seenSize({ width: 2000, height: 500 }, LIMITS).tokens).toBe(64 * 5);
  });
});
