/** @file Which tiles of a long grid are in view. */

export type GridWindow = {
  columns: number;
  rows: number;
  /** Height of one row without its gap. */
  tileHeightPx: number;
  heightPx: number;
  first: number;
  last: number;
  offsetPx: number;
};

/**
 * Square tiles at least `tilePx` wide, each with `captionPx` below it, that fill a box of `widthPx` × `viewPx`
 * scrolled by `scrollPx`. Returns the tiles first…last (exclusive) to render, with one spare row above and two below.
 */
export function gridWindow(
  count: number,
  tilePx: number,
  captionPx: number,
  gapPx: number,
  widthPx: number,
  viewPx: number,
  scrollPx: number,
): GridWindow {
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (tilePx + gapPx)));
  const tileHeightPx = Math.max(1, Math.floor((widthPx - gapPx * (columns - 1)) / columns)) + captionPx;
  const pitch = tileHeightPx + gapPx;
  const rows = Math.ceil(count / columns);
  const firstRow = Math.max(0, Math.min(rows - 1, Math.floor(scrollPx / pitch)) - 1);
  const lastRow = Math.min(rows, Math.ceil((scrollPx + viewPx) / pitch) + 2);
  return {
    columns,
    rows,
    tileHeightPx,
    heightPx: Math.max(0, rows * pitch - gapPx),
    first: firstRow * columns,
    last: Math.min(count, lastRow * columns),
    offsetPx: firstRow * pitch,
  };
}

/** The index to which a key press moves in a grid; undefined for other keys. */
export function movedIndex(
  key: string,
  index: number,
  count: number,
  columns: number,
  page: number,
): number | undefined {
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
