/**
 * @file The desktop app: opens the studio, serves the page over `studio:`, gives it one port, and keeps everything else
 * out. The decisions are made in the small modules beside this file, which only connects them.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerSaveBlocker,
  protocol,
  safeStorage,
  session,
  shell,
  systemPreferences,
} from 'electron';
import type { RevealTarget } from '../contract/desktop/bridge.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { RunSummary } from '../contract/model/runs.ts';
import { surviveUnhandledRejections } from '../studio/last-resort.ts';
import type { ChildExit } from '../processes/child.ts';
import { isDamagedStore } from '../studio/backup/damaged-store.ts';
import { findPlaces, homeFolder } from '../studio/places.ts';
import type { Studio } from '../studio/studio.ts';
import { cannotWrite } from '../studio/writable-folder.ts';
import { ACCENT_CHANNEL, answerBridge } from './answer-bridge.ts';
import { accentColour, applyTheme, restoreTheme, systemAccent } from './appearance.ts';
import { offerContextMenu } from './context-menu.ts';
import { CameraGate } from './camera-gate.ts';
import { engineRecovery, recoverPage } from './crash-recovery.ts';
import { gracefulQuit } from './graceful-quit.ts';
import { hardenContents, hardenSession } from './hardening.ts';
import { openMainWindow, zoom } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { findNode } from './node-program.ts';
import { pathFromArguments } from './opened-path.ts';
import { Opener } from './opener.ts';
import {
  addressOver,
  MEDIA_SCHEME,
  OFFLINE_SWITCHES,
  OPENING_URL,
  PAGE_HEADERS,
  PAGE_SCHEME,
  PAGE_URL,
} from './page-policy.ts';
import { answerImage, answerPage, SCHEMES } from './protocols.ts';
import { PRINT_WINDOW, ReportPrinter } from './report-printer.ts';
import { RecentList, recentLabel } from './recent-list.ts';
import { closedBox, offerRestore, openOrRestore, Quitting, wordsOf, type Box } from './restoring.ts';
import { RunStatusIndicators } from './run-status.ts';
import { argumentsToRestore, backupToRestore, homeAfterSpace, sandboxWeakening } from './start-arguments.ts';
import { StayAwake } from './stay-awake.ts';
import { lendStudioPort } from './studio-port.ts';
import type { Client } from './studio-side.ts';
import { restoreLanguage, speak, words } from './words.ts';

/** Must match `tools/setup/packaging/configuration.mjs`. */
const APP_ID = 'org.atelier.studio';
/** A step of a large model can take a minute; after this time, the run can be resumed from its last checkpoint. */
const CHECKPOINT_WAIT_MS = 80_000;
const QUIT_LIMIT_MS = 90_000;
/** After this, the studio opens although its page is not there yet. */
const PAGE_WAIT_MS = 1000;
/** A page that reacts closes its window in a fraction of this. */
const LEAVE_LIMIT_MS = 5000;
/** How often the progress of a run is shown outside the window, and how often at most. */
const RUN_CHECK_MS = 3000;
const RUN_PAUSE_MS = 1000;
/** Without a run, only a change of the queue gives a reason to look. */
const IDLE_CHECK_MS = 3_600_000;
/** How long the store may take to record that a run lost its engine. */
const INTERRUPT_WAIT_MS = 10_000;

const places = findPlaces(import.meta.url);
const named = app.commandLine.getSwitchValue('home') || homeAfterSpace(process.argv);
const home = homeFolder({ home: named, env: process.env, cwd: process.cwd() });
const preload = join(places.root, 'out', 'preload', 'index.cjs');
const appearanceFile = join(home, 'appearance.json');
const languageFile = join(home, 'language.json');
/** A path opened before there was a window (macOS reports it early). */
let pathToOpen = pathFromArguments(process.argv, process.cwd(), app.isPackaged);
const recent = new RecentList({
  file: join(home, 'recent.json'),
  onChange: ([newest]) => {
    // The system keeps its own list, in the dock or the task bar, for the file types that it knows.
    if (newest === undefined) app.clearRecentDocuments();
    else app.addRecentDocument(newest.path);
    drawMenu();
  },
});
const opener = new Opener({ recent, show, refuse });
/** Fires when the app is asked to quit. */
const quitting = new AbortController();
const camera = new CameraGate();

