import { describe, expect, it } from 'vitest';
import { argumentsToRestore, backupToRestore, freeWords, homeAfterSpace, sandboxWeakening } from './start-arguments.ts';

describe('the data folder', () => {
  it('may follow --home after a space, and is then no path to open', () => {
    const argv = ['atelier', '--home', '/tmp/a folder', '/tmp/bundle'];
    expect(homeAfterSpace(argv)).toBe('/tmp/a folder');
    expect(freeWords(argv)).toEqual(['/tmp/bundle']);
    expect(homeAfterSpace(['atelier', '--home', '--no-sandbox'])).toBeUndefined();
    expect(homeAfterSpace(['atelier', '--home'])).toBeUndefined();
    expect(homeAfterSpace(['atelier', '/tmp/bundle'])).toBeUndefined();
  });
});

describe('a backup to restore', () => {
  it('is named by a start, and replaces the one of the start before', () => {
    const argv = ['atelier', '--home=/tmp/home', '--restore=/tmp/Old.zip', '/tmp/bundle'];
    expect(backupToRestore(argv)).toBe('/tmp/Old.zip');
    expect(argumentsToRestore(argv, '/tmp/a new.zip')).toEqual([
      '--home=/tmp/home',
      '/tmp/bundle',
      '--restore=/tmp/a new.zip',
    ]);
    expect(freeWords(argv)).toEqual(['/tmp/bundle']);
    expect(backupToRestore(['atelier', '--restore='])).toBeNull();
    expect(backupToRestore(['atelier'])).toBeNull();
  });
});

describe('the sandbox', () => {
  it.each([
    ['-no-sandbox', 'The option -no-sandbox'],
    ['--disable-seccomp-filter-sandbox', 'The option --disable-seccomp-filter-sandbox'],
    ['--disable-setuid-sandbox=1', 'The option --disable-setuid-sandbox=1'],
  ])('is not given up for %s', (word, named) => {
    expect(sandboxWeakening(['atelier', word], {})).toBe(named);
  });

  it('is not given up for an environment variable, whatever its value', () => {
    expect(sandboxWeakening(['atelier'], { ELECTRON_DISABLE_SANDBOX: '' })).toMatch(/ELECTRON_DISABLE_SANDBOX/);
  });

  it('is off only where somebody types --no-sandbox', () => {
    expect(sandboxWeakening(['atelier', '--no-sandbox'], { ELECTRON_DISABLE_SANDBOX: '1' })).toBeNull();
    expect(sandboxWeakening(['atelier', '--home=/no-sandbox', '/pictures/no-sandbox'], {})).toBeNull();
  });
});
