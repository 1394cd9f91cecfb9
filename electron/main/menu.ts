/** @file The native menu, as a template. Entries of the page itself go by its address. */
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  /** Shows a screen of the page: `/`, `/datasets`, `/train`. */
  go: (path: string) => void;
  openHome: () => void;
  development: boolean;
  mac: boolean;
}

/** Only roles and actions that work are listed; there is no entry without an effect. */
export function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  const goTo = (label: string, path: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => actions.go(path),
  });
  return [
    ...(actions.mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Show data folder', click: actions.openHome },
        { type: 'separator' },
        actions.mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        goTo('Home', '/', 'CmdOrCtrl+1'),
        goTo('Datasets', '/datasets', 'CmdOrCtrl+2'),
        goTo('Train', '/train', 'CmdOrCtrl+3'),
      ],
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
  ];
}
