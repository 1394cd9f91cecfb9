/** @file The whole desktop app on a fake Electron: what it switches off, opens and shows, and how it quits. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioClient } from '../cli/command.ts';
import { MainPort } from './fixtures/doors.ts';
import { fakeElectron, type FakeElectron } from './fixtures/fake-electron.ts';
import { PORT_CHANNEL } from './studio-port.ts';

let electron: FakeElectron;
let home: string;

vi.mock(
  'electron',
  () =>
    new Proxy(
      {},
      { get: (_target, name) => (name === 'then' ? undefined : electron.module[name as string]), has: () => true },
    ),
);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-desktop-'));
  electron = fakeElectron(home);
});

afterEach(async () => {
  await electron.leave();
  vi.resetModules();
});

/** Allows for creating the data folder and reading the starter model on a machine that may be busy. */
const WAIT = { timeout: 30_000 };

/** Starts the app and waits for its window. */
async function start(): Promise<void> {
  await import('./index.ts');
  await vi.waitFor(() => expect(existsSync(join(home, 'atelier.sqlite'))).toBe(true), WAIT);
  expect(electron.windows).toHaveLength(1);
}

describe('before it is ready', () => {
  it('is sandboxed, offline, in its data folder, and has named its protocols', async () => {
    await start();
    expect(existsSync(join(home, 'atelier.sqlite'))).toBe(true);
    const ready = electron.calls.indexOf('ready');
    for (const call of [
      'enableSandbox',
      'registerSchemesAsPrivileged',
      'requestSingleInstanceLock',
      'setAppUserModelId',
    ])
      expect(electron.calls.indexOf(call), call).toBeLessThan(ready);
    expect(electron.calls.indexOf('setPath')).toBeLessThan(electron.calls.indexOf('requestSingleInstanceLock'));
    expect(electron.paths).toEqual({ userData: join(home, 'desktop') });
    expect(electron.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND');
  });

  it('leaves at once where another has the data folder', async () => {
    electron.locked = true;
    await import('./index.ts');
    expect(electron.calls).toContain('quit');
    expect(electron.windows).toEqual([]);
    expect(existsSync(join(home, 'atelier.sqlite'))).toBe(false);
  });

  it('says in words why it cannot start', async () => {
    writeFileSync(join(home, 'file'), '');
    electron.home = join(home, 'file');
    // Chromium gives no lock where it cannot write.
    electron.locked = true;
    await import('./index.ts');
    await vi.waitFor(() => expect(electron.told).toHaveLength(1), WAIT);
    expect(electron.told[0]).toContain('cannot be a folder');
    expect(electron.calls).toContain('exit 1');
  });
});

describe('the sandbox', () => {
  it('is not given up for the environment: the app says so and ends', async () => {
    vi.stubEnv('ELECTRON_DISABLE_SANDBOX', '1');
    await import('./index.ts');
    vi.unstubAllEnvs();
    expect(electron.told).toEqual([expect.stringContaining('ELECTRON_DISABLE_SANDBOX would weaken the sandbox')]);
    expect(electron.calls).toContain('exit 1');
    expect(electron.windows).toEqual([]);
  });
});

describe('its window', () => {
  it('is isolated, and shows the page', async () => {
    await start();
    const [window] = electron.windows;
    expect(window?.options.webPreferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      preload: expect.stringMatching(/out.preload.index\.cjs$/),
    });
    expect(window?.loaded).toEqual(['studio://app/#/']);
    expect(Object.keys(electron.protocols).sort()).toEqual(['media', 'studio']);
    expect(electron.session.handlers).toEqual(new Set(['permission', 'check', 'device', 'request']));
  });

  it('comes back where it was', async () => {
    await start();
    electron.windows[0]!.bounds = { x: 40, y: 50, width: 1000, height: 700 };
    electron.windows[0]!.emit('close');
    electron.windows.length = 0;
    electron.app.emit('activate');
    expect(electron.windows[0]?.options).toMatchObject({ x: 40, y: 50, width: 1000, height: 700 });
  });

  it('comes back maximised, with the size that it had before', async () => {
    await start();
    electron.windows[0]!.bounds = { x: 40, y: 50, width: 1000, height: 700 };
    electron.windows[0]!.maximize();
    electron.windows[0]!.emit('close');
    electron.windows.length = 0;
    electron.app.emit('activate');
    expect(electron.windows[0]?.options).toMatchObject({ x: 40, y: 50, width: 1000, height: 700 });
    expect(electron.windows[0]?.maximized).toBe(true);
  });

  it('comes back in full screen, also after it was killed', async () => {
    await start();
    electron.windows[0]!.setFullScreen(true);
    electron.windows[0]!.emit('enter-full-screen');
    // It is not closed, so only what is kept in the meantime counts.
    await vi.waitFor(() => expect(existsSync(join(home, 'window.json'))).toBe(true), WAIT);
    electron.windows.length = 0;
    electron.app.emit('activate');
    expect(electron.windows[0]?.fullScreen).toBe(true);
  });

  it('does not come back on a screen that is gone', async () => {
    await start();
    electron.windows[0]!.bounds = { x: 90_000, y: -9000, width: 1000, height: 700 };
    electron.windows[0]!.emit('close');
    electron.windows.length = 0;
    electron.app.emit('activate');
    expect(electron.windows[0]?.options).toMatchObject({ width: 1000, height: 700 });
    // Without a position, the system puts it in the middle of the first screen.
    expect(electron.windows[0]?.options).not.toHaveProperty('x');
  });

  it('gets the studio by a port, and nobody else does', async () => {
    await start();
    const { port1, port2 } = new MessageChannel();
    const ask = (sender: unknown, url: string, port: MainPort) =>
      electron.ipcMain.emit(PORT_CHANNEL, { sender, senderFrame: { url, parent: null }, ports: [port] });
    ask(electron.windows[0]!.webContents, 'studio://app/', new MainPort(port1));
    port2.start();
    const client: StudioClient = createORPCClient(new RPCLink({ port: port2 as never }));
    expect(await client.system.status()).toMatchObject({ home, network: 'none' });
    const strange = new MessageChannel();
    const closed = new Promise((resolve) => strange.port2.once('close', resolve));
    ask({}, 'studio://app/', new MainPort(strange.port1));
    await closed;
    port2.close();
  });

  it('is brought forward by a second start, which may name a bundle', async () => {
    await start();
    const bundle = join(home, 'a bundle');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'model.sig'), '');
    electron.app.emit('second-instance', {}, ['electron', '.', 'a bundle'], home);
    expect(electron.windows).toHaveLength(1);
    expect(electron.windows[0]!.focused).toBe(1);
    expect(electron.windows[0]!.loaded.at(-1)).toBe(`studio://app/#/verify?path=${encodeURIComponent(bundle)}`);
    electron.app.emit('open-file', { preventDefault: () => undefined }, join(bundle, 'model.sig'));
    expect(electron.windows[0]!.loaded).toHaveLength(3);
    // A path that cannot be opened is answered in words, in the same window.
    electron.app.emit('second-instance', {}, ['electron', '.', 'nowhere'], home);
    expect(electron.told[0]).toContain('nothing at this path');
    expect(electron.windows[0]!.loaded).toHaveLength(3);
  });

  it('shows the bundle that was opened with the program while the studio was opening', async () => {
    const bundle = mkdtempSync(join(tmpdir(), 'atelier-bundle-'));
    writeFileSync(join(bundle, 'model.sig'), '');
    await import('./index.ts');
    electron.app.emit('open-file', { preventDefault: () => undefined }, bundle);
    await vi.waitFor(
      () => expect(electron.windows[0]?.loaded.at(-1) ?? '').toContain(encodeURIComponent(bundle)),
      WAIT,
    );
  });
});

describe('a crash of the page', () => {
  it('is answered with a question, and a reload', async () => {
    await start();
    electron.answers.push(0);
    electron.windows[0]!.webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 9 });
    await vi.waitFor(() => expect(electron.windows[0]!.webContents.reloads).toBe(1));
    expect(electron.told[0]).toContain('ran out of memory');
  });
});

describe('leaving', () => {
  it('closes the studio first, and goes once', async () => {
    await start();
    let held = 0;
    electron.app.emit('before-quit', { preventDefault: () => (held += 1) });
    expect(held).toBe(1);
    await vi.waitFor(() => expect(electron.calls.filter((call) => call === 'quit')).toHaveLength(1), WAIT);
    electron.app.emit('before-quit', { preventDefault: () => (held += 1) });
    expect(held).toBe(1);
  });
});
