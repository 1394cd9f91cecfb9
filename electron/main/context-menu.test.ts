import { EventEmitter } from 'node:events';
import type { ContextMenuParams, MenuItemConstructorOptions, WebContents } from 'electron';
import { expect, it } from 'vitest';
import { offerContextMenu } from './context-menu.ts';

const nothing = {
  x: 7,
  y: 9,
  isEditable: false,
  editFlags: { canUndo: false, canRedo: false, canCut: false, canCopy: true, canPaste: true, canSelectAll: true },
  selectionText: '',
  mediaType: 'none',
  srcURL: '',
  linkURL: '',
};

/** The menu at a spot, and what its entries do. */
function menuAt(spot: Partial<Record<keyof ContextMenuParams, unknown>>) {
  const done: string[] = [];
  let template: MenuItemConstructorOptions[] = [];
  const contents = Object.assign(new EventEmitter(), {
    copyImageAt: (x: number, y: number) => done.push(`picture at ${x}, ${y}`),
  });
  offerContextMenu(contents as unknown as WebContents, {
    popUp: (shown) => (template = shown),
    copyText: (text) => done.push(text),
  });
  contents.emit('context-menu', {}, { ...nothing, ...spot });
  return {
    names: template.map(({ role, label, type }) => role ?? label ?? type),
    enabled: template.flatMap(({ role, enabled }) => (role !== undefined && enabled === true ? [role] : [])),
    press: () => {
      for (const { click } of template) click?.({} as never, undefined, {});
      return done;
    },
  };
}

it('edits text, as far as the field allows', () => {
  const { names, enabled } = menuAt({ isEditable: true });
  expect(names).toEqual(['undo', 'redo', 'separator', 'cut', 'copy', 'paste', 'separator', 'selectAll']);
  expect(enabled).toEqual(['copy', 'paste', 'selectAll']);
});

it('copies a picture, selected text and the address of a foreign page', () => {
  expect(menuAt({ mediaType: 'image', srcURL: 'media://a/b' }).press()).toEqual(['picture at 7, 9']);
  expect(menuAt({ selectionText: 'a word' }).names).toEqual(['copy']);
  const spdx = 'https://spdx.org/licenses/MIT.html';
  expect(menuAt({ linkURL: spdx }).press()).toEqual([spdx]);
});

it('shows no menu where there is nothing to do', () => {
  expect(menuAt({}).names).toEqual([]);
  expect(menuAt({ linkURL: 'studio://app/#/runs', selectionText: '  ' }).names).toEqual([]);
});
