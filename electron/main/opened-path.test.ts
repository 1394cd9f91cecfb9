import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addressOf, openedAt, openedPath, pathFromArguments } from './opened-path.ts';

function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier bundle-'));
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

describe('a path that is opened', () => {
  it('is a bundle, whether its folder or one of its files was named', () => {
    const folder = folderWith('model.sig', 'README.md');
    for (const path of [folder, join(folder, 'model.sig'), join(folder, 'README.md')])
      expect(openedPath(path)).toEqual({ kind: 'bundle', path: folder });
  });

  it('holds pictures if it is another folder or a table', () => {
    const folder = folderWith('notes.txt', 'rows.CSV');
    expect(openedPath(folder)).toEqual({ kind: 'pictures', path: folder });
    expect(openedPath(join(folder, 'rows.CSV'))).toEqual({ kind: 'pictures', path: join(folder, 'rows.CSV') });
  });

  it('is nothing otherwise', () => {
    const folder = folderWith('notes.txt');
    expect(openedPath(join(folder, 'notes.txt'))).toBeNull();
    expect(openedPath(join(folder, 'nowhere'))).toBeNull();
  });

  it.each(['bundle', 'pictures'] as const)('becomes an address that survives any name (%s)', (kind) => {
    const opened = { kind, path: '/tmp/a b/ü&x=1#2?%' };
    expect(openedAt(`studio://app/#${addressOf(opened)}`)).toEqual(opened);
  });

  it('is not seen in other addresses', () => {
    for (const hash of ['', '#/', '#/verify', '#/datasets?path=/x', '#/runs/1?path=/x', '#/verify?path='])
      expect(openedAt(`studio://app/${hash}`), hash).toBeNull();
  });
});

describe('the arguments of a start', () => {
  const options = ['--allow-file-access-from-files', '--home=/x'];

  it('name the first path, seen from the folder of the command', () => {
    const cwd = folderWith();
    mkdirSync(join(cwd, 'inside'));
    expect(pathFromArguments(['atelier', ...options, '..'], join(cwd, 'inside'), true)).toBe(cwd);
    // In development, Electron is given the app first.
    expect(pathFromArguments(['electron', ...options, '.', 'inside'], cwd, false)).toBe(join(cwd, 'inside'));
    expect(pathFromArguments(['electron', '.', ...options], cwd, false)).toBeNull();
    expect(pathFromArguments(['atelier', ...options], cwd, true)).toBeNull();
  });

  it('may be an address of a file, as desktops on Linux pass it', () => {
    const file = join(folderWith('model.sig'), 'model.sig');
    expect(pathFromArguments(['atelier', pathToFileURL(file).href], '/', true)).toBe(file);
    expect(pathFromArguments(['atelier', 'file://elsewhere/x'], '/', true)).toBeNull();
  });
});
