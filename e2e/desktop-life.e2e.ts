/**
 * @file What the desktop app survives: its page, its engine and the app itself ending at a bad moment, and being closed
 * while it trains.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../electron/store/connection/connection.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { answerDialogs, ELECTRON, openDesktop, type Desktop, inMain } from './desktop-app.ts';
import { childrenOf, engineOf } from './processes.ts';
import { atelier, ROOT, startAtelier, temporaryHome } from './studio-host.ts';

const SETTINGS = [
  'promptsPerStep=2',
  'numGenerations=2',
  'checkpointEvery=2',
  'evalSamples=2',
  'maxCompletionLength=8',
];
/** On a machine that does much else, each look at the runs takes ten seconds. */
const LONG_MS = 420_000;
/** Too many to be over before the app is closed, on a fast machine too. */
const STEPS = 120;
/** A store that an older Atelier wrote, with one run in it. */
const OLD_STORE = join(ROOT, 'electron', 'store', 'testing', 'stores', 'version-09.sqlite.gz');
const OLD_RUN = 'A small run';
let open: Desktop | undefined;

afterEach(async () => {
  await open?.app.close().catch(() => undefined);
  open = undefined;
});

interface RunLine {
  id: string;
  status: string;
  step: number;
  lastCheckpointStep: number | null;
}

function runs(home: string): RunLine[] {
  return atelier(home, 'runs') as RunLine[];
}

/** A data folder in which a run of many steps waits for the next Atelier that works on the queue. */
async function withLongRun(): Promise<string> {
  const home = temporaryHome();
  const set = SETTINGS.flatMap((setting) => ['--set', setting]);
  const { child, lines, ended } = startAtelier(
    home,
    'train',
    '--dataset',
    'counting',
    '--steps',
    String(STEPS),
    ...set,
  );
  // It begins in the terminal and is interrupted there, after its first checkpoint.
  lines.on('line', (line) => {
    const { steps } = JSON.parse(line) as { steps?: { step: number }[] };
    if (steps?.some(({ step }) => step >= 2) === true) child.kill('SIGINT');
  });
  await ended;
  return home;
}

/** Resumes a run on its page, and waits for the engine. */
async function resume({ page, pid }: Desktop, run: RunLine | undefined): Promise<void> {
  await page.goto(`studio://app/#/runs/${run?.id ?? ''}`);
  await page
    .getByRole('button', { name: new RegExp(`^${messages.run.resume}`) })
    .first()
    .click();
  await expect.poll(() => engineOf(pid), { timeout: 60_000 }).toBeDefined();
}

