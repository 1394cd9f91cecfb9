/** @file Where the window was and how far it was zoomed, so that it comes back that way. */
import { z } from 'zod';
import { readSmallFile } from './small-file.ts';

/** Zoom levels: 58% to 249% in steps of about 10%, wide enough for a large display and small enough to stay usable. */
export const ZOOM = { least: -3, most: 5, step: 0.5 } as const;

/** Larger than any desktop. Electron ends at sizes that no system can draw, as a damaged file may hold them. */
const MOST_PIXELS = 32_768;
const Place = z
  .int()
  .min(-MOST_PIXELS * 4)
  .max(MOST_PIXELS * 4);
const Size = z.int().min(1).max(MOST_PIXELS);

const Box = z.object({ x: Place, y: Place, width: Size, height: Size });
export type Box = z.infer<typeof Box>;

const WindowState = z.object({
  /** Of the window when it is not maximized. */
  bounds: Box,
  maximized: z.boolean(),
  fullScreen: z.boolean().default(false),
  /** Electron's zoom level: 0 is 100%, and each step is a factor of 1.2. */
  zoomLevel: z.number().min(ZOOM.least).max(ZOOM.most).catch(0).default(0),
});
export type WindowState = z.infer<typeof WindowState>;

const DEFAULT_SIZE = { width: 1280, height: 860 };
export const MINIMUM_SIZE = { width: 880, height: 600 };
/** At least this much of the title bar must be on a screen, so that the window can be moved. */
const GRIP_PIXELS = 80;

/** The stored state; null if there is none or it cannot be read. */
export function readWindowState(file: string): WindowState | null {
  return readSmallFile(file, WindowState);
}

/**
 * Bounds for the new window: the previous ones if they are still on a screen, otherwise the default size in the middle
 * of the first screen (Electron centres a window without a position).
 */
export function placeWindow(
  state: WindowState | null,
  screens: readonly Box[],
): Partial<Box> & { width: number; height: number } {
  if (state === null) return fitted(DEFAULT_SIZE, screens[0]);
  const { bounds } = state;
  const size = {
    width: Math.max(bounds.width, MINIMUM_SIZE.width),
    height: Math.max(bounds.height, MINIMUM_SIZE.height),
  };
  const reachable = screens.some(
    (screen) =>
      bounds.x + bounds.width - GRIP_PIXELS > screen.x &&
      bounds.x + GRIP_PIXELS < screen.x + screen.width &&
      bounds.y >= screen.y &&
      bounds.y + GRIP_PIXELS < screen.y + screen.height,
  );
  return reachable ? { x: bounds.x, y: bounds.y, ...size } : fitted(size, screens[0]);
}

function fitted(size: { width: number; height: number }, screen: Box | undefined): { width: number; height: number } {
  if (screen === undefined) return size;
  return { width: Math.min(size.width, screen.width), height: Math.min(size.height, screen.height) };
}

/** The zoom level one step further in or out, within the limits. */
export function zoomed(level: number, direction: 'in' | 'out'): number {
  const next = level + (direction === 'in' ? ZOOM.step : -ZOOM.step);
  return Math.min(ZOOM.most, Math.max(ZOOM.least, next));
}
