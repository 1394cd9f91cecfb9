/** @file A grid of fifty thousand tiles holds only those in view. */
import { describe, expect, it } from 'vitest';
import { gridWindow, movedIndex } from './virtual-window.ts';

describe('gridWindow', () => {
  it('keeps few tiles alive anywhere in 50,000', () => {
    const grid = gridWindow(50_000, 160, 0, 8, 1000, 700, 400_000);
    expect(grid.columns).toBe(6);
    expect(grid.last - grid.first).toBeLessThanOrEqual(9 * 6);
    expect(grid.tileHeightPx).toBe(160);
    expect(grid.first).toBeLessThan(Math.floor(400_000 / 168) * 6);
    expect(grid.last).toBeGreaterThan(Math.ceil(400_700 / 168) * 6);
  });

  it('shows all of a short list and nothing of an empty one, in any width', () => {
    expect(gridWindow(3, 160, 20, 8, 1000, 700, 0)).toMatchObject({ first: 0, last: 3, rows: 1, heightPx: 180 });
    expect(gridWindow(0, 160, 20, 8, 1000, 700, 0)).toMatchObject({ first: 0, last: 0, heightPx: 0 });
    expect(gridWindow(5, 160, 20, 8, 20, 700, 0).columns).toBe(1);
  });
});

describe('movedIndex', () => {
  it('moves by one, by a row, to the ends, and stays inside', () => {
    expect(movedIndex('ArrowDown', 4, 100, 6, 4)).toBe(10);
    expect(movedIndex('ArrowUp', 4, 100, 6, 4)).toBe(0);
    expect(movedIndex('End', 4, 100, 6, 4)).toBe(99);
    expect(movedIndex('a', 4, 100, 6, 4)).toBeUndefined();
  });
});
