/** @file The native menu, as a template. Items that show a screen use the page's address. */
import type { MenuItemConstructorOptions } from 'electron';
import type { OverlayName } from './page-policy.ts';
import { words, type Words } from './words.ts';

export interface RecentItem {
  label: string;
  open: () => void;
}

export interface MenuActions {
  /** Shows a screen of the page: `/`, `/datasets`, `/train`. */
  go: (path: string) => void;
  /** Opens a dialog of the page over the screen that is shown. */
  showOver: (overlay: OverlayName) => void;
  openHome: () => void;
  /** Asks for a bundle's folder and shows the result of checking it. */
  verifyBundle: () => void;
  /** What was opened last, newest first. */
  recent: readonly RecentItem[];
  clearRecent: () => void;
  zoom: (change: 'in' | 'out' | 'reset') => void;
  development: boolean;
  mac: boolean;
}

/** Screens in the order of the page's own bar; the first nine have a number. */
const SCREENS: readonly [name: keyof Words['menu'], path: string][] = [
  ['home', '/'],
  ['datasets', '/datasets'],
  ['ledger', '/ledger'],
  ['rewards', '/rewards'],
  ['train', '/train'],
  ['runs', '/runs'],
  ['compare', '/compare'],
  ['exam', '/exam'],
  ['playground', '/playground'],
  ['export', '/export'],
  ['verifyScreen', '/verify'],
];

/** Lists only roles and actions that work; no item is without effect. */
export function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  const goTo = (label: string, path: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => actions.go(path),
  });
  const { menu, roles } = words();
  const about: MenuItemConstructorOptions = { label: menu.about, click: () => actions.showOver('about') };
  const settings = goTo(menu.settings, '/settings', 'CmdOrCtrl+,');
  return [
    ...(actions.mac ? [appMenu(about, settings)] : []),
    {
      label: menu.file,
      submenu: [
        goTo(menu.import, '/datasets?import=1', 'CmdOrCtrl+I'),
        goTo(menu.newRun, '/train', 'CmdOrCtrl+N'),
        { label: menu.verify, accelerator: 'CmdOrCtrl+O', click: actions.verifyBundle },
        recentMenu(actions),
        { type: 'separator' },
        { label: menu.showHome, click: actions.openHome },
        ...(actions.mac ? [] : [settings]),
        { type: 'separator' },
        actions.mac ? { role: 'close', label: roles.close } : { role: 'quit', label: roles.quit },
      ],
    },
    editMenu(menu.edit, roles),
    {
      label: menu.go,
      submenu: SCREENS.map(([name, path], index) =>
        goTo(menu[name], path, index < 9 ? `CmdOrCtrl+${index + 1}` : undefined),
      ),
    },
    {
      label: menu.view,
      submenu: [
        ...(actions.development ? [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
        { label: menu.actualSize, accelerator: 'CmdOrCtrl+0', click: () => actions.zoom('reset') },
        // The key with + is the key with =, and users do not hold Shift for it; some keyboards have a + of its own.
        { label: menu.zoomIn, accelerator: 'CmdOrCtrl+=', click: () => actions.zoom('in') },
        ...['CmdOrCtrl+Plus', 'CmdOrCtrl+numadd'].map((accelerator) => hidden(accelerator, () => actions.zoom('in'))),
        { label: menu.zoomOut, accelerator: 'CmdOrCtrl+-', click: () => actions.zoom('out') },
        hidden('CmdOrCtrl+numsub', () => actions.zoom('out')),
        { type: 'separator' },
        { role: 'togglefullscreen', label: menu.fullScreen },
      ],
    },
    {
      role: 'windowMenu',
      label: menu.window,
      // As Electron has it, in the language of the page.
      submenu: [
        { role: 'minimize', label: roles.minimise },
        { role: 'zoom', label: roles.zoom },
        ...(actions.mac
          ? ([{ type: 'separator' }, { role: 'front', label: roles.front }] as const)
          : ([{ role: 'close', label: roles.close }] as const)),
      ],
    },
    {
      role: 'help',
      label: menu.help,
      submenu: [
        { label: menu.keyboard, click: () => actions.showOver('help') },
        goTo(menu.tour, '/?tour=1'),
        ...(actions.mac ? [] : [{ type: 'separator' } as const, about]),
      ],
    },
  ];
}

/** The same entries as Electron's own menu, which speaks English only. */
function editMenu(label: string, roles: Words['roles']): MenuItemConstructorOptions {
  return {
    label,
    submenu: [
      { role: 'undo', label: roles.undo },
      { role: 'redo', label: roles.redo },
      { type: 'separator' },
      { role: 'cut', label: roles.cut },
      { role: 'copy', label: roles.copy },
      { role: 'paste', label: roles.paste },
      { role: 'delete', label: roles.delete },
      { type: 'separator' },
      { role: 'selectAll', label: roles.selectAll },
    ],
  };
}

function hidden(accelerator: string, click: () => void): MenuItemConstructorOptions {
  return { label: accelerator, accelerator, click, visible: false, acceleratorWorksWhenHidden: true };
}

/** Our own list on every system: Linux has none, and those of Windows and macOS hold registered file types only. */
function recentMenu({ recent, clearRecent }: MenuActions): MenuItemConstructorOptions {
  return {
    label: words().menu.recent,
    enabled: recent.length > 0,
    submenu: [
      ...recent.map(({ label, open }) => ({ label, click: open })),
      { type: 'separator' },
      { label: words().menu.clearRecent, click: clearRecent },
    ],
  };
}

function appMenu(about: MenuItemConstructorOptions, settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}
