/** @file The window's last position, kept in a small file that is written to a temporary name and then renamed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const Box = z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) });
export type Box = z.infer<typeof Box>;

const WindowState = z.object({ bounds: Box, maximized: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

const DEFAULT_SIZE = { width: 1280, height: 860 };
export const MINIMUM_SIZE = { width: 880, height: 600 };
/** At least this much of the title bar must be on a screen, so that the window can be moved. */
const GRIP_PIXELS = 80;

/** The stored state; null if there is none or it cannot be read. */
export function readWindowState(file: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Stores the state. A full disk loses only the position. */
export function writeWindowState(file: string, state: WindowState): void {
  const aside = `${file}.${String(process.pid)}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, JSON.stringify(state));
    renameSync(aside, file);
  } catch {
    // The next start opens the window at its default position.
  }
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
