/** @file Where the parts of a packaged app are: what plain Node reads lies beside Electron's archive. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { findPlaces } from './places.ts';

it('keeps what plain Node reads outside the archive of a packaged app', () => {
  const resources = mkdtempSync(join(tmpdir(), 'atelier-places-'));
  const archive = join(resources, 'app.asar');
  const beside = join(resources, 'app.asar.unpacked');
  mkdirSync(join(archive, 'out', 'main'), { recursive: true });
  writeFileSync(join(archive, 'package.json'), JSON.stringify({ name: 'atelier', version: '1.2.3' }));
  expect(findPlaces(pathToFileURL(join(archive, 'out', 'main', 'index.js')).href)).toEqual({
    root: archive,
    version: '1.2.3',
    resourcesDir: join(beside, 'resources'),
    rendererDir: join(archive, 'out', 'renderer'),
    engineEntry: join(beside, 'out', 'main', 'engine.js'),
    picturesEntry: join(beside, 'out', 'main', 'pictures.js'),
    judgeBundle: join(beside, 'out', 'main', 'judge.mjs'),
  });
});
