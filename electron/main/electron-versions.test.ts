/** @file Nothing is used that Electron removed or deprecated between the version of the tests and the one that is shipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'electron-versions.md'), 'utf8');
const packageFile = createRequire(import.meta.url).resolve('electron/package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** The version of the tests; that file is plain JavaScript, for set-up. */
const testsVersion =
  /electron: '([\d.]+)'/.exec(
    readFileSync(join(ROOT, 'electron', 'tools', 'setup', 'electron', 'test-electron.mjs'), 'utf8'),
  )?.[1] ?? '';

/** The product's own sources in a room, without comments. */
function sourcesOf(room: 'main' | 'preload'): string {
  const folder = join(ROOT, 'electron', room);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .join('\n');
}

/** True if `name` stands in `code` as a whole word, a name in quotation marks included. */
function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(code);
}

it('is about the two versions that are in use', () => {
  const major = (of: string): string => of.split('.')[0] ?? '';
  expect(page.split('\n')[0]).toBe(`# Electron ${major(testsVersion)} and Electron ${major(version)}`);
});

it('uses nothing that was removed or deprecated in between', () => {
  const rows = page
    .slice(0, page.indexOf('## What behaves differently'))
    .matchAll(/^\| (`.*?) \| +\d+ +\| (.*?) +\|/gm);
  const named = [...rows].flatMap(([, names = '', where]) =>
    [...(names.split(' with ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ name, where })),
  );
  expect(named.length).toBeGreaterThan(10);
  const preload = sourcesOf('preload');
  const all = sourcesOf('main') + preload;
  expect(named.filter(({ name, where }) => uses(where === 'preload' ? preload : all, name))).toEqual([]);
});

it('uses nothing that the types of the shipped version mark as deprecated', () => {
  const types = readFileSync(join(dirname(packageFile), 'electron.d.ts'), 'utf8');
  // The members of classes and interfaces; parameters are indented further.
  const marked = [...types.matchAll(/@deprecated\s*\n(?:\s+\*.*\n)*? {5}\*\/\n {4}(?:static )?(\w+)[(?:]/g)].map(
    ([, name = '']) => name,
  );
  expect(marked).toContain('getBitmap');
  // Names that other, current classes have too.
  const shared = new Set(['getBounds', 'setBounds', 'setBackgroundColor', 'webContents']);
  // Called only where their asynchronous successors are missing, as key-chain.test.ts shows.
  const fallbacks = ['isEncryptionAvailable', 'encryptString', 'decryptString'];
  for (const name of fallbacks) shared.add(name);
  const code = sourcesOf('main') + sourcesOf('preload');
  expect(marked.filter((name) => !shared.has(name) && uses(code, name))).toEqual([]);
});

it('would notice', () => {
  expect(uses("session.setPreloads(['a'])", 'setPreloads')).toBe(true);
  expect(uses("contents.on('plugin-crashed', act)", 'plugin-crashed')).toBe(true);
  expect(uses("appendSwitch('host-resolver-rules')", 'host-rules')).toBe(false);
});
