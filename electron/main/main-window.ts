/** @file The one window of the desktop app. */
import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import { PAGE_URL } from './page-policy.ts';
import { writeSmallFile } from './small-file.ts';
import { MINIMUM_SIZE, placeWindow, readWindowState, zoomed, type WindowState } from './window-state.ts';

/** What changes the state of the window. */
const CHANGES = ['move', 'resize', 'maximize', 'unmaximize', 'enter-full-screen', 'leave-full-screen'] as const;
const KEEP_AFTER_MS = 500;

/**
 * Opens the window where it was last time, zoomed as it was.
 * @param home the data folder, which stores the window's state
 * @param preload the bundled preload, `out/preload/index.cjs`
 * @param path the screen to show first
 */
export function openMainWindow(home: string, preload: string, path = '/'): BrowserWindow {
  const stateFile = join(home, 'window.json');
  const state = readWindowState(stateFile);
  const window = new BrowserWindow({
    ...placeWindow(
      state,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    show: false,
    title: 'Atelier',
    // The page's wall colour, shown until the page has drawn, so that nothing flashes.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#151412' : '#f6f4f0',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  if (state?.maximized === true) window.maximize();
  if (state?.fullScreen === true) window.setFullScreen(true);
  window.once('ready-to-show', () => window.show());
  const { webContents } = window;
  webContents.once('dom-ready', () => webContents.setZoomLevel(state?.zoomLevel ?? 0));
  // The wheel with Ctrl; the keys are in the menu.
  webContents.on('zoom-changed', (_event, direction) => zoom(webContents, direction));
  const keep = (): void => {
    const kept: WindowState = {
      bounds: window.getNormalBounds(),
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
      zoomLevel: webContents.getZoomLevel(),
    };
    writeSmallFile(stateFile, kept);
  };
  // Also soon after a change, so that it is not lost if Atelier is killed.
  let timer: NodeJS.Timeout | undefined;
  for (const event of CHANGES)
    window.on(event as 'move', () => {
      clearTimeout(timer);
      timer = setTimeout(keep, KEEP_AFTER_MS);
    });
  window.on('close', keep);
  window.on('closed', () => clearTimeout(timer));
  void window.loadURL(`${PAGE_URL}#${path}`);
  return window;
}

/** Zooms the page one step, or back to 100%. */
export function zoom(contents: WebContents, change: 'in' | 'out' | 'reset'): void {
  contents.setZoomLevel(change === 'reset' ? 0 : zoomed(contents.getZoomLevel(), change));
}
