/**
 * @file The operating system's key chain, accessed through Electron's safeStorage, for secrets that the studio keeps.
 */
import type { SafeStorage } from 'electron';
import type { SecretWrapper } from '../studio/exports/build/wrapped-key.ts';

type Current = Pick<SafeStorage, 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'>;

/** What Electron had before its asynchronous functions; the Electron of the desktop tests is that old. */
export interface OlderStorage {
  isEncryptionAvailable(): boolean;
  encryptString(plainText: string): Buffer;
  decryptString(encrypted: Buffer): string;
}

export type Storage = Pick<SafeStorage, 'getSelectedStorageBackend'> & (Current | OlderStorage);

/**
 * On Linux without a key ring, Electron falls back to a password contained in its own source (`basic_text`). That
 * protects nothing, so it counts as unavailable: a file that only its owner may read is used instead, and the user is
 * told.
 */
export function keyChain(storage: Storage, platform: NodeJS.Platform = process.platform): SecretWrapper {
  const { isThere, wrap, unwrap } = 'encryptStringAsync' in storage ? current(storage) : older(storage);
  return {
    available: async () =>
      (await isThere()) && (platform !== 'linux' || storage.getSelectedStorageBackend() !== 'basic_text'),
    wrap,
    unwrap,
  };
}

interface Sealing extends Pick<SecretWrapper, 'wrap' | 'unwrap'> {
  isThere: () => Promise<boolean>;
}

function current(storage: Current): Sealing {
  return {
    isThere: () => storage.isAsyncEncryptionAvailable(),
    wrap: (secret) => storage.encryptStringAsync(secret),
    // It opens what the older functions sealed, too.
    unwrap: async (bytes) => (await storage.decryptStringAsync(Buffer.from(bytes))).result,
  };
}

function older(storage: OlderStorage): Sealing {
  return {
    isThere: async () => storage.isEncryptionAvailable(),
    wrap: async (secret) => storage.encryptString(secret),
    unwrap: async (bytes) => storage.decryptString(Buffer.from(bytes)),
  };
}
