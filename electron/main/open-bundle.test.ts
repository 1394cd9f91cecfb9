import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleFolder, bundleFromArguments, verifyAddress } from './open-bundle.ts';

function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier bundle-'));
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

describe('a bundle that is opened', () => {
  it('is its folder, whether the folder or one of its files was named', () => {
    const folder = folderWith('model.sig', 'README.md');
    expect(bundleFolder(folder)).toBe(folder);
    expect(bundleFolder(join(folder, 'model.sig'))).toBe(folder);
    expect(bundleFolder(join(folder, 'README.md'))).toBe(folder);
  });

  it('is none for other folders, and for what is not there', () => {
    const folder = folderWith('notes.txt');
    expect(bundleFolder(folder)).toBeNull();
    expect(bundleFolder(join(folder, 'notes.txt'))).toBeNull();
    expect(bundleFolder(join(folder, 'nowhere'))).toBeNull();
  });

  it('is found among the arguments of a second start, seen from its own folder', () => {
    const folder = folderWith('provenance.slsa.json');
    mkdirSync(join(folder, 'inside'));
    const argv = ['--allow-file-access-from-files', '--home=/x', 'nowhere', '..'];
    expect(bundleFromArguments(argv, join(folder, 'inside'))).toBe(folder);
    expect(bundleFromArguments(['--home=/x'], folder)).toBeNull();
  });

  it('becomes an address that survives any name', () => {
    const address = verifyAddress('/tmp/a b/ü&x=1#2?');
    expect(new URLSearchParams(address.split('?')[1]).get('path')).toBe('/tmp/a b/ü&x=1#2?');
  });
});
