/**
 * @file The sandbox of the desktop app: it is on for an ordinary user, as the kernel sees it, and the app does not open where
 * something other than a typed `--no-sandbox` would weaken it.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectToPage } from './debugging-port.ts';
import { ELECTRON } from './desktop-app.ts';
import { childrenOf, engineOf } from './processes.ts';
import { ROOT, temporaryHome } from './studio-host.ts';
import { messages } from '../renderer/src/messages/en.ts';

const MAIN = join(ROOT, 'out', 'main', 'index.js');
/** `nobody`, whom every Linux has. Null where the tests run as an ordinary user anyway. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;
/** A filter of system calls, in the words of /proc/PID/status. */
const SECCOMP_FILTER = '2';
const START_MS = 120_000;

/** Why the app cannot be started in its sandbox here; null if it can. */
function whyNoSandbox(): string | null {
  if (process.platform !== 'linux') return 'Linux and its /proc';
  const asOther = (program: string, ...args: string[]): boolean =>
    spawnSync(program, args, { ...OTHER, stdio: 'ignore' }).status === 0;
  if (!asOther('unshare', '--user', '--map-root-user', 'true')) return 'user namespaces';
  for (const file of [MAIN, ELECTRON ?? '', process.execPath, join(ROOT, 'node_modules', 'sqlite3', 'package.json')])
    if (!asOther('test', '-r', file)) return `${file} to be readable by other users`;
  return null;
}

const MISSING = ELECTRON === null ? "Electron's program" : whyNoSandbox();

/** What the kernel says about a process. */
function statusOf(pid: number, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child.pid, ...descendantsOf(child.pid)]);
}

/** Its command line. Chromium's children write theirs as one string. */
function wordsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
}

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

describe.skipIf(MISSING !== null)(
  `the sandbox of the desktop app, for an ordinary user (needs ${MISSING ?? 'user namespaces'})`,
  () => {
    it('is around every page: a filter of system calls and a user namespace of its own', async () => {
      const place = temporaryHome();
      const home = join(place, 'home');
      mkdirSync(home, { mode: 0o700 });
      // The key to the display, if it has one, belongs to whoever started it.
      const { DISPLAY, XAUTHORITY: key } = process.env;
      const ownKey = join(home, 'Xauthority');
      if (key !== undefined) copyFileSync(key, ownKey);
      if (OTHER !== null) {
        // Folders of the tests above it are closed to others, who may now pass through.
        for (const folder of [dirname(place), place]) {
          const { mode } = statSync(folder);
          if ((mode & 0o001) === 0) chmodSync(folder, (mode & 0o7777) | 0o011);
        }
        for (const path of [home, ...(key === undefined ? [] : [ownKey])]) chownSync(path, OTHER.uid, OTHER.gid);
      }
      const data = join(home, 'data');
      const words = [MAIN, `--home=${data}`, '--remote-debugging-port=0', '--disable-dev-shm-usage'];
      const app = spawn(ELECTRON ?? '', words, {
        ...OTHER,
        cwd: home,
        env: {
          HOME: home,
          TMPDIR: home,
          PATH: process.env['PATH'],
          DISPLAY,
          ...(key === undefined ? {} : { XAUTHORITY: ownKey }),
          ATELIER_NODE: process.execPath,
        },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => app.on('exit', resolve));
      stop = async () => {
        app.kill('SIGTERM');
        await ended;
      };
      const { browser, page } = await connectToPage(app, data);
      const main = app.pid ?? 0;
      await page.goto('studio://app/#/settings');
      await page.getByRole('button', { name: messages.settings.check, exact: true }).click();
      await expect.poll(() => engineOf(main), { timeout: START_MS }).toBeDefined();

      const children = descendantsOf(main);
      for (const pid of [main, ...children]) expect(wordsOf(pid)).not.toContain('--no-sandbox');
      const pages = children.filter((pid) => wordsOf(pid).includes('--type=renderer'));
      expect(pages.length).toBeGreaterThan(0);
      for (const pid of pages) {
        expect(statusOf(pid, 'Seccomp')).toBe(SECCOMP_FILTER);
        // A container may filter the calls of every process; the sandbox adds a filter of its own.
        expect(Number(statusOf(pid, 'Seccomp_filters'))).toBeGreaterThan(Number(statusOf(main, 'Seccomp_filters')));
        expect(statusOf(pid, 'NoNewPrivs')).toBe('1');
        expect(readlinkSync(`/proc/${pid}/ns/user`)).not.toBe(readlinkSync(`/proc/${main}/ns/user`));
      }
      await browser.close();
    });
  },
);

/** Starts the app until it ends by itself. */
async function attempt(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(ELECTRON ?? '', [MAIN, '--disable-dev-shm-usage', ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { code: await new Promise((resolve) => child.on('close', resolve)), said };
}

describe.skipIf(ELECTRON === null)("the sandbox of the desktop app (needs Electron's program)", () => {
  it.each([
    ['an environment variable', [], { ELECTRON_DISABLE_SANDBOX: '1' }, 'ELECTRON_DISABLE_SANDBOX'],
    ['another spelling of the switch', ['-no-sandbox'], {}, '-no-sandbox'],
  ])('is not given up for %s', async (_what, words, env, named) => {
    const home = join(temporaryHome(), 'new');
    const { code, said } = await attempt([...words, `--home=${home}`], env);
    expect(said).toContain(`${named} would weaken the sandbox`);
    expect(code).toBe(1);
    expect(existsSync(join(home, 'atelier.sqlite'))).toBe(false);
  });

  it.skipIf(OTHER === null)('is not given up for root, who gets a sentence instead (needs to be root)', async () => {
    const home = join(temporaryHome(), 'new');
    const { code, said } = await attempt([`--home=${home}`], {});
    expect(said).toMatch(/root without --no-sandbox/);
    expect(code).not.toBe(0);
    expect(existsSync(join(home, 'atelier.sqlite'))).toBe(false);
  });
});
