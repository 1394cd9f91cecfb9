/** @file Which tiles of a long grid are in view. */

export type GridWindow = { columns: number; rows: number; heightPx: number; first: number; last: number; offsetPx: number };

/**
 * Fixed tiles of `tilePx` plus gap in a box of `widthPx` × `viewPx`, scrolled by `scrollPx`.
 * Gives the tiles first…last (exclusive) that must exist, with one row spare above and two below.
 */
export function gridWindow(
  count: number,
  tilePx: number,
  gapPx: number,
  widthPx: number,
  viewPx: number,
  scrollPx: number,
): GridWindow {
  const pitch = tilePx + gapPx;
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / pitch));
  const rows = Math.ceil(count / columns);
  const firstRow = Math.max(0, Math.min(rows - 1, Math.floor(scrollPx / pitch)) - 1);
  const lastRow = Math.min(rows, Math.ceil((scrollPx + viewPx) / pitch) + 2);
  return {
    columns,
    rows,
    heightPx: Math.max(0, rows * pitch - gapPx),
    first: firstRow * columns,
    last: Math.min(count, lastRow * columns),
    offsetPx: firstRow * pitch,
  };
}

/** Where a key press leads in a grid; undefined for keys that do not move. */
export function movedIndex(key: string, index: number, count: number, columns: number, page: number): number | undefined {
  const target = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    PageUp: index - columns * page,
    PageDown: index + columns * page,
    Home: 0,
    End: count - 1,
  }[key];
  return target === undefined ? undefined : Math.max(0, Math.min(count - 1, target));
}
