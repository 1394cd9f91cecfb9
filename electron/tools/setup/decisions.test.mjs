/** @file The decisions set-up makes from what it finds. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceMark } from './build.mjs';
import { findBrowser } from './packages/browser.mjs';
import { firstDifference } from './packages/packages.mjs';
import { cacheFolder } from './places.mjs';
import { formatBytes, formatSeconds } from './say.mjs';
import { electronProgram, refuseRoot } from './start.mjs';
import { chosenTensorFlow } from './tensorflow/tensorflow.mjs';

const folder = () => mkdtempSync(join(tmpdir(), 'atelier-setup-'));

describe('packages', () => {
  const lock = {
    packages: {
      '': { name: 'atelier' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b-win32': { version: '2.0.0', optional: true },
    },
  };

  it('fit when each is there in its version, parts for other systems aside', () => {
    expect(firstDifference(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBeNull();
  });

  it('do not fit when one is missing, another version, or nothing was installed to the end', () => {
    expect(firstDifference(lock, { packages: {} })).toBe('node_modules/a is missing');
    expect(firstDifference(lock, { packages: { 'node_modules/a': { version: '0.9.0' } } })).toContain(
      '0.9.0, not 1.0.0',
    );
    expect(firstDifference(lock, null)).toContain('no packages');
  });
});

describe('the build', () => {
  it('is due when a source is changed, added or removed, and not for tests or fixtures', () => {
    const root = folder();
    mkdirSync(join(root, 'electron', 'fixtures'), { recursive: true });
    const write = (path, text) => writeFileSync(join(root, 'electron', path), text);
    write('a.ts', '1');
    const marks = [sourceMark(root)];
    write('a.test.ts', 'a test');
    write('fixtures/big.json', '{}');
    expect(sourceMark(root)).toBe(marks[0]);
    utimesSync(join(root, 'electron', 'a.ts'), new Date(), new Date(Date.now() + 5000));
    marks.push(sourceMark(root));
    write('b.ts', '2');
    marks.push(sourceMark(root));
    rmSync(join(root, 'electron', 'a.ts'));
    marks.push(sourceMark(root));
    expect(new Set(marks).size).toBe(4);
  });
});

describe('small things', () => {
  it('takes only known words for ATELIER_TENSORFLOW', () => {
    expect(chosenTensorFlow({})).toBe('auto');
    expect(chosenTensorFlow({ ATELIER_TENSORFLOW: 'wasm' })).toBe('wasm');
    expect(() => chosenTensorFlow({ ATELIER_TENSORFLOW: 'gpu' })).toThrow('"gpu"');
  });

  it('finds the cache folder, or does without', () => {
    expect(cacheFolder({ ATELIER_CACHE: 'off' })).toBeNull();
    expect(cacheFolder({ ATELIER_CACHE: '/somewhere' })).toBe('/somewhere');
    expect(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux')).toBe(join('/c', 'atelier'));
  });

  it("sees whether Electron's program is there, without loading the package", () => {
    const electron = folder();
    expect(electronProgram(electron, {})).toBeNull();
    mkdirSync(join(electron, 'dist'));
    writeFileSync(join(electron, 'dist', 'electron'), '');
    expect(electronProgram(electron, {})).toBe(join(electron, 'dist', 'electron'));
    expect(electronProgram(electron, { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' })).toBeNull();
  });

  it('finds a browser on the path, and the one that is named first', () => {
    const bin = folder();
    writeFileSync(join(bin, 'chromium'), '');
    writeFileSync(join(bin, 'other'), '');
    expect(findBrowser({ PATH: bin })).toBe(join(bin, 'chromium'));
    expect(findBrowser({ PATH: bin, CHROMIUM: join(bin, 'other') })).toBe(join(bin, 'other'));
  });

  it('speaks in plain sizes and times', () => {
    expect([900, 86_432, 2_349_112, 274_000_000].map(formatBytes)).toEqual(['1 kB', '86 kB', '2.3 MB', '274 MB']);
    expect([400, 16_000, 330_000].map(formatSeconds)).toEqual(['0.4 s', '16 s', '5.5 min']);
  });
});

describe('root on Linux', () => {
  const root = { platform: 'linux', uid: 0 };

  it('gets a sentence instead of a window without a sandbox', () => {
    expect(() => refuseRoot([], root)).toThrow('sandbox does not work for root');
  });

  it('may turn the sandbox off for a container, by name', () => {
    expect(() => refuseRoot(['--no-sandbox'], root)).not.toThrow();
  });

  it('is nobody else', () => {
    expect(() => refuseRoot([], { platform: 'linux', uid: 1000 })).not.toThrow();
    expect(() => refuseRoot([], { platform: 'darwin', uid: 0 })).not.toThrow();
  });
});
