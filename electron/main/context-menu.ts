/** @file The menu under the right mouse button: for text, for pictures and for links. */
import type { ContextMenuParams, MenuItemConstructorOptions, WebContents } from 'electron';

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
  if (isEditable) {
    return [
      { role: 'undo', enabled: editFlags.canUndo },
      { role: 'redo', enabled: editFlags.canRedo },
      { type: 'separator' },
      { role: 'cut', enabled: editFlags.canCut },
      { role: 'copy', enabled: editFlags.canCopy },
      { role: 'paste', enabled: editFlags.canPaste },
      { type: 'separator' },
      { role: 'selectAll', enabled: editFlags.canSelectAll },
    ];
  }
  return [
    ...(mediaType === 'image' && srcURL !== '' ? [{ label: 'Copy picture', click: actions.copyPicture }] : []),
    ...(selectionText.trim() === '' ? [] : [{ role: 'copy' as const }]),
    // Links inside the app are addresses that nobody can use elsewhere.
    ...(linkURL.startsWith('https:') ? [{ label: 'Copy link', click: () => actions.copyText(linkURL) }] : []),
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
