/** @file The desktop app on a German system: its menus, its page, and what the studio says there. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { de } from '../renderer/src/messages/de.ts';
import { chooseFromMenu, ELECTRON, inMain, openDesktop, type Desktop } from './desktop-app.ts';
import { temporaryHome } from './studio-host.ts';

describe.skipIf(ELECTRON === null)("the desktop app in German (needs Electron's program)", () => {
  const home = temporaryHome();
  let desktop: Desktop;

  beforeAll(async () => {
    desktop = await openDesktop(home, ['--lang=de'], undefined, 'de');
  });
  afterAll(async () => {
    await desktop.app.close();
  });

  it('comes up with German menus and a German page', async () => {
    const { app, page } = desktop;
    await page.getByRole('navigation', { name: de.nav.label }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    const menus = await inMain(app, ({ Menu }) =>
      Menu.getApplicationMenu()?.items.map(({ label, submenu }) => ({
        label: label.replace('&', ''),
        entries: submenu?.items
          .filter(({ visible, type }) => visible && type !== 'separator')
          .map((item) => item.label),
      })),
    );
    expect(menus?.map(({ label }) => label)).toEqual(['Datei', 'Bearbeiten', 'Gehe zu', 'Ansicht', 'Fenster', 'Hilfe']);
    const entries = menus?.flatMap((menu) => menu.entries ?? []) ?? [];
    expect(entries.length).toBeGreaterThan(25);
    expect(
      entries.filter((entry) =>
        /\b(and|the|to|of|open|close|show|new|run|data|paste|copy|minimize|quit)\b/i.test(entry),
      ),
    ).toEqual([]);
  });

  it('says in German what fails', async () => {
    const { app, page } = desktop;
    await chooseFromMenu(app, 'Datei', 'Bilder importieren …');
    const dialog = page.getByRole('dialog');
    const nowhere = join(home, 'nirgends');
    await dialog.getByRole('textbox', { name: de.import.drop }).fill(nowhere);
    await dialog.getByRole('button', { name: de.import.inspect }).click();
    await dialog.getByText(`Es gibt keinen Ordner und keine Datei ${nowhere}.`).waitFor();
  });
});
