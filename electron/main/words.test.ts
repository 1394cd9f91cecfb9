/** @file The language of the desktop app's own texts. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { menuTemplate } from './menu.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { closedBox } from './restoring.ts';
import { language, restoreLanguage, speak, words } from './words.ts';

const file = join(mkdtempSync(join(tmpdir(), 'atelier-')), 'language.json');

afterEach(() => void speak(file, 'en'));

it('is that of the page, also at the next start; before that, the first of the system that Atelier speaks', () => {
  restoreLanguage(file, ['fr-FR', 'de-CH', 'en-GB']);
  expect(language()).toBe('de');
  expect(speak(file, 'en')).toBe(true);
  expect(speak(file, 'en')).toBe(false);
  restoreLanguage(file, ['de-DE']);
  expect(language()).toBe('en');
  writeFileSync(file, '"fr"');
  restoreLanguage(file, ['ja']);
  expect(language()).toBe('en');
});

it('names every entry of the menus, with an access key for each menu', () => {
  speak(file, 'de');
  const template = menuTemplate({
    go: () => undefined,
    showOver: () => undefined,
    openHome: () => undefined,
    verifyBundle: () => undefined,
    recent: [],
    clearRecent: () => undefined,
    zoom: () => undefined,
    development: false,
    mac: false,
  });
  const names = template.map(({ label }) => label ?? '');
  expect(names).toEqual(['&Datei', '&Bearbeiten', '&Gehe zu', '&Ansicht', '&Fenster', '&Hilfe']);
  expect(new Set(names.map((name) => name[1])).size).toBe(names.length);
  expect(words().dialog.verifyButton).toBe('Verifizieren');
});

it('is spoken by boxes about the store, with what the studio says in them', () => {
  speak(file, 'de');
  const error = new AtelierError('BAD_INPUT', 'There is no file /home/me/x.', { remedy: 'Check the path.' });
  expect(closedBox(error, false)).toMatchObject({
    message: 'Atelier konnte nicht starten.',
    detail: 'Es gibt keine Datei /home/me/x.\n\nPrüfen Sie den Pfad.',
    buttons: ['Atelier beenden'],
  });
  expect(closedBox(error, true).detail).toContain(
    'Es gibt keine Datei /home/me/x.\n\nStellen Sie eine Sicherung wieder her',
  );
});
