/**
 * @file Restoring a backup in the desktop app: from the box for a store that is damaged, with progress in the window, and from
 * Settings, by a new start. What was there before is kept.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../renderer/src/messages/en.ts';
import { seriousFindings } from './browser.ts';
import { answerDialogs, ELECTRON, openDesktop, type Desktop, inMain } from './desktop-app.ts';
import { makeDotsDataset } from './sample-dataset.ts';
import { atelier, runAtelier, temporaryHome } from './studio-host.ts';

const WAIT_MS = 60_000;
const DAMAGE = 'this was a store once';
const RESTORE = 0;
const QUIT = 2;
let open: Desktop | undefined;

afterEach(async () => {
  await open?.app.close().catch(() => undefined);
  open = undefined;
});

/** Keeps the studio from opening until `letOpen`: what it reads first is a pipe to which nobody has written yet. */
function holdOpening(home: string): { letOpen: () => void } {
  const note = join(home, 'restoring.json');
  execFileSync('mkfifo', [note]);
  // A restore that had nothing to move.
  const empty = JSON.stringify({ from: 'nothing', brought: [], aside: 'before-nothing', kept: [] });
  return { letOpen: () => writeFileSync(note, empty) };
}

/** Answers the system's dialog for a file. */
async function chooseFile(app: ElectronApplication, file: string): Promise<void> {
  await inMain(
    app,
    ({ dialog }, path) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
    },
    file,
  );
}

/** Keeps a restore from unpacking more than one file until `globalThis.goOn` is called in the app. */
async function holdUnpacking(app: ElectronApplication): Promise<void> {
  await inMain(app, () => {
    const { promises } = process.getBuiltinModule('node:fs');
    const { mkdir } = promises;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let files = 0;
    promises.mkdir = (async (...given: Parameters<typeof mkdir>) => {
      if (String(given[0]).includes('.restoring-') && (files += 1) > 2) await held;
      return await mkdir(...given);
    }) as typeof mkdir;
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
    Object.assign(globalThis, { goOn });
  });
}

describe.skipIf(ELECTRON === null || process.platform !== 'linux')(
  "restoring in the desktop app (needs Electron's program and pipes with names)",
  () => {
    const source = temporaryHome();
    const backup = join(temporaryHome(), 'backup of dots.zip');

    beforeAll(async () => {
      runAtelier(source, 'import', await makeDotsDataset(join(source, 'pictures')), '--name', 'Dots');
      runAtelier(source, 'backup', backup);
    });

    /** A data folder whose store is damaged. */
    function damagedHome(): string {
      const home = temporaryHome();
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'atelier.sqlite'), DAMAGE.repeat(1000));
      return home;
    }

    const keptIn = (home: string): string[] => readdirSync(home).filter((name) => name.startsWith('before-restore-'));

    it('offers it for a damaged store, says in the window how far it is, and keeps the old store', async () => {
      const home = damagedHome();
      const opening = holdOpening(home);
      open = await openDesktop(home);
      const { app, page } = open;
      const asked = await answerDialogs(app, RESTORE);
      await chooseFile(app, backup);
      await holdUnpacking(app);
      opening.letOpen();
      await page
        .getByRole('status')
        .getByText(/^Checking and unpacking your backup: \d+ of \d+ files …$/)
        .waitFor({ timeout: WAIT_MS });
      expect(await asked()).toEqual(['Your store is damaged, so Atelier cannot open it.']);
      expect(await seriousFindings(page)).toEqual([]);
      await inMain(app, () => (globalThis as unknown as { goOn: () => void }).goOn());
      await page.goto('studio://app/#/datasets');
      await page.getByRole('link', { name: /Dots/ }).first().waitFor({ timeout: WAIT_MS });
      await expect.poll(asked).toEqual([expect.any(String), expect.stringContaining('Everything is as it was on')]);
      const [kept] = keptIn(home);
      expect(readFileSync(join(home, kept ?? '', 'atelier.sqlite'), 'utf8')).toBe(DAMAGE.repeat(1000));
    });

    it('ends when it is asked to while the box is open', async () => {
      const home = damagedHome();
      const opening = holdOpening(home);
      open = await openDesktop(home);
      const { app } = open;
      // The real box opens; it is only counted.
      await inMain(app, ({ dialog }) => {
        const show = dialog.showMessageBox.bind(dialog) as (
          ...given: unknown[]
        ) => Promise<Electron.MessageBoxReturnValue>;
        Object.assign(globalThis, { boxes: 0 });
        dialog.showMessageBox = async (...given: unknown[]) => {
          const shown = show(...given);
          (globalThis as unknown as { boxes: number }).boxes += 1;
          return await shown;
        };
      });
      opening.letOpen();
      await expect
        .poll(() => inMain(app, () => (globalThis as unknown as { boxes: number }).boxes), { timeout: WAIT_MS })
        .toBe(1);
      const gone = new Promise((resolve) => app.process().on('exit', resolve));
      app.process().kill('SIGTERM');
      await gone;
      open = undefined;
      expect(readFileSync(join(home, 'atelier.sqlite'), 'utf8')).toBe(DAMAGE.repeat(1000));
    });

    it('quits by the box, and leaves the damaged store as it is', async () => {
      const home = damagedHome();
      const opening = holdOpening(home);
      open = await openDesktop(home);
      const { app } = open;
      await answerDialogs(app, QUIT);
      const gone = new Promise((resolve) => app.process().on('exit', resolve));
      opening.letOpen();
      expect(await gone).toBe(1);
      open = undefined;
      expect(readFileSync(join(home, 'atelier.sqlite'), 'utf8')).toBe(DAMAGE.repeat(1000));
      expect(keptIn(home)).toEqual([]);
    });

    it('is offered in Settings, and done at a new start', async () => {
      const home = temporaryHome();
      open = await openDesktop(home);
      const { app, page } = open;
      const asked = await answerDialogs(app, RESTORE);
      const text = messages.settings.backup;
      await page.goto('studio://app/#/settings');
      const button = page.getByRole('button', { name: text.restoreOne });
      await chooseFile(app, join(source, 'pictures', 'metadata.jsonl'));
      await button.click();
      await page.getByText(/is not a backup of Atelier/).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      expect(await asked()).toEqual([]);

      await chooseFile(app, backup);
      // The new start would not be driven by this test, so its arguments are kept for one that is.
      const note = join(home, 'relaunch.json');
      await inMain(
        app,
        ({ app: main }, file) => {
          main.relaunch = (options) =>
            process.getBuiltinModule('node:fs').writeFileSync(file, JSON.stringify(options?.args ?? []));
        },
        note,
      );
      const gone = new Promise((resolve) => app.process().on('exit', resolve));
      await button.click();
      await gone;
      const again = (JSON.parse(readFileSync(note, 'utf8')) as string[]).filter((word) =>
        word.startsWith('--restore='),
      );
      expect(again).toEqual([`--restore=${backup}`]);
      expect(atelier(home, 'datasets')).toEqual([]);

      open = await openDesktop(home, again);
      await open.page.goto('studio://app/#/datasets');
      await open.page.getByRole('link', { name: /Dots/ }).first().waitFor({ timeout: WAIT_MS });
      expect(keptIn(home)).toHaveLength(1);
      expect(existsSync(join(home, 'desktop'))).toBe(true);
      expect(readdirSync(home).filter((name) => name.startsWith('.restoring'))).toEqual([]);
    });
  },
);
