/** @file The native menu, as a template. Items that show a screen use the page's address. */
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  /** Shows a screen of the page: `/`, `/datasets`, `/train`. */
  go: (path: string) => void;
  openHome: () => void;
  /** Asks for a bundle's folder and shows the result of checking it. */
  verifyBundle: () => void;
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
  const settings = goTo('Settings…', '/settings', 'CmdOrCtrl+,');
  return [
    ...(actions.mac ? [appMenu(settings)] : []),
    {
      label: '&File',
      submenu: [
        goTo('Import pictures…', '/datasets?import=1', 'CmdOrCtrl+I'),
        goTo('New training run', '/train', 'CmdOrCtrl+N'),
        { label: 'Verify a bundle…', accelerator: 'CmdOrCtrl+O', click: actions.verifyBundle },
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
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [goTo('Keyboard', '/?help=1'), goTo('Show me around', '/?tour=1')],
    },
  ];
}

function appMenu(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
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
