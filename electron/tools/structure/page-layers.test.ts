/** @file The folders of the page are layers: each imports only those below it, and features form no cycle. */
import { describe, expect, it } from 'vitest';
import { importCycles, readImports } from './import-graph.ts';

const PAGE = 'renderer/src/';
/** From the bottom to the top. */
const LAYERS = ['messages', 'api', 'navigation', 'ui', 'features', 'shell'];

function folderOf(file: string): string {
  const parts = file.slice(PAGE.length).split('/');
  return parts[0] === 'features' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function folders(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [file, targets] of readImports(['renderer/src'])) {
    if (file.slice(PAGE.length).split('/').length === 1) continue;
    const folder = folderOf(file);
    const others = targets.map(folderOf).filter((other) => other !== folder);
    found.set(folder, [...new Set([...(found.get(folder) ?? []), ...others])]);
  }
  return found;
}

describe('the folders of the page', () => {
  it('import only what lies below them', () => {
    const height = (folder: string) => LAYERS.indexOf(folder.split('/')[0] ?? '');
    const upwards = [...folders()].flatMap(([folder, others]) =>
      others.filter((other) => height(other) > height(folder)).map((other) => `${folder} imports ${other}`),
    );
    expect([...folders().keys()].filter((folder) => height(folder) === -1)).toEqual([]);
    expect(upwards).toEqual([]);
  });

  it('form no cycle, so that a feature can be read without the one that uses it', () => {
    expect(importCycles(folders())).toEqual([]);
  });
});
