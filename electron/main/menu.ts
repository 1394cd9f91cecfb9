/** @file The native menu, as a template. Items that show a screen use the page's address. */
import type { MenuItemConstructorOptions } from 'electron';
import type { OverlayName } from './page-policy.ts';

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
const SCREENS: readonly [label: string, path: string][] = [
  ['Home', '/'],
  ['Datasets', '/datasets'],
  ['Ledger', '/ledger'],
  ['Rewards', '/rewards'],
  ['Train', '/train'],
  ['Runs', '/runs'],
  ['Compare', '/compare'],
  ['Exam', '/exam'],
  ['Playground', '/playground'],
  ['Export', '/export'],
  ['Verify', '/verify'],
];

/** Lists only roles and actions that work; no item is without effect. */
export function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  const goTo = (label: string, path: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => actions.go(path),
  });
  const about: MenuItemConstructorOptions = { label: 'About Atelier', click: () => actions.showOver('about') };
  const settings = goTo('Settings…', '/settings', 'CmdOrCtrl+,');
  return [
    ...(actions.mac ? [appMenu(about, settings)] : []),
    {
      label: '&File',
      submenu: [
        goTo('Import pictures…', '/datasets?import=1', 'CmdOrCtrl+I'),
        goTo('New training run', '/train', 'CmdOrCtrl+N'),
        { label: 'Verify a bundle…', accelerator: 'CmdOrCtrl+O', click: actions.verifyBundle },
        recentMenu(actions),
        { type: 'separator' },
        { label: 'Show data folder', click: actions.openHome },
        ...(actions.mac ? [] : [settings]),
        { type: 'separator' },
        actions.mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: SCREENS.map(([label, path], index) =>
        goTo(label, path, index < 9 ? `CmdOrCtrl+${index + 1}` : undefined),
      ),
    },
    {
      label: '&View',
      submenu: [
        ...(actions.development ? [{ role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
        { label: 'Actual size', accelerator: 'CmdOrCtrl+0', click: () => actions.zoom('reset') },
        // The key with + is the key with =, and users do not hold Shift for it; some keyboards have a + of its own.
        { label: 'Zoom in', accelerator: 'CmdOrCtrl+=', click: () => actions.zoom('in') },
        ...['CmdOrCtrl+Plus', 'CmdOrCtrl+numadd'].map((accelerator) => hidden(accelerator, () => actions.zoom('in'))),
        { label: 'Zoom out', accelerator: 'CmdOrCtrl+-', click: () => actions.zoom('out') },
        hidden('CmdOrCtrl+numsub', () => actions.zoom('out')),
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Keyboard', click: () => actions.showOver('help') },
        goTo('Show me around', '/?tour=1'),
        ...(actions.mac ? [] : [{ type: 'separator' } as const, about]),
      ],
    },
  ];
}

function hidden(accelerator: string, click: () => void): MenuItemConstructorOptions {
  return { label: accelerator, accelerator, click, visible: false, acceleratorWorksWhenHidden: true };
}

/** Our own list on every system: Linux has none, and those of Windows and macOS hold registered file types only. */
function recentMenu({ recent, clearRecent }: MenuActions): MenuItemConstructorOptions {
  return {
    label: 'Open Recent',
    enabled: recent.length > 0,
    submenu: [
      ...recent.map(({ label, open }) => ({ label, click: open })),
      { type: 'separator' },
      { label: 'Clear list', click: clearRecent },
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
