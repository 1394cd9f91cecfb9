import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { accentColour, applyTheme, restoreTheme, systemAccent } from './appearance.ts';

it('keeps the appearance for the next start', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'appearance.json');
  const theme = { themeSource: 'system' as 'system' | 'light' | 'dark' };
  restoreTheme(theme, file);
  expect(theme.themeSource).toBe('system');
  applyTheme(theme, file, 'dark');
  expect(readFileSync(file, 'utf8')).toBe('"dark"');
  const next = { ...theme, themeSource: 'light' as const };
  restoreTheme(next, file);
  expect(next.themeSource).toBe('dark');
  writeFileSync(file, '"blue"');
  restoreTheme(next, file);
  expect(next.themeSource).toBe('system');
});

it('reads an accent colour, and knows that there may be none', () => {
  expect(accentColour('AA5500ff')).toBe('#aa5500');
  expect(accentColour('')).toBeNull();
  expect(systemAccent({ getAccentColor: () => '0a0b0c80' })).toBe('#0a0b0c');
  const none = () => {
    throw new Error('not on this system');
  };
  expect(systemAccent({ getAccentColor: none })).toBeNull();
});
