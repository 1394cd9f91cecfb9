import type { SafeStorage } from 'electron';
import { describe, expect, it } from 'vitest';
import { keyChain } from './key-chain.ts';

type Lent = Parameters<typeof keyChain>[0];

function storage(available: boolean, backend: ReturnType<SafeStorage['getSelectedStorageBackend']>): Lent {
  // The same functions that key-chain.ts uses; the reason is given there.
  /* eslint-disable @typescript-eslint/no-deprecated */
  return {
    isEncryptionAvailable: () => available,
    getSelectedStorageBackend: () => backend,
    encryptString: (text) => Buffer.from(`sealed ${text}`),
    decryptString: (bytes) => bytes.toString().replace('sealed ', ''),
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
}

describe('the key chain of the system', () => {
  it.each([
    ['linux', true, 'gnome_libsecret', true],
    // Electron's own source contains its password.
    ['linux', true, 'basic_text', false],
    ['linux', false, 'kwallet6', false],
    ['darwin', true, 'basic_text', true],
    ['win32', true, 'unknown', true],
    ['win32', false, 'unknown', false],
  ] as const)('on %s (available: %s, %s) counts as there: %s', (platform, available, backend, there) => {
    expect(keyChain(storage(available, backend), platform).available()).toBe(there);
  });

  it('seals and opens', () => {
    const chain = keyChain(storage(true, 'kwallet6'), 'linux');
    const sealed = chain.wrap('a key');
    expect(Buffer.from(sealed).toString()).toBe('sealed a key');
    expect(chain.unwrap(sealed)).toBe('a key');
  });
});
