import type { SafeStorage } from 'electron';
import { describe, expect, it } from 'vitest';
import { keyChain, type Storage } from './key-chain.ts';

type Backend = ReturnType<SafeStorage['getSelectedStorageBackend']>;

const seal = (text: string): Buffer => Buffer.from(`sealed ${text}`);
const unseal = (bytes: Buffer): string => bytes.toString().replace('sealed ', '');

/** The Electron that is shipped: its types still have the old functions, which must not be called. */
function current(available: boolean, backend: Backend): Storage {
  const old = (): never => {
    throw new Error('a deprecated function of Electron was called');
  };
  return {
    isAsyncEncryptionAvailable: async () => available,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text) => seal(text),
    decryptStringAsync: async (bytes) => ({ result: unseal(bytes), shouldReEncrypt: false }),
    isEncryptionAvailable: old,
    encryptString: old,
    decryptString: old,
  };
}

/** The Electron of the desktop tests. */
function older(available: boolean, backend: Backend): Storage {
  return {
    isEncryptionAvailable: () => available,
    getSelectedStorageBackend: () => backend,
    encryptString: seal,
    decryptString: unseal,
  };
}

describe.each([
  ['the shipped Electron', current],
  ['an older Electron', older],
])('the key chain of the system, through %s', (_name, storage) => {
  it.each([
    ['linux', true, 'gnome_libsecret', true],
    // Electron's own source contains its password.
    ['linux', true, 'basic_text', false],
    ['linux', false, 'kwallet6', false],
    ['darwin', true, 'basic_text', true],
    ['win32', true, 'unknown', true],
    ['win32', false, 'unknown', false],
  ] as const)('on %s (available: %s, %s) counts as there: %s', async (platform, available, backend, there) => {
    expect(await keyChain(storage(available, backend), platform).available()).toBe(there);
  });

  it('seals and opens', async () => {
    const chain = keyChain(storage(true, 'kwallet6'), 'linux');
    const sealed = await chain.wrap('a key');
    expect(Buffer.from(sealed).toString()).toBe('sealed a key');
    expect(await chain.unwrap(sealed)).toBe('a key');
  });
});
