/**
 * @file The packaged app as a stranger's machine starts it for the first time: an empty home, no Node, Python or compiler on
 * the PATH, no network, and the fuses as they are published. `npm run test:package` builds it and names it here.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Ajv } from 'ajv';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builderSchema } from '../electron/tools/setup/packaging/builder.mjs';
import { configuration } from '../electron/tools/setup/packaging/configuration.mjs';
import { readFuses } from '../electron/tools/setup/packaging/fuses.mjs';
import { SHIPPED_NODE } from '../electron/tools/setup/packaging/shipped-node.mjs';
import { messages } from '../renderer/src/messages/en.ts';
import { connectToPage } from './debugging-port.ts';
import { childrenOf, engineOf, nativeModulesOf, sharedConnections, type ProcessFacts } from './processes.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { fillShortRun } from './short-run.ts';

/** The folder of the packaged app, installed from its Debian package. */
const FOLDER = process.env['ATELIER_TEST_PACKAGE'] ?? null;
const DEB = process.env['ATELIER_TEST_DEB'] ?? null;
/** Where the Debian package is installed as a system would install it; unset where it is only unpacked. */
const INSTALLED = process.env['ATELIER_TEST_ROOT'] || null;
/** Set by the command that runs this in a network namespace of its own. */
const IS_OFFLINE = process.env['ATELIER_TEST_OFFLINE'] === '1';
const ROOTED = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];
const START_MS = 60_000;
const RUN_MS = 240_000;
const QUIT_MS = 60_000;
/** More than the warm-up of the default recipe. */
const STEPS = 6;