describe.skipIf(ELECTRON === null || process.platform !== 'linux')(
  "the desktop app at bad moments (needs Electron's program and /proc)",
  () => {
    it('opens its window again when the page is gone', async () => {
      const home = temporaryHome();
      open = await openDesktop(home);
      const { app, page } = open;
      const asked = await answerDialogs(app, 0);
      await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
      await inMain(app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
      await expect.poll(asked).toEqual(['The window stopped working.']);
      await expect
        .poll(() =>
          inMain(app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.isCrashed() ?? true),
        )
        .toBe(false);
    });

    it(
      'goes on with a run whose engine was killed, writes a checkpoint when it is closed, and resumes there',
      { timeout: LONG_MS },
      async () => {
        const home = await withLongRun();
        const [run] = runs(home);
        open = await openDesktop(home);
        const { pid } = open;
        await resume(open, run);
        const before = runs(home)[0]?.step ?? 0;
        // A run goes on by itself only if it has written a checkpoint since it was resumed; there is one every two steps.
        await expect
          .poll(() => runs(home)[0]?.step ?? 0, { timeout: 150_000, interval: 1000 })
          .toBeGreaterThan(before + 2);
        process.kill(engineOf(pid)?.pid ?? 0, 'SIGKILL');
        const killedAt = runs(home)[0]?.step ?? 0;
        await expect
          .poll(() => runs(home)[0]?.step ?? 0, { timeout: 150_000, interval: 1000 })
          .toBeGreaterThan(killedAt + 1);

        const engine = engineOf(pid)?.pid ?? 0;
        await open.app.close();
        open = undefined;
        expect(() => process.kill(engine, 0)).toThrow('ESRCH');
        const [closed] = runs(home);
        expect(closed?.status).toBe('interrupted');
        expect(closed?.step).toBeGreaterThan(killedAt);
        expect(closed?.lastCheckpointStep).toBe(closed?.step);

        open = await openDesktop(home);
        await open.page.goto(`studio://app/#/runs/${run?.id ?? ''}`);
        const resumeHere = messages.run.resumeFrom(closed?.step ?? 0, STEPS);
        await open.page.getByRole('button', { name: resumeHere }).first().click();
        // That such a run comes to its end is shown where it is shorter (engine-lost.e2e.ts, starter.e2e.ts).
        await expect
          .poll(() => runs(home)[0]?.step ?? 0, { timeout: 150_000, interval: 1000 })
          .toBeGreaterThan(closed?.step ?? STEPS);
        expect(runs(home)[0]?.status).toBe('running');
      },
    );

    it('leaves no process and no lock behind when it is killed', { timeout: LONG_MS }, async () => {
      const home = await withLongRun();
      const [run] = runs(home);
      open = await openDesktop(home);
      const { pid, app } = open;
      await resume(open, run);
      const children = childrenOf(pid).map((child) => child.pid);
      const gone = new Promise((resolve) => app.process().on('exit', resolve));
      process.kill(pid, 'SIGKILL');
      await gone;
      open = undefined;
      const alive = (): number[] =>
        children.filter((child) => {
          try {
            process.kill(child, 0);
            return true;
          } catch {
            return false;
          }
        });
      await expect.poll(alive, { timeout: 30_000 }).toEqual([]);
      // The next one opens, and finds the run ready to go on.
      open = await openDesktop(home, ['--password-store=basic']);
      await open.page.goto(`studio://app/#/runs/${run?.id ?? ''}`);
      await open.page
        .getByRole('button', { name: new RegExp(`^${messages.run.resume}`) })
        .first()
        .waitFor({ timeout: 60_000 });

      // Here the system has no keychain, so a file holds the key, and the page says so.
      await open.page.goto(`studio://app/#/export/${run?.id ?? ''}`);
      const destination = open.page.getByRole('textbox', { name: messages.export.destinationDrop });
      await destination.fill(join(home, 'bundle'));
      await open.page.getByRole('button', { name: messages.export.create }).click();
      await open.page.getByText(/^Exported/).waitFor({ timeout: 60_000 });
      expect(readdirSync(join(home, 'keys'))).toEqual(['signing.pem']);
      await open.page.goto('studio://app/#/settings');
      await open.page.getByText(messages.settings.keyKeptBy.file).waitFor();
    });

    it('quits although its engine does not react, and leaves no process and no lock', async () => {
      const home = temporaryHome();
      open = await openDesktop(home);
      const { app, page, pid } = open;
      await page.goto('studio://app/#/settings');
      await page.getByRole('button', { name: messages.settings.check, exact: true }).click();
      await expect.poll(() => engineOf(pid), { timeout: 60_000 }).toBeDefined();
      const engine = engineOf(pid)?.pid ?? 0;
      // A stopped process reacts to nothing but SIGKILL.
      process.kill(engine, 'SIGSTOP');
      const main = app.process();
      await app.close();
      open = undefined;
      expect(main.exitCode).toBe(0);
      expect(() => process.kill(engine, 0)).toThrow('ESRCH');
      expect(readdirSync(join(home, 'desktop'))).not.toContain('SingletonLock');
    });

    it('quits although its page hangs', async () => {
      open = await openDesktop(temporaryHome());
      const { app, page } = open;
      await page.getByRole('link', { name: messages.home.importOwn }).waitFor();
      const hanging = page.evaluate(() => {
        for (;;);
      });
      const gone = Promise.allSettled([hanging, new Promise((resolve) => app.process().on('exit', resolve))]);
      await inMain(app, ({ app: main }) => main.quit()).catch(() => undefined);
      await gone;
      open = undefined;
    });

    it('shows in its window that the store is brought up to date, before the studio opens', async () => {
      const home = temporaryHome();
      const store = join(home, 'atelier.sqlite');
      writeFileSync(store, gunzipSync(readFileSync(OLD_STORE)));
      // Another process writes, so that the store waits for its turn.
      const other = await openDatabase(store);
      await other.exec('BEGIN IMMEDIATE');
      open = await openDesktop(home);
      const { page } = open;
      await page.getByRole('status').getByText('Bringing your store up to date: version ').waitFor({ timeout: 60_000 });
      await other.exec('ROLLBACK');
      await other.close();
      // The run that the old store holds.
      await page.goto('studio://app/#/runs');
      await page.getByRole('link', { name: OLD_RUN }).first().waitFor({ timeout: 60_000 });
    });

    it('shows its window while the studio still opens, and comes back where it was', async () => {
      const home = temporaryHome();
      open = await openDesktop(home);
      await inMain(open.app, ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.setBounds({ x: 30, y: 40, width: 1100, height: 720 }),
      );
      await open.app.close();
      open = await openDesktop(home);
      const bounds = await inMain(open.app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
      expect(bounds).toMatchObject({ width: 1100, height: 720 });
    });
  },
);