// `--no-sandbox` is for root in a container, and only that word on the command line turns the sandbox off.
const weakening = sandboxWeakening(process.argv, process.env);
if (!process.argv.includes('--no-sandbox')) app.enableSandbox();
for (const [name, value] of OFFLINE_SWITCHES) app.commandLine.appendSwitch(name, value);
// Windows shows notifications only for a program that identifies itself as its installer did.
app.setAppUserModelId(APP_ID);
// Puts Chromium's own files beside ours, so the lock against a second start belongs to this data folder.
app.setPath('userData', join(home, 'desktop'));
protocol.registerSchemesAsPrivileged(SCHEMES);

app.on('open-file', (event, path) => {
  event.preventDefault();
  if (app.isReady() && BrowserWindow.getAllWindows().length > 0) opener.open(path);
  else pathToOpen = path;
});

if (weakening !== null) {
  void giveUp(
    new AtelierError('BAD_INPUT', `${weakening} would weaken the sandbox around the page. Nothing was opened.`, {
      remedy: 'Start Atelier without it. In a container that you throw away: --no-sandbox',
    }),
  );
} else if (app.requestSingleInstanceLock()) {
  app.whenReady().then(start).catch(giveUp);
} else {
  // No lock is given either where another Atelier has it or where nothing can be written.
  const problem = cannotWrite(home);
  if (problem === null) app.quit();
  else void app.whenReady().then(() => giveUp(problem));
}

