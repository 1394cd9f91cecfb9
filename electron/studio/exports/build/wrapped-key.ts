/**
 * @file A signing key protected by the operating system: the file holds it wrapped, and only this user's keychain can
 * unwrap it. A data folder that already has a plain key keeps using it, so others still recognise its signature.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { writeError } from '../../../formats/files.ts';
import { signerFromPem } from '../../../provenance/signing/dsse.ts';
import { PUBLIC_KEY_FILE, WRAPPED_KEY_FILE, fileKeyVault } from './signing-key.ts';
import type { KeyVault } from './signing-key.ts';

/** Wraps secrets for this user on this machine; the desktop app supplies the system's keychain. */
export interface SecretWrapper {
  /** False if the system offers no such protection; a file that only its owner may read is used instead. */
  available(): Promise<boolean>;
  wrap(secret: string): Promise<Uint8Array>;
  /** Rejects if another user or machine wrapped it. */
  unwrap(bytes: Uint8Array): Promise<string>;
}

export function wrappedKeyVault(home: string, wrapper: SecretWrapper): KeyVault {
  const folder = join(home, 'keys');
  const path = join(folder, WRAPPED_KEY_FILE);
  const plain = fileKeyVault(home, { readsWrapped: true });

  async function readWrapped(): Promise<string | null> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new AtelierError('BAD_INPUT', `The signing key ${path} cannot be read.`, {
        place: { file: path },
        remedy: 'Give your user permission to read it.',
        cause,
      });
    }
    try {
      return await wrapper.unwrap(bytes);
    } catch (cause) {
      throw new AtelierError('BAD_INPUT', 'The system’s keychain cannot open the signing key. Nothing was signed.', {
        place: { file: path },
        remedy:
          'Sign in as the user who created it, on the machine where it was created. Or move the file away: Atelier then creates a new key, which others do not know yet.',
        cause,
      });
    }
  }

  async function read(): Promise<string | null> {
    return (await readWrapped()) ?? (await plain.read());
  }

  async function create(pem: string): Promise<string> {
    if (!(await wrapper.available())) return plain.create(pem);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await placeOnce(path, await wrapper.wrap(pem), 0o600);
      const kept = await read();
      // Whichever process came first, the public half stored here must match the key that was kept.
      if (kept !== null)
        await placeOnce(join(folder, PUBLIC_KEY_FILE), Buffer.from(signerFromPem(kept).publicKeyPem), 0o644);
      return kept ?? pem;
    } catch (cause) {
      if (cause instanceof AtelierError) throw cause;
      throw writeError(path, cause);
    }
  }

  return { read, create, readPublic: () => plain.readPublic?.() ?? Promise.resolve(null) };
}

/** Writes a temporary file and links it into place; an existing file is kept. */
async function placeOnce(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const aside = `${path}.${randomUUID()}.partial`;
  try {
    const handle = await open(aside, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(aside, path).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    });
  } finally {
    await rm(aside, { force: true });
  }
}
