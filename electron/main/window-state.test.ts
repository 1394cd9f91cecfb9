import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSmallFile } from './small-file.ts';
import { placeWindow, readWindowState, zoomed } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const state = {
  bounds: { x: 100, y: 50, width: 1400, height: 900 },
  maximized: false,
  fullScreen: false,
  zoomLevel: 0.5,
};

describe('window state', () => {
  it('comes back as it was written, and leaves nothing beside the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'atelier-'));
    const file = join(folder, 'deeper', 'window.json');
    writeSmallFile(file, state);
    expect(readWindowState(file)).toEqual(state);
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['window.json']);
  });

  it('is none where the file is missing, cut short or from somebody else', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'window.json');
    expect(readWindowState(file)).toBeNull();
    for (const content of [
      '',
      '{"bounds":{"x":1',
      '{"bounds":{"x":"1","y":2,"width":3,"height":4},"maximized":false}',
    ]) {
      writeFileSync(file, content);
      expect(readWindowState(file)).toBeNull();
    }
  });

  it('has a zoom of 100% in files from before there was one, and in files with a strange one', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'window.json');
    const { zoomLevel: _zoomLevel, ...older } = state;
    for (const stored of [older, { ...state, zoomLevel: 900 }, { ...state, zoomLevel: 'large' }]) {
      writeSmallFile(file, stored);
      expect(readWindowState(file)).toEqual({ ...state, zoomLevel: 0 });
    }
  });

  it('does not fail where it cannot be written', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'a-file');
    writeFileSync(file, '');
    expect(() => writeSmallFile(join(file, 'window.json'), state)).not.toThrow();
  });
});

describe('placing the window', () => {
  it('opens where it was', () => {
    expect(placeWindow(state, [screen])).toEqual(state.bounds);
  });

  it('comes back to the first screen when its own is gone', () => {
    const away = { ...state, bounds: { ...state.bounds, x: 2500 } };
    expect(placeWindow(away, [screen])).toEqual({ width: 1400, height: 900 });
    expect(placeWindow(away, [screen, { ...screen, x: 1920 }])).toEqual(away.bounds);
  });

  it('never starts too small, nor larger than the screen', () => {
    expect(placeWindow({ ...state, bounds: { x: 0, y: 0, width: 10, height: 10 } }, [screen])).toMatchObject({
      width: 880,
      height: 600,
    });
    expect(placeWindow(null, [{ ...screen, width: 1024, height: 700 }])).toEqual({ width: 1024, height: 700 });
  });
});

describe('zooming', () => {
  it('goes in steps and stops at its limits', () => {
    expect([zoomed(0, 'in'), zoomed(0, 'out'), zoomed(5, 'in'), zoomed(-3, 'out')]).toEqual([0.5, -0.5, 5, -3]);
  });
});
