/**
 * @file The desktop app: opens the studio, serves the page over `studio:`, lends it one port, and keeps
 * everything else out. What it decides lies in the small modules beside it; this file only connects them.
 */
import { join } from 'node:path';
import { RPCHandler } from '@orpc/server/message-port';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  powerSaveBlocker,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { AtelierError } from '../contract/errors.ts';
import { findPlaces, homeFolder } from '../host/places.ts';
import type { Studio } from '../studio/studio.ts';
import { openStudio } from '../studio/studio.ts';
import { gracefulQuit } from './graceful-quit.ts';
import { hardenContents, hardenSession } from './hardening.ts';
import { openMainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { MEDIA_SCHEME, PAGE_SCHEME, PAGE_URL } from './page-policy.ts';
import { answerImage, answerPage, SCHEMES } from './protocols.ts';
import { StayAwake } from './stay-awake.ts';
import { lendStudioPort } from './studio-port.ts';
import { utilityEngine } from './utility-engine.ts';

/** A step of a large model can take a minute; after that the run is resumable from its last checkpoint. */
const CHECKPOINT_WAIT_MS = 80_000;
const QUIT_LIMIT_MS = 90_000;
const AWAKE_CHECK_MS = 5000;

const places = findPlaces(import.meta.url);
const home = homeFolder({ home: app.commandLine.getSwitchValue('home'), env: process.env, cwd: process.cwd() });
const preload = join(places.root, 'out', 'preload', 'index.cjs');

app.enableSandbox();
// Chromium's own files go beside ours; the lock against a second start then belongs to this data folder.
app.setPath('userData', join(home, 'desktop'));
protocol.registerSchemesAsPrivileged(SCHEMES);

if (app.requestSingleInstanceLock()) {
  app.whenReady().then(start).catch(giveUp);
} else {
  app.quit();
}

async function start(): Promise<void> {
  const studio = await openStudio({
    home,
    resourcesDir: places.resourcesDir,
    version: places.version,
    spawnEngine: utilityEngine({ fork: utilityProcess.fork.bind(utilityProcess), entry: places.engineEntry }),
  });
  shutTheDoors(studio);
  protocol.handle(PAGE_SCHEME, (request) => answerPage(places.rendererDir, request));
  protocol.handle(MEDIA_SCHEME, (request) => answerImage(studio, request));
  const handler = new RPCHandler(studio.router);
  lendStudioPort({
    ipcMain,
    isOwnContents: (contents) => BrowserWindow.getAllWindows().some((window) => window.webContents === contents),
    serve: (port) => handler.upgrade(port, { context: {} }),
    onRefused: (url) => studio.log.warn({ url }, 'a port was refused'),
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu()));
  keepAwakeAndQuitWell(studio);
  showWindow();
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
}

function shutTheDoors(studio: Studio): void {
  const options = {
    allowDevtools: !app.isPackaged,
    openInBrowser: (url: string) => void shell.openExternal(url),
    onBlocked: (what: string, url: string) => studio.log.warn({ what, url }, 'blocked'),
  };
  hardenSession(session.defaultSession, options);
  hardenContents(app, options);
}

function keepAwakeAndQuitWell(studio: Studio): void {
  const awake = new StayAwake(powerSaveBlocker);
  const timer = setInterval(() => awake.set(studio.isTraining()), AWAKE_CHECK_MS);
  app.on(
    'before-quit',
    gracefulQuit({
      finish: async () => {
        clearInterval(timer);
        await studio.close({ waitMs: CHECKPOINT_WAIT_MS });
      },
      leave: () => app.quit(),
      timeoutMs: QUIT_LIMIT_MS,
    }),
  );
}

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) {
    openMainWindow(home, preload);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.focus();
}

function menu() {
  return menuTemplate({
    go: (path) => void BrowserWindow.getAllWindows()[0]?.webContents.loadURL(`${PAGE_URL}#${path}`),
    openHome: () => void shell.openPath(home),
    development: !app.isPackaged,
    mac: process.platform === 'darwin',
  });
}

function giveUp(error: unknown): void {
  const text =
    error instanceof AtelierError
      ? [error.message, error.remedy].filter(Boolean).join('\n\n')
      : `Something went wrong inside Atelier.\n\n${String(error instanceof Error ? error.stack : error)}`;
  dialog.showErrorBox('Atelier could not start', text);
  app.exit(1);
}
