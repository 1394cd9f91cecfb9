/** @file Starts the built desktop app in a real Electron. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { _electron } from 'playwright-core';
import { electronProgram } from '../electron/tools/setup/start.mjs';
import { ROOT } from './studio-host.ts';

/** Electron's program; null skips every desktop test. */
export const ELECTRON = electronProgram();
const MAIN = join(ROOT, 'out', 'main', 'index.js');
/** Holds the app back until the driver listens, so that the driver misses nothing of its start. */
const DRIVEN = join(ROOT, 'e2e', 'driven-app.mjs');
/** Root in a container has no user namespaces, so the page's own sandbox is then not tested, and little shared memory. */
const ROOTED = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];

export interface Desktop {
  app: ElectronApplication;
  page: Page;
  /** Process id of Electron's main process. */
  pid: number;
}

function argumentsFor(home: string, more: readonly string[], main = MAIN): string[] {
  return [main, `--home=${home}`, ...ROOTED, ...more];
}

/**
 * Starts the app on a data folder and waits for its window.
 * @param main the built main process; by default the one of this clone
 * @param language of the system; the tests read English, whatever this computer speaks
 */
export async function openDesktop(
  home: string,
  more: readonly string[] = [],
  main = MAIN,
  language = 'en',
): Promise<Desktop> {
  const app = await _electron.launch({
    executablePath: ELECTRON ?? '',
    args: [DRIVEN, ...argumentsFor(home, more, main)],
    env: { ...process.env, LANGUAGE: language, ATELIER_NODE: process.execPath },
  });
  const page = await firstPage(app);
  return { app, page, pid: app.process().pid ?? 0 };
}

async function firstPage(app: ElectronApplication): Promise<Page> {
  const page = await app.firstWindow();
  await page.addInitScript(() => localStorage.setItem('atelier.tour', 'yes'));
  // A display without a window manager gives the page no focus, or takes it away, by chance.
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  // On a busy machine the first page of a new process takes longer than the usual 30 seconds.
  await page.reload({ timeout: 120_000 });
  return page;
}

/** Starts another app in the same Electron. */
export function startElectron(main: string, more: readonly string[]): ChildProcess {
  return spawn(ELECTRON ?? '', [main, ...ROOTED, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Starts the app once more, without driving it. */
export function startAgain(home: string, ...more: string[]): ChildProcess {
  return spawn(ELECTRON ?? '', argumentsFor(home, more), { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** How often a lost result is asked for again. */
const ATTEMPTS = 5;

/**
 * Runs a function once in Electron's main process and returns its result. The inspector reports a result that nothing
 * holds as "garbage collected" when the collector is quicker than it is; so the result is held there under a name, and
 * asked for again.
 * @param run takes Electron's modules and `argument`; it can use nothing else from here
 */
export async function inMain<Result, Argument = undefined>(
  app: ElectronApplication,
  run: (electron: typeof Electron.CrossProcessExports, argument: Argument) => Result | Promise<Result>,
  argument?: Argument,
): Promise<Result> {
  const order = { name: randomUUID(), source: String(run), argument };
  for (let attempt = 1; ; attempt++) {
    try {
      return (await app.evaluate((electron, { name, source, argument: given }) => {
        const held = ((globalThis as { held?: Map<string, unknown> }).held ??= new Map());
        if (!held.has(name)) held.set(name, (eval(`(${source})`) as (...given: unknown[]) => unknown)(electron, given));
        return held.get(name);
      }, order)) as Result;
    } catch (error) {
      const lost = error instanceof Error && error.message.includes('garbage collected');
      if (!lost || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Replaces one of Electron's message boxes by an answer; returns what was asked so far. */
export async function answerDialogs(app: ElectronApplication, response: number): Promise<() => Promise<string[]>> {
  await inMain(
    app,
    ({ dialog }, button) => {
      const asked: string[] = [];
      (globalThis as Record<string, unknown>)['asked'] = asked;
      dialog.showMessageBox = async (...given: unknown[]) => {
        asked.push((given.at(-1) as { message: string }).message);
        return { response: button, checkboxChecked: false };
      };
    },
    response,
  );
  return () => inMain(app, () => (globalThis as Record<string, unknown>)['asked'] as string[]);
}

/** Chooses an entry of the native menu by its words, as the person would. */
export async function chooseFromMenu(app: ElectronApplication, menu: string, ...entries: string[]): Promise<void> {
  await inMain(
    app,
    ({ BrowserWindow, Menu }, [top, ...below]) => {
      let items = Menu.getApplicationMenu()?.items ?? [];
      let item = items.find(({ label }) => label.replace('&', '') === top);
      for (const name of below) {
        items = item?.submenu?.items ?? [];
        item = items.find(({ label }) => label === name || label.startsWith(`${name} — `));
      }
      if (item === undefined) throw new Error(`The menu has no ${[top, ...below].join(' ▸ ')}.`);
      const [window] = BrowserWindow.getAllWindows();
      // Entries with a role act on what has the focus.
      (item as unknown as { click: (...given: unknown[]) => void }).click({}, window, window?.webContents);
    },
    [menu, ...entries],
  );
}

/** Presses a key with Ctrl, through the window, so that the menu's own keys count. */
export async function pressWithControl(app: ElectronApplication, key: string): Promise<void> {
  await inMain(
    app,
    ({ BrowserWindow }, keyCode) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      contents?.focus();
      for (const type of ['keyDown', 'keyUp'] as const)
        contents?.sendInputEvent({ type, keyCode, modifiers: ['control'] });
    },
    key,
  );
}

/** The page's zoom level. */
export async function zoomLevelOf(app: ElectronApplication): Promise<number | undefined> {
  return inMain(app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomLevel());
}
