/** @file Pictures go to import, bundles to verification, job folders to hand-back. */
import { describe, expect, it } from 'vitest';
import { droppedThing, type DroppedEntry } from './dropped.ts';

function folder(...pieces: string[][]): DroppedEntry {
  return {
    name: 'folder',
    isDirectory: true,
    createReader: () => ({ readEntries: (done) => done((pieces.shift() ?? []).map((name) => ({ name }))) }),
  };
}

describe('what was dropped', () => {
  it('is a bundle where the folder holds one, even far down its list', async () => {
    expect(await droppedThing(folder(['a.png'], ['README.md', 'model.sig']), '/x')).toEqual({
      kind: 'bundle',
      folder: '/x',
    });
    expect((await droppedThing(folder(['a.png', 'metadata.jsonl']), '/x')).kind).toBe('pictures');
  });

  it('is a job folder where its manifest lies beside its plan or its results', async () => {
    expect((await droppedThing(folder(['manifest.json', 'plan.json']), '/x')).kind).toBe('job');
    expect((await droppedThing(folder(['manifest.json', 'results']), '/x')).kind).toBe('job');
    expect((await droppedThing(folder(['manifest.json', 'a.png']), '/x')).kind).toBe('pictures');
  });

  it('is the bundle around its signature', async () => {
    const entry = { name: 'model.sig', isDirectory: false };
    expect(await droppedThing(entry, '/home/a/bundle/model.sig')).toEqual({ kind: 'bundle', folder: '/home/a/bundle' });
    expect((await droppedThing(entry, 'C:\\b\\model.sig')).folder).toBe('C:\\b');
  });

  it('is pictures where the browser tells nothing', async () => {
    expect(await droppedThing(null, '')).toEqual({ kind: 'pictures', folder: '' });
  });
});