/** The window comes first, and its page; both wait for the studio, which opens beside them. */
async function start(): Promise<void> {
  let engineCrashed: (exit: ChildExit) => Promise<void> = async () => undefined;
  let phase = '';
  const place = { home, places, onPhase: (sentence: string): void => void (phase = sentence) };
  let openNow = (): void => undefined;
  const pageIsThere = new Promise<void>((resolve) => (openNow = resolve));
  const side = pageIsThere.then(() => import('./studio-side.ts'));
  const opening = side.then(({ openHere, restoreHere }) =>
    openOrRestore(
      {
        open: () => openHere(place, { program: nodeHere(), safeStorage, onCrash: (exit) => void engineCrashed(exit) }),
        restore: (file) => restoreHere(file, place, quitting.signal),
        isDamaged: isDamagedStore,
        ask,
        chooseBackup,
        showFolder: () => void shell.openPath(home),
        signal: quitting.signal,
      },
      backupToRestore(process.argv),
    ),
  );
  const whenOpen = (act: (studio: Studio) => void): void => void opening.then(act, () => undefined);
  const warn: Warn = (what, details) => whenOpen((studio) => studio.log.warn(details, what));
  shutTheDoors(warn);
  const printer = new ReportPrinter(() => new BrowserWindow(PRINT_WINDOW));
  protocol.handle(
    PAGE_SCHEME,
    (request) =>
      printer.answer(request.url) ??
      (request.url === OPENING_URL
        ? new Response(phase, { headers: { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' } })
        : answerPage(places.rendererDir, request)),
  );
  protocol.handle(MEDIA_SCHEME, async (request) => answerImage(await opening, request));
  const serve = opening.then(async (studio) => (await side).portServer(studio));
  // A studio that does not open is reported below, and only there.
  serve.catch(() => undefined);
  const isOwnContents = (contents: unknown): boolean =>
    BrowserWindow.getAllWindows().some((window) => window.webContents === contents);
  answerBridge({
    ipcMain,
    dialog,
    documents: () => app.getPath('documents'),
    isOwnContents,
    onRefused: (url) => warn('a request of the page was refused', { url }),
    pathOf: async (what) => revealedPath((await side).clientOf(await opening), what),
    exists: existsSync,
    showInFolder: (path) => shell.showItemInFolder(path),
    startDrag: (contents, path) => contents.startDrag({ file: path, icon: dragIcon() }),
    applyTheme: (theme) => applyTheme(nativeTheme, appearanceFile, theme),
    applyLanguage: (language) => {
      if (speak(languageFile, language)) drawMenu();
    },
    accent: () => systemAccent(systemPreferences),
    allowCamera: async () => {
      camera.open();
      // Elsewhere the system asks by itself, or not at all.
      if (process.platform === 'darwin') await systemPreferences.askForMediaAccess('camera');
    },
    report: async (of) => (await side).clientOf(await opening).report(of),
    printed: (html) => printer.print(html),
    restore: async () => {
      const { describeBackup } = await side;
      return await offerRestore({ ask, chooseBackup, describe: describeBackup, startAgainWith });
    },
  });
  restoreTheme(nativeTheme, appearanceFile);
  restoreLanguage(languageFile, app.getPreferredSystemLanguages());
  systemPreferences.on('accent-color-changed', (_event, colour) => {
    for (const window of BrowserWindow.getAllWindows()) window.webContents.send(ACCENT_CHANNEL, accentColour(colour));
  });
  lendStudioPort({
    ipcMain,
    isOwnContents,
    serve: async (port) => (await serve)(port),
    onRefused: (url) => warn('a port was refused', { url }),
  });
  drawMenu();
  app.on('web-contents-created', (_event, contents) => {
    recoverPage(contents, { dialog, reload: () => contents.reload(), quit: () => app.quit(), log: warn });
    offerContextMenu(contents, {
      popUp: (template) => Menu.buildFromTemplate(template).popup(),
      copyText: (text) => void clipboard.writeText(text),
    });
    for (const event of ['did-navigate', 'did-navigate-in-page'] as const)
      contents.on(event as 'did-navigate', (_navigation, url) => opener.remember(url));
  });
  app.on('second-instance', (_event, argv, cwd) => {
    const path = pathFromArguments(argv, cwd, app.isPackaged);
    if (path === null) show();
    else opener.open(path);
  });
  app.on('activate', () => show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  if (pathToOpen !== null) opener.open(pathToOpen);
  else show();
  pathToOpen = null;
  // Loading the studio keeps this thread busy, and until then the page needs it for its files.
  BrowserWindow.getAllWindows()[0]?.webContents.once('dom-ready', openNow);
  setTimeout(openNow, PAGE_WAIT_MS);
  app.on(
    'before-quit',
    gracefulQuit({
      finish: async () => {
        quitting.abort();
        await (await opening.catch(() => null))?.close({ waitMs: CHECKPOINT_WAIT_MS });
      },
      leave: () => app.quit(),
      force: () => app.exit(0),
      onGone: (listener) => app.once('quit', listener),
      timeoutMs: QUIT_LIMIT_MS,
      leaveMs: LEAVE_LIMIT_MS,
    }),
  );

  const studio = await opening;
  phase = '';
  surviveUnhandledRejections((sentence, error) => {
    studio.log.error({ err: error }, 'unhandled rejection');
    if (Notification.isSupported()) new Notification({ title: 'Atelier', body: sentence }).show();
  });
  const client = (await side).clientOf(studio);
  // Continues the waiting entries, including those left when the app was last closed.
  studio.workOnQueue();
  engineCrashed = engineRecovery({
    dialog,
    interruptedRun: () => lostRun(client.runs),
    resume: client.resume,
    show,
    log: warn,
  });
  void followRuns(studio, client.runs, quitting.signal);
}

/** Node's program, for the engine and the pictures. */
function nodeHere(): string {
  return findNode({ isPackaged: app.isPackaged, resourcesPath: process.resourcesPath, env: process.env });
}

function startAgainWith(file: string): void {
  app.relaunch({ args: argumentsToRestore(process.argv, file) });
  app.quit();
}

/** Over the window, if there is one. Quitting closes the box as if it had been cancelled. */
async function ask(box: Box): Promise<{ response: number }> {
  const options = { ...box, signal: quitting.signal };
  const [window] = BrowserWindow.getAllWindows();
  return await (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
}

async function chooseBackup(): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: words().dialog.restoreTitle,
    buttonLabel: words().dialog.restoreButton,
    defaultPath: app.getPath('documents'),
    filters: [{ name: words().dialog.backups, extensions: ['zip'] }],
    properties: ['openFile'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}

type Warn = (what: string, details: object) => void;

function shutTheDoors(warn: Warn): void {
  const options = {
    camera,
    allowDevtools: !app.isPackaged,
    openInBrowser: (url: string) => void shell.openExternal(url),
    onBlocked: (what: string, url: string) => warn('blocked', { what, url }),
  };
  hardenSession(session.defaultSession, options);
  hardenContents(app, options);
}

/**
 * Shows what the runs do outside the window: progress, notifications, and a computer that stays awake. Looks at once when
 * work begins or ends, so that a short run counts too.
 */
async function followRuns(studio: Studio, list: () => Promise<RunSummary[]>, until: AbortSignal): Promise<void> {
  const awake = new StayAwake(powerSaveBlocker);
  const signals = new RunStatusIndicators({
    setProgress: (fraction) => {
      for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(fraction ?? -1);
    },
    notify: (words, runId) => {
      if (!Notification.isSupported()) return;
      const notification = new Notification(words);
      notification.on('click', () => show(`/runs/${encodeURIComponent(runId)}`));
      notification.show();
    },
    isWatched: () => BrowserWindow.getFocusedWindow() !== null,
  });
  const queue = studio.listenToQueue();
  while (!until.aborted) {
    awake.set(studio.isTraining());
    // If a check fails, the next one makes up for it.
    const runs = await list().catch(() => null);
    if (runs !== null) signals.observe(runs);
    await queue.wait(studio.isTraining() || signals.hasActive ? RUN_CHECK_MS : IDLE_CHECK_MS, until);
    awake.set(studio.isTraining());
    await pause(RUN_PAUSE_MS, undefined, { signal: until }).catch(() => undefined);
  }
  awake.set(false);
  queue.close();
}

/** The run that has just ended unexpectedly, as soon as the store reports it. */
async function lostRun(list: () => Promise<RunSummary[]>): Promise<RunSummary | null> {
  const sinceMs = Date.now() - RUN_CHECK_MS;
  const untilMs = Date.now() + INTERRUPT_WAIT_MS;
  while (Date.now() < untilMs) {
    const run = (await list()).find(
      ({ status, endedAt }) =>
        (status === 'interrupted' || status === 'failed') && endedAt !== null && Date.parse(endedAt) >= sinceMs,
    );
    if (run !== undefined) return run;
    await pause(500);
  }
  return null;
}

/** Brings the window to the front, or opens one; `path` is the screen to show in it. */
function show(path?: string): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) {
    openMainWindow(home, preload, path);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.focus();
  if (path !== undefined) void window.webContents.loadURL(`${PAGE_URL}#${path}`);
}

function refuse(path: string, why: string): void {
  show();
  const box: Electron.MessageBoxOptions = {
    type: 'info',
    title: 'Atelier',
    message: words().dialog.cannotOpen(path),
    detail: why,
    buttons: ['OK'],
  };
  const [window] = BrowserWindow.getAllWindows();
  // Without a parent, a window that opens later would lie on top of it.
  void (window === undefined ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box));
}

/** The path of what the page wants to reveal. @throws AtelierError NOT_FOUND for an unknown id */
async function revealedPath(client: Client, what: RevealTarget): Promise<string> {
  switch (what.kind) {
    case 'home':
      return home;
    case 'notices':
      return join(dirname(process.execPath), 'LICENSES.chromium.html');
    case 'dataset':
      return (await client.dataset({ datasetId: what.datasetId })).origin;
    case 'export': {
      const found = (await client.exports()).find(({ id }) => id === what.exportId);
      if (found !== undefined) return found.path;
      throw new AtelierError('NOT_FOUND', 'This export is no longer known.');
    }
  }
}

function dragIcon() {
  return nativeImage.createFromPath(join(places.resourcesDir, 'icons', 'icon.png')).resize({ width: 64 });
}

async function chooseBundle(): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog({
    title: words().dialog.verifyTitle,
    buttonLabel: words().dialog.verifyButton,
    defaultPath: app.getPath('documents'),
    properties: ['openDirectory'],
  });
  if (filePaths[0] !== undefined) opener.open(filePaths[0]);
}

function drawMenu(): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu()));
}

function menu() {
  return menuTemplate({
    go: show,
    showOver: (overlay) => show(addressOver(BrowserWindow.getAllWindows()[0]?.webContents.getURL() ?? '', overlay)),
    recent: recent.entries.map((entry) => ({
      label: recentLabel(entry, homedir()),
      open: () => opener.open(entry.path),
    })),
    clearRecent: () => recent.clear(),
    zoom: (change) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (contents !== undefined) zoom(contents, change);
    },
    openHome: () => void shell.openPath(home),
    verifyBundle: () => void chooseBundle(),
    development: !app.isPackaged,
    mac: process.platform === 'darwin',
  });
}

async function giveUp(error: unknown): Promise<void> {
  // Before Electron is ready, only this box can be shown; on Linux it goes to the terminal.
  if (!app.isReady()) dialog.showErrorBox(words().restore.notStarted, wordsOf(error));
  else if (!(error instanceof Quitting)) await ask(closedBox(error, false));
  // Quitting takes its own time, and ends the app itself.
  if (!quitting.signal.aborted) app.exit(1);
}
