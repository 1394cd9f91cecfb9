/**
 * @file Every screen on a fixed data folder: no serious axe findings in light or dark, nothing overflowing the window
 * at any size, and features that span screens: keyboard, commands, first steps, addresses.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from '../electron/main/menu.ts';
import type { RunWarning } from '../electron/contract/model/runs.ts';
import { messages } from '../renderer/src/messages/en.ts';
import { parseHash } from '../renderer/src/navigation/route.ts';
import { BROWSER, openPage, seriousFindings } from './browser.ts';
import { everyScreen, settled } from './every-screen.ts';
import { studioInBrowser } from './studio-page.ts';
import type { SyntheticIds } from './synthetic/synthetic-store.ts';
import { fillStore } from './synthetic/synthetic-store.ts';

const STEPS = 120;
const warnings: RunWarning[] = [
  { step: 40, code: 'E2E_INFO', severity: 'info', message: 'Answers became shorter by a third; none was cut off.' },
  { step: 90, code: 'E2E_WARNING', severity: 'warning', message: 'Half of the groups gave no signal for 20 steps.' },
  { step: 100, code: 'E2E_PROBLEM', severity: 'problem', message: 'KL rose far beyond its usual range.' },
];

/** The middle one is the best. */
const heldOut = [
  { step: 40, correct: 8 },
  { step: 80, correct: 13 },
  { step: 120, correct: 11 },
];

