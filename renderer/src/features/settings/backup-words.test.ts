/** @file A suggested name that every disk takes, and a path that a shell takes as one word. */
import { expect, it } from 'vitest';
import { inShell, suggestedName } from './backup-words.ts';

it('names a backup by its day', () => {
  expect(suggestedName(new Date(2026, 10, 9, 23, 59))).toBe('atelier-2026-11-09.zip');
});

it.each([
  ['/home/ada/a-1.zip', '/home/ada/a-1.zip'],
  ['/home/ada/my work.zip', `'/home/ada/my work.zip'`],
  [`/home/ada/Ada's.zip`, `'/home/ada/Ada'\\''s.zip'`],
  ['/tmp/$(rm -rf x)', `'/tmp/$(rm -rf x)'`],
  ['C:\\Users\\Ada Lovelace\\a.zip', '"C:\\Users\\Ada Lovelace\\a.zip"'],
])('writes %s as one word', (path, word) => {
  expect(inShell(path)).toBe(word);
});
