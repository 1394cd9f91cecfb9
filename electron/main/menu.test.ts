import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';

function entries(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? entries(item.submenu) : [])]);
}

function menu(mac: boolean, recent: string[] = ['harbour']) {
  const gone: string[] = [];
  const template = menuTemplate({
    go: (path) => gone.push(path),
    showOver: (overlay) => gone.push(`over: ${overlay}`),
    recent: recent.map((label) => ({ label, open: () => gone.push(`open ${label}`) })),
    clearRecent: () => gone.push('clear'),
    zoom: (change) => gone.push(`zoom ${change}`),
    openHome: () => gone.push('data folder'),
    verifyBundle: () => gone.push('verify'),
    development: false,
    mac,
  });
  return { gone, all: entries(template) };
}

describe.each([true, false])('the native menu (mac: %s)', (mac) => {
  it('leads to the screens by their addresses', () => {
    const { gone, all } = menu(mac);
    for (const { click } of all) click?.({} as never, undefined, {});
    expect(gone).toEqual(expect.arrayContaining(['/', '/datasets?import=1', '/settings', 'verify', 'data folder']));
    expect(gone.filter((path) => path.startsWith('/')).length).toBeGreaterThan(10);
  });

  it('does what its entries say', () => {
    const { gone, all } = menu(mac);
    const press = (label: string) => all.find((item) => item.label === label)?.click?.({} as never, undefined, {});
    for (const label of ['About Atelier', 'Keyboard', 'Zoom in', 'Zoom out', 'Actual size', 'harbour', 'Clear list'])
      press(label);
    expect(gone).toEqual(['over: about', 'over: help', 'zoom in', 'zoom out', 'zoom reset', 'open harbour', 'clear']);
  });

  it('offers nothing recent until something was opened', () => {
    const enabled = (recent: string[]) => menu(mac, recent).all.find(({ label }) => label === 'Open Recent')?.enabled;
    expect([enabled([]), enabled(['harbour'])]).toEqual([false, true]);
  });

  it('has no entry without an effect, and no key twice', () => {
    const { all } = menu(mac);
    const idle = all.filter(({ role, type, click, submenu }) => !role && type !== 'separator' && !click && !submenu);
    expect(idle).toEqual([]);
    const keys = all.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows developer tools in development only', () => {
    expect(menu(mac).all.map(({ role }) => role)).not.toContain('toggleDevTools');
  });
});
