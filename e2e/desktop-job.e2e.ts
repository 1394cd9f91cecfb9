/**
 * @file The whole job in the desktop app: import by the system's dialog and by a drop, train, stop, resume, export, hand the
 * bundle over, and open it from the system. Nothing leaves the machine: a proxy that every request would go through sees none, and
 * Chromium's own record of its requests holds none. Both are shown to see one that is made on purpose.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { seriousFindings } from './browser.ts';
import { ELECTRON, openDesktop, startAgain, startElectron, inMain } from './desktop-app.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { fillShortRun } from './short-run.ts';
import { atelier, ROOT, temporaryHome } from './studio-host.ts';

const TINY_MODEL = join(ROOT, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny', 'model');
/** Enough on a fast machine too: the app looks at its runs every three seconds, before the stop and after it. */
const STEPS = 500;
const RUN_MS = 240_000;
const LOOK_MS = 60_000;

/** What Chromium records of its network with `--log-net-log`. */
interface NetLog {
  constants: { logEventTypes: Record<string, number> };
  events: { type: number; params?: { url?: string } }[];
}

/** Every address that Chromium began to ask for. */
function askedIn(file: string): string[] {
  const { constants, events } = JSON.parse(readFileSync(file, 'utf8')) as NetLog;
  const start = constants.logEventTypes['URL_REQUEST_START_JOB'];
  return events.flatMap(({ type, params }) => (type === start && params?.url !== undefined ? [params.url] : []));
}

/** A proxy that counts who comes and answers nobody. */
async function watchingProxy(): Promise<{ server: Server; port: number; seen: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port, seen: () => count };
}

interface Seen {
  progress: number[];
  awake: string[];
  notes: string[];
}

/** Records what the app tells the system: progress, the wish to stay awake, notifications. */
async function watchSystem(app: ElectronApplication): Promise<void> {
  await inMain(app, ({ BrowserWindow, Notification, powerSaveBlocker }) => {
    const seen: Seen = { progress: [], awake: [], notes: [] };
    Object.assign(globalThis, { seen });
    for (const window of BrowserWindow.getAllWindows())
      window.setProgressBar = (fraction: number) => void seen.progress.push(fraction);
    const start = powerSaveBlocker.start.bind(powerSaveBlocker);
    const stop = powerSaveBlocker.stop.bind(powerSaveBlocker);
    powerSaveBlocker.start = (type) => {
      seen.awake.push(type);
      return start(type);
    };
    powerSaveBlocker.stop = (id) => {
      seen.awake.push('stop');
      return stop(id);
    };
    Notification.isSupported = () => true;
    Notification.prototype.show = function show(this: Electron.Notification) {
      seen.notes.push(this.title);
      Object.assign(globalThis, { note: this });
    };
  });
}

function seenBySystem(app: ElectronApplication): Promise<Seen> {
  return inMain(app, () => (globalThis as unknown as { seen: Seen }).seen);
}

function isPartly(fraction: number): boolean {
  return fraction > 0 && fraction < 1;
}

