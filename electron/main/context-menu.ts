/** @file The menu under the right mouse button: for text, for pictures and for links. */
import type { ContextMenuParams, MenuItemConstructorOptions, WebContents } from 'electron';
import { words } from './words.ts';

export interface ContextMenuActions {
  /** Copies the picture as it is shown; the page's own process has already decoded it. */
  copyPicture: () => void;
  copyText: (text: string) => void;
}

/** Lists only what works on this spot; empty if nothing does. */
export function contextMenuTemplate(
  params: Pick<ContextMenuParams, 'isEditable' | 'editFlags' | 'selectionText' | 'mediaType' | 'srcURL' | 'linkURL'>,
  actions: ContextMenuActions,
): MenuItemConstructorOptions[] {
  const { isEditable, editFlags, selectionText, mediaType, srcURL, linkURL } = params;
  const { roles } = words();
  if (isEditable) {
    return [
      { role: 'undo', label: roles.undo, enabled: editFlags.canUndo },
      { role: 'redo', label: roles.redo, enabled: editFlags.canRedo },
      { type: 'separator' },
      { role: 'cut', label: roles.cut, enabled: editFlags.canCut },
      { role: 'copy', label: roles.copy, enabled: editFlags.canCopy },
      { role: 'paste', label: roles.paste, enabled: editFlags.canPaste },
      { type: 'separator' },
      { role: 'selectAll', label: roles.selectAll, enabled: editFlags.canSelectAll },
    ];
  }
  return [
    ...(mediaType === 'image' && srcURL !== '' ? [{ label: roles.copyPicture, click: actions.copyPicture }] : []),
    ...(selectionText.trim() === '' ? [] : [{ role: 'copy' as const, label: roles.copy }]),
    // Links inside the app are addresses that nobody can use elsewhere.
    ...(linkURL.startsWith('https:') ? [{ label: roles.copyLink, click: () => actions.copyText(linkURL) }] : []),
  ];
}

export interface ContextMenuParts {
  /** Shows a native menu at the pointer. */
  popUp: (template: MenuItemConstructorOptions[]) => void;
  copyText: (text: string) => void;
}

/** Gives a page its context menu. */
export function offerContextMenu(
  contents: Pick<WebContents, 'on' | 'copyImageAt'>,
  { popUp, copyText }: ContextMenuParts,
): void {
  contents.on('context-menu', (_event, params) => {
    const template = contextMenuTemplate(params, {
      copyPicture: () => contents.copyImageAt(params.x, params.y),
      copyText,
    });
    if (template.length > 0) popUp(template);
  });
}