/** Ctrl K, a few words, Enter. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const input = page.getByPlaceholder(messages.palette.placeholder);
  await input.fill(words);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'detached' });
}

describe.skipIf(BROWSER === null)('every screen (needs Chromium)', () => {
  let ids: SyntheticIds;
  const shared = studioInBrowser(async (home) => {
    ids = await fillStore(home, { samples: 24, steps: STEPS, groups: STEPS, warnings, heldOut });
  });

  it.each(['light', 'dark'] as const)('has nothing serious for axe in %s', async (colorScheme) => {
    const { page } = shared.studio;
    await page.emulateMedia({ colorScheme });
    const found: Record<string, string[]> = {};
    for (const [name, path] of everyScreen(ids)) {
      await shared.go(path);
      await settled(page);
      const findings = await seriousFindings(page);
      if (findings.length > 0) found[name] = findings;
    }
    await page.emulateMedia({ colorScheme: 'light' });
    expect(found).toEqual({});
  });

  // 640 × 360 is a window of 1280 × 720 at a zoom of 200 %.
  it.each([
    [420, 800],
    [640, 360],
    [1280, 720],
    [3840, 2160],
  ])('fits into %i × %i', async (width, height) => {
    const { page } = shared.studio;
    await page.setViewportSize({ width, height });
    const wide: string[] = [];
    for (const [name, path] of everyScreen(ids)) {
      await shared.go(path);
      await settled(page);
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) wide.push(`${name}: ${String(over)} px`);
    }
    await page.setViewportSize({ width: 1360, height: 860 });
    expect(wide).toEqual([]);
  });

  it('shows notes by severity: a reassuring one looks like none', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    const region = page.getByRole('region', { name: messages.run.warnings });
    // Notes arrive one after another; the line shows the worst, and takes no more room for several.
    const all = region.getByRole('button', { name: messages.run.allWarnings(3) });
    await all.waitFor();
    const height = (await region.boundingBox())?.height;
    expect(
      await region.locator('p').evaluateAll((notes: Element[]) => notes.map((note) => note.classList.item(1))),
    ).toEqual(['problem']);
    await all.click();
    const notes = region.getByRole('group').locator('p');
    expect(await notes.evaluateAll((each: Element[]) => each.map((note) => note.classList.item(1)))).toEqual([
      'problem',
      'warning',
      'info',
    ]);
    expect((await region.boundingBox())?.height).toBe(height);
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await notes.first().waitFor({ state: 'detached' });
  });

  it('names the step that answered most held-out questions, shows it and exports it', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    await page.getByText(messages.run.bestStep('80', '65%')).waitFor();
    const way = await page.getByRole('link', { name: messages.run.bestExport }).getAttribute('href');
    expect(way).toBe(`#/export/${ids.runId}/step/80`);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: messages.run.bestShow }).click();
    await page.waitForURL(/\/step\/80/);
  });

  it('leads to any step and answer by an address, also in a second window that comes late', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    const scrubber = page.getByRole('slider', { name: messages.samples.stepLabel });
    await scrubber.waitFor();
    expect(await scrubber.getAttribute('max')).toBe(String(STEPS));
    await scrubber.fill('30');
    await page.waitForURL(/\/step\/30/);
    await page.reload();
    await scrubber.waitFor();
    expect(await scrubber.inputValue()).toBe('30');
    const prompt = await page.locator('.prompt').first().innerText();

    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.locator('.prompt').first().waitFor();
    expect(await second.locator('.prompt').first().innerText()).toBe(prompt);
    await second.close();
  });

  it('names, tags, finds, removes and restores a run', async () => {
    const { page } = shared.studio;
    const { run, runs } = messages;
    await shared.go(`/runs/${ids.runId}`);
    const before = await page.getByRole('heading', { level: 1 }).innerText();
    async function rename(name: string): Promise<void> {
      await page.getByRole('button', { name: run.rename }).click();
      await page.getByRole('textbox', { name: run.renameLabel }).fill(name);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name }).waitFor();
    }
    await rename('Owls at dusk');
    await page.getByRole('button', { name: run.tags.add }).click();
    await page.getByRole('textbox', { name: run.tags.add }).fill('keep');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: run.tags.remove('keep') }).waitFor();

    await shared.go('/runs');
    const row = page.getByRole('link', { name: /Owls at dusk/ });
    await page.getByRole('searchbox', { name: runs.find }).fill('no such run');
    await page.getByRole('heading', { name: runs.noneFound }).waitFor();
    await page.getByRole('button', { name: runs.noneFoundAction }).click();
    await page.getByRole('button', { name: runs.showTag('keep') }).click();
    await row.click();

    await page.getByRole('button', { name: run.remove, exact: true }).click();
    await page.waitForURL(/#\/runs$/);
    await page.getByText(run.removed('Owls at dusk')).first().waitFor();
    await page.getByRole('link', { name: runs.trash.open }).click();
    await row.waitFor();
    await page.getByRole('button', { name: runs.trash.clear }).click();
    const dialog = page.getByRole('dialog', { name: runs.trash.clearTitle });
    await dialog.getByRole('button', { name: messages.common.cancel }).click();
    await page.getByRole('button', { name: runs.trash.restore, exact: true }).click();
    await page.getByRole('heading', { name: runs.trash.empty }).waitFor();

    await shared.go(`/runs/${ids.runId}`);
    await page.getByRole('button', { name: run.tags.remove('keep') }).click();
    await page.getByRole('button', { name: run.tags.remove('keep') }).waitFor({ state: 'detached' });
    await rename(before);
  });

  it('smooths, stretches and cuts the curves as asked, and remembers it', async () => {
    const { page } = shared.studio;
    await shared.go(`/runs/${ids.runId}`);
    await page.getByRole('button', { name: messages.run.log, exact: true }).click();
    await page.getByRole('slider', { name: messages.run.smoothing }).fill('0');
    await page.reload();
    const log = page.getByRole('button', { name: messages.run.log, exact: true });
    await log.waitFor();
    expect(await log.getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByRole('slider', { name: messages.run.smoothing }).inputValue()).toBe('0');
    await page.getByRole('button', { name: messages.run.linear, exact: true }).click();
    await page.getByRole('slider', { name: messages.run.smoothing }).fill('0.9');
  });

  it('answers to the keyboard: commands and help', async () => {
    const { page } = shared.studio;
    await shared.go('/');
    await settled(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: messages.help.title }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await command(page, messages.commands.dark);
    await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
    await command(page, messages.commands.system);
    await command(page, messages.nav.verify);
    await page.waitForURL(/#\/verify/);
  });

  it('frees what can be made again, and says how much', async () => {
    const { page } = shared.studio;
    await shared.go('/datasets');
    await settled(page);
    await shared.go('/settings');
    const line = page.getByRole('listitem').filter({ hasText: messages.settings.storage.thumbnails.label });
    await line.getByRole('button', { name: messages.settings.clean }).click();
    await page.getByText(/freed/).waitFor();
    await line.getByText('0 files').waitFor();
  });

  it('takes a newcomer around once', async () => {
    const { page } = await openPage(shared.browser, shared.host.origin);
    await page.context().addCookies(await shared.studio.page.context().cookies());
    await page.goto(`${shared.host.origin}/#/?tour=1`);
    const card = page.getByRole('region', { name: messages.tour.label });
    await card.waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    for (const step of ['datasets', 'rewards', 'train', 'runs', 'verify']) {
      await card.getByRole('button', { name: messages.tour.next }).click();
      await page.waitForURL(new RegExp(`#/${step}`));
    }
    await card.getByRole('button', { name: messages.tour.done }).click();
    await card.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => localStorage.getItem('atelier.tour'))).toBe('yes');
    await page.context().close();
  });

  it('is where the native menu says', () => {
    const gone: string[] = [];
    const press = (items: ReturnType<typeof menuTemplate>): void => {
      for (const { click, submenu } of items) {
        click?.({} as never, undefined, {});
        if (Array.isArray(submenu)) press(submenu);
      }
    };
    const actions = {
      go: (path: string) => gone.push(path),
      showOver: () => 0,
      openHome: () => 0,
      verifyBundle: () => 0,
      recent: [],
      clearRecent: () => 0,
      zoom: () => 0,
    };
    press(menuTemplate({ ...actions, development: true, mac: true }));
    expect(gone.filter((path) => parseHash(`#${path}`).route.screen === 'unknown')).toEqual([]);
  });
});