describe.skipIf(ELECTRON === null)("the whole job in the desktop app (needs Electron's program)", () => {
  const home = temporaryHome();
  const bundle = join(home, 'bundle');
  let app: ElectronApplication;
  let page: Page;
  let runId = '';
  let proxy: Awaited<ReturnType<typeof watchingProxy>>;
  let watched: string[];
  const netLog = join(home, 'net-log.json');

  beforeAll(async () => {
    atelier(home, 'models', '--add', TINY_MODEL, '--name', 'Tiny');
    proxy = await watchingProxy();
    // `<-loopback>` sends even loopback addresses through the proxy.
    watched = [`--proxy-server=http://127.0.0.1:${proxy.port}`, '--proxy-bypass-list=<-loopback>'];
    ({ app, page } = await openDesktop(home, [...watched, `--log-net-log=${netLog}`]));
  });

  afterAll(async () => {
    await app.close().catch(() => undefined);
    proxy.server.close();
  });

  it('imports a folder that the system’s dialog gives', async () => {
    const folder = await makeDotsDataset(join(home, 'pictures'));
    await inMain(
      app,
      ({ dialog }, path) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
      },
      folder,
    );
    await page.goto('studio://app/#/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: messages.common.choose.folder }).click();
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: messages.import.onwards }).click();
    await dialog.getByLabel(messages.import.name, { exact: true }).fill('Dots');
    await dialog.getByRole('button', { name: messages.import.go(12) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: 'Dots' }).waitFor();
  });

  it('trains, stops and resumes, and tells the system about it', { timeout: RUN_MS }, async () => {
    await watchSystem(app);
    await page.goto('studio://app/#/train');
    await page.getByRole('radio', { name: /Tiny/ }).check();
    await fillShortRun(page, STEPS);
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    await expect.poll(async () => (await seenBySystem(app)).progress.some(isPartly), { timeout: LOOK_MS }).toBe(true);
    await page.getByRole('button', { name: messages.run.stop, exact: true }).click();
    const asks = page.getByRole('dialog', { name: messages.run.stopTitle });
    await asks.getByRole('button', { name: messages.run.stop, exact: true }).click();
    const resume = page.getByRole('button', { name: new RegExp(`^${messages.run.resume}`) }).first();
    await resume.waitFor({ timeout: LOOK_MS });
    // Neither progress nor a computer kept awake without a run.
    await expect.poll(async () => (await seenBySystem(app)).progress.at(-1)).toBe(-1);
    await expect.poll(async () => (await seenBySystem(app)).awake).toEqual(['prevent-app-suspension', 'stop']);

    await resume.click();
    await expect
      .poll(async () => (await seenBySystem(app)).awake.at(-1), { timeout: LOOK_MS })
      .toBe('prevent-app-suspension');
    // Somebody works in another window when the run ends.
    await inMain(app, ({ BrowserWindow }) => {
      BrowserWindow.getFocusedWindow = () => null;
    });
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
    runId = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    await expect.poll(async () => (await seenBySystem(app)).notes).toEqual([expect.stringMatching(/ is done$/)]);
    await expect.poll(async () => (await seenBySystem(app)).awake).toHaveLength(4);
    await page.goto('studio://app/#/');
    await inMain(app, () => (globalThis as unknown as { note: Electron.Notification }).note.emit('click', {}));
    await page.waitForURL(new RegExp(`#/runs/${runId}`));
  });

  it('keeps what TensorFlow prints at every start out of the engine’s log', () => {
    const log = join(home, 'logs', 'engine.log');
    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('');
  });

  it('exports the run, signed with a key that the system’s keychain locks', { timeout: RUN_MS }, async () => {
    // A stand-in for the keychain: the same encryption, said to be locked by a password of the person's.
    await inMain(app, ({ safeStorage }) => {
      safeStorage.setUsePlainTextEncryption(true);
      safeStorage.getSelectedStorageBackend = () => 'kwallet6';
    });
    await page.goto(`studio://app/#/export/${runId}`);
    await page.getByRole('radio').first().waitFor();
    await page.getByRole('textbox', { name: messages.export.destinationDrop }).fill(bundle);
    await page.getByRole('button', { name: messages.export.create }).click();
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: RUN_MS });
    expect(existsSync(join(bundle, 'adapter_model.safetensors'))).toBe(true);
    expect(readdirSync(join(home, 'keys')).sort()).toEqual(['signing.pub.pem', 'signing.wrapped']);
    expect(readFileSync(join(home, 'keys', 'signing.wrapped'), 'latin1')).not.toContain('PRIVATE KEY');
    await page.goto('studio://app/#/settings');
    await page.getByText(messages.settings.keyKeptBy['key-chain']).waitFor();
  });

  it('hands the bundle over: by a drag, and in the file manager', async () => {
    await inMain(app, ({ BrowserWindow, shell }) => {
      const handed: string[] = [];
      Object.assign(globalThis, { handed });
      for (const { webContents } of BrowserWindow.getAllWindows())
        webContents.startDrag = ({ file, icon }) =>
          void handed.push(`drag ${file}, icon of ${(icon as Electron.NativeImage).getSize().width}`);
      shell.showItemInFolder = (path) => void handed.push(`show ${path}`);
    });
    await page.goto(`studio://app/#/export/${runId}`);
    const folder = page.locator('[draggable="true"]', { hasText: bundle });
    await folder.dispatchEvent('dragstart', {});
    await page.getByRole('button', { name: messages.common.reveal }).click();
    await expect
      .poll(() => inMain(app, () => (globalThis as unknown as { handed: string[] }).handed))
      .toEqual([`drag ${bundle}, icon of 64`, `show ${bundle}`]);
  });

  it('verifies the bundle that a second start names', { timeout: RUN_MS }, async () => {
    const second = startAgain(home, join(bundle, 'model.sig'));
    expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
    await page.waitForURL(/#\/verify/);
    await page.getByText(messages.verify.overall.pass).waitFor({ timeout: RUN_MS });
  });

  it('imports a table that is dropped on the import', async () => {
    await page.goto('studio://app/#/datasets?import=1');
    const dialog = page.getByRole('dialog');
    const group = dialog.getByRole('group', { name: messages.import.drop });
    // A file of the system's has a path; one that a script made has none.
    const input = await page.evaluateHandle(() => {
      const element = document.createElement('input');
      element.type = 'file';
      document.body.append(element);
      return element;
    });
    await input.setInputFiles(join(home, 'pictures', 'metadata.jsonl'));
    const transfer = await input.evaluateHandle((element) => {
      const data = new DataTransfer();
      for (const file of element.files ?? []) data.items.add(file);
      element.remove();
      return data;
    });
    await group.dispatchEvent('drop', { dataTransfer: transfer });
    await dialog.getByText(messages.import.usable('12', '12')).waitFor();
    await dialog.getByRole('button', { name: messages.import.onwards }).click();
    await dialog.getByLabel(messages.import.name, { exact: true }).fill('Dropped dots');
    await dialog.getByRole('button', { name: messages.import.go(12) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: 'Dropped dots' }).waitFor();
    await page.locator('main img').first().waitFor();
  });

  it('has asked nobody on the network for anything', async () => {
    expect(proxy.seen()).toBe(0);
    // A request on purpose, in a session that nothing of ours guards: Chromium records it, and it does not get out.
    const ours = 'http://on-purpose.example/';
    const answer = await inMain(
      app,
      async ({ session }, url) => {
        const unguarded = session.fromPartition('on-purpose');
        // A new session asks for a dictionary of its own.
        unguarded.setSpellCheckerLanguages([]);
        return await unguarded.fetch(url).then(String, (error: unknown) => String(error));
      },
      ours,
    );
    expect(answer).toMatch(/net::ERR_/);
    expect(proxy.seen()).toBe(0);
    // Chromium completes the record when it ends.
    await app.close();
    expect(askedIn(netLog)).toEqual([ours]);
  });

  it('would have been seen by the proxy, as a request of the same Electron without Atelier is', async () => {
    const probe = join(home, 'probe.mjs');
    writeFileSync(
      probe,
      `import { app, net } from 'electron';
      app.whenReady().then(() => net.fetch('http://on-purpose.example/')).catch(() => undefined).then(() => app.exit(0));`,
    );
    const child = startElectron(probe, [...watched, `--user-data-dir=${join(home, 'probe')}`]);
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(proxy.seen()).toBeGreaterThan(0);
  });
});
