/** @file Which Node runs the engine of the desktop app. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findNode } from './node-program.ts';

const name = process.platform === 'win32' ? 'node.exe' : 'node';
const folder = mkdtempSync(join(tmpdir(), 'atelier-node-'));
const shipped = join(folder, 'node', name);
mkdirSync(join(folder, 'node'));
writeFileSync(shipped, '');

it('is the one that the installed app ships, whatever else is there', () => {
  const env = { ATELIER_NODE: process.execPath, PATH: process.env['PATH'] };
  expect(findNode({ isPackaged: true, resourcesPath: folder, env })).toBe(shipped);
  const nowhere = join(folder, 'nowhere');
  expect(() => findNode({ isPackaged: true, resourcesPath: nowhere, env })).toThrow(join(nowhere, 'node', name));
});

it('is the one that started the checkout, else the first on the PATH', () => {
  const options = { isPackaged: false, resourcesPath: '' };
  expect(findNode({ ...options, env: { ATELIER_NODE: process.execPath, PATH: join(folder, 'node') } })).toBe(
    process.execPath,
  );
  expect(findNode({ ...options, env: { PATH: join(folder, 'node') } })).toBe(shipped);
  expect(() => findNode({ ...options, env: { PATH: folder } })).toThrow('missing from the PATH');
});
