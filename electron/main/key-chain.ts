/**
 * @file The operating system's key chain, accessed through Electron's safeStorage, for secrets that the studio keeps.
 */
import type { SafeStorage } from 'electron';
import type { SecretWrapper } from '../studio/exports/build/wrapped-key.ts';

/**
 * On Linux without a key ring, Electron falls back to a password contained in its own source (`basic_text`). That
 * protects nothing, so it counts as unavailable: a file that only its owner may read is used instead, and the user is
 * told.
 */
export function keyChain(
  storage: Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString' | 'getSelectedStorageBackend'>,
  platform: NodeJS.Platform = process.platform,
): SecretWrapper {
  // The asynchronous successors give no immediate yes or no, and the key is needed in one synchronous write.
  /* eslint-disable @typescript-eslint/no-deprecated */
  return {
    available: () =>
      storage.isEncryptionAvailable() && (platform !== 'linux' || storage.getSelectedStorageBackend() !== 'basic_text'),
    wrap: (secret) => storage.encryptString(secret),
    unwrap: (bytes) => storage.decryptString(Buffer.from(bytes)),
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
}
