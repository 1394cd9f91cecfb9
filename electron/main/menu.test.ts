import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';

function entries(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? entries(item.submenu) : [])]);
}

function menu(mac: boolean) {
  const gone: string[] = [];
  const template = menuTemplate({
    go: (path) => gone.push(path),
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