/** Variables that would turn Electron into Node or open its inspector if a fuse were missing. */
const HOSTILE = { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--inspect=127.0.0.1:0', VSCODE_INSPECTOR_OPTIONS: '{}' };

describe.skipIf(FOLDER === null)('the packaged app (needs a package: npm run test:package)', () => {
  const place = mkdtempSync(join(tmpdir(), 'atelier-package-'));
  const home = join(place, 'home');
  const path = join(place, 'empty-path');
  const data = join(home, '.local', 'share', 'atelier');
  const bundle = join(place, 'bundle');
  const program = join(FOLDER ?? '', 'atelier');
  const resources = join(FOLDER ?? '', 'resources');
  let app: ChildProcess;
  let ended: Promise<true>;
  let browser: Browser | undefined;
  let page: Page;
  let engine: ProcessFacts | undefined;
  let said = '';

  beforeAll(async () => {
    mkdirSync(home, { recursive: true });
    mkdirSync(path);
    app = spawn(program, ['--remote-debugging-port=0', '--inspect=127.0.0.1:0', ...ROOTED], {
      env: { HOME: home, PATH: path, DISPLAY: process.env['DISPLAY'], ...HOSTILE },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    ended = new Promise((resolve) => app.on('exit', () => resolve(true)));
    for (const stream of [app.stdout, app.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    ({ browser, page } = await connectToPage(app, data).catch(fail));
    await page.evaluate(() => localStorage.setItem('atelier.tour', 'yes'));
    await page.reload();
  });

  function fail(cause: unknown): never {
    throw new Error(`The packaged app could not be started. It said:\n${said}`, { cause });
  }

  afterAll(async () => {
    await browser?.close();
    app.kill('SIGTERM');
    // It trains nothing now, so there is nothing to wait for but its children.
    const isEnded = await Promise.race([ended, pause(QUIT_MS, false)]);
    if (!isEnded) app.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
    if (!isEnded) throw new Error(`The packaged app did not quit. It said:\n${said}`);
  });

  it.skipIf(!IS_OFFLINE)('runs where there is no network (needs unshare and the right to use it)', () => {
    const outside = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    expect(outside.filter(({ internal }) => !internal)).toEqual([]);
  });

  it('opens its window although the environment asks it to be Node, and opens no inspector', async () => {
    await page.goto('studio://app/#/datasets');
    await page.getByRole('main').waitFor();
    expect(said).not.toContain('Debugger listening');
  });

  it('imports a folder', async () => {
    await page.goto('studio://app/#/datasets?import=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: messages.import.drop }).fill(await makeDotsDataset(join(place, 'dots')));
    await dialog.getByRole('button', { name: messages.import.inspect }).click();
    await dialog.getByText(messages.import.usable('12', '12')).waitFor({ timeout: START_MS });
    await dialog.getByRole('button', { name: messages.import.onwards }).click();
    await dialog.getByLabel(messages.import.name, { exact: true }).fill('Dots');
    await dialog.getByRole('button', { name: messages.import.go(12) }).click();
    await dialog.getByRole('button', { name: messages.import.open }).click();
    await page.getByRole('heading', { name: 'Dots' }).waitFor();
    await page.locator('main img').first().waitFor();
  });

  it('trains the starter model on it', { timeout: RUN_MS }, async () => {
    await page.goto('studio://app/#/train');
    await page.getByRole('radio').first().waitFor();
    await fillShortRun(page, STEPS);
    await page.getByRole('button', { name: messages.train.start }).click();
    await page.waitForURL(/#\/runs\/.+/);
    await expect
      .poll(() => (engine = engineOf(app.pid ?? 0))?.program, { timeout: START_MS })
      .toBe(join(resources, 'node', 'node'));
    await page.getByText(messages.runs.status.completed).first().waitFor({ timeout: RUN_MS });
  });

  it('exports the run, and verifies the bundle', { timeout: RUN_MS }, async () => {
    const runId = /#\/runs\/([^?/]+)/.exec(page.url())?.[1] ?? '';
    await page.goto(`studio://app/#/export/${runId}`);
    await page.getByRole('radio').first().waitFor();
    await page.getByRole('textbox', { name: messages.export.destinationDrop }).fill(bundle);
    await page.getByRole('button', { name: messages.export.create }).click();
    await page.getByText(messages.export.overall.pass).waitFor({ timeout: RUN_MS });
    await page.goto(`studio://app/#/verify?path=${encodeURIComponent(bundle)}`);
    await page.getByText(messages.verify.overall.pass).waitFor({ timeout: RUN_MS });
  });

  it('runs the engine under the Node that it ships, with TensorFlow and a clean environment', () => {
    expect(engine?.arguments.filter((word) => word.startsWith('-'))).toEqual([]);
    const pid = engine?.pid ?? 0;
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    for (const name of Object.keys(HOSTILE)) expect(environment).not.toContain(`${name}=`);
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).toContain(join(resources, 'app.asar.unpacked'));
    expect(nativeModulesOf(pid)).toContain('tfjs_binding.node');
    expect(nativeModulesOf(app.pid ?? 0)).toEqual(['node_sqlite3.node']);
    for (const child of childrenOf(app.pid ?? 0)) expect(child.program).toContain(FOLDER);
    expect(sharedConnections(pid, app.pid ?? 0)).toEqual([]);
    const { stdout } = spawnSync(join(resources, 'node', 'node'), ['--version'], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`v${SHIPPED_NODE.version}`);
  });

  it('keeps its log free of errors', () => {
    const file = join(data, 'logs', 'studio.log');
    // The file comes into being with its first line.
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    const troubles = lines
      .map((line) => JSON.parse(line) as { level: number; msg: string })
      .filter(({ level }) => level > 30);
    expect(troubles.map(({ msg }) => msg)).toEqual([]);
  });

  it('has the fuses of a published build', async () => {
    expect(await readFuses(program)).toMatchObject({
      RunAsNode: 'off',
      EnableCookieEncryption: 'on',
      EnableNodeOptionsEnvironmentVariable: 'off',
      EnableNodeCliInspectArguments: 'off',
      EnableEmbeddedAsarIntegrityValidation: 'on',
      OnlyLoadAppFromAsar: 'on',
      GrantFileProtocolExtraPrivileges: 'off',
    });
  });

  it('holds no app but its own, and no link that leads out of it', () => {
    expect(readdirSync(resources).sort()).toEqual(['app.asar', 'app.asar.unpacked', 'node']);
    const entries = readdirSync(FOLDER ?? '', { recursive: true, withFileTypes: true });
    const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
    const open = entries.filter(
      (entry) => entry.isFile() && (statSync(join(entry.parentPath, entry.name)).mode & 0o022) !== 0,
    );
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it('is configured for all three systems as electron-builder’s own schema wants it', async () => {
    const check = new Ajv({ strict: false, allErrors: true }).compile(await builderSchema());
    // Hooks are functions, which a JSON schema cannot describe.
    const { afterPack: _hook, ...plain } = configuration;
    expect([check(plain), check.errors]).toEqual([true, null]);
    expect(check({ ...plain, mac: { ...plain.mac, hardenedRuntimes: true } })).toBe(false);
  });

  it.skipIf(DEB === null)(
    'names itself as a Debian package and runs no script when it is installed (needs dpkg-deb)',
    () => {
      const { stdout } = askDeb('--info');
      for (const line of ['Package: atelier', 'Architecture: ', 'Depends: ', 'Installed-Size: '])
        expect(stdout).toContain(line);
      expect(stdout).not.toMatch(/(pre|post)(inst|rm)/);
    },
  );

  it.skipIf(DEB === null)(
    'belongs to root as a Debian package, with a command and a menu entry (needs dpkg-deb)',
    () => {
      const lines = askDeb('--contents').stdout.split('\n').filter(Boolean);
      expect(lines.filter((line) => !line.includes(' root/root '))).toEqual([]);
      for (const file of ['./usr/bin/atelier', 'applications/atelier.desktop', 'mime/packages/atelier.xml'])
        expect(lines.some((line) => line.includes(file))).toBe(true);
      expect(lines.find((line) => line.endsWith('/usr/bin/atelier'))).toMatch(/^-rwxr-xr-x/);
      expect(lines.find((line) => line.endsWith('/chrome-sandbox'))).toMatch(/^-rwsr-xr-x/);
    },
  );
});

describe.skipIf(INSTALLED === null)('the installation of the Debian package (needs root)', () => {
  const root = INSTALLED ?? '';
  const dpkg = (...args: string[]) => spawnSync('dpkg', [`--root=${root}`, ...args], { encoding: 'utf8' });

  it('is complete, and each file of it is what the package says', () => {
    const { stdout } = spawnSync('dpkg-query', [`--admindir=${join(root, 'var', 'lib', 'dpkg')}`, '-W', 'atelier'], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^atelier\t/);
    expect(dpkg('--audit')).toMatchObject({ status: 0, stdout: '' });
    const verified = dpkg('--verify', 'atelier');
    expect([verified.status, verified.stdout]).toEqual([0, '']);
    expect(spawnSync(join(root, 'usr', 'bin', 'atelier'), ['--version'], { encoding: 'utf8' }).stderr).toContain(
      'You are root',
    );
  });

  it('leaves nothing behind when it is removed, not even after the app has run', () => {
    expect(dpkg('--purge', 'atelier').status).toBe(0);
    const left = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((path) => !path.startsWith(join('var', 'lib', 'dpkg')));
    expect(left).toEqual([]);
  });
});

function askDeb(...args: string[]): { stdout: string } {
  return spawnSync('dpkg-deb', [...args, DEB ?? ''], { encoding: 'utf8', maxBuffer: 1 << 26 });
}
