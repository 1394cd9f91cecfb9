/**
 * @file The studio's own signing key: P-256, created once and kept in `<home>/keys/signing.pem`, readable only by its
 * owner. A wrapped key (in the operating system's keychain) can replace the file behind the same interface.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { SigningKeyInfo } from '../../../contract/model/system.ts';
import { existsFile, writeError } from '../../../formats/files.ts';
import { generateSigningKeyPem, keyHint, signerFromPem } from '../../../provenance/signing/dsse.ts';
import type { Signer } from '../../../provenance/signing/dsse.ts';
import { OTHERS } from '../../private-folder.ts';

/** Stores the key's secret text: as plain text in a file, or wrapped by the system. */
export interface KeyVault {
  /** The stored key, or null if none exists yet. */
  read(): Promise<string | null>;
  /** Stores a new key unless one exists. Returns the key that is stored afterwards. */
  create(pem: string): Promise<string>;
  /** @throws AtelierError if someone else may have read the key, so that it should not sign */
  assertPrivate?(): Promise<void>;
  /** The public half if it is stored separately, so that verification needs no secret; otherwise null. */
  readPublic?(): Promise<string | null>;
}

/** Names in `<home>/keys`. */
const PLAIN_KEY_FILE = 'signing.pem';
export const WRAPPED_KEY_FILE = 'signing.wrapped';
export const PUBLIC_KEY_FILE = 'signing.pub.pem';

/** The signer of this data folder. The first call creates its key; processes that start together get the same key. */
export async function loadSigner(vault: KeyVault): Promise<Signer> {
  await vault.assertPrivate?.();
  return signerOf((await vault.read()) ?? (await vault.create(generateSigningKeyPem())));
}

function signerOf(pem: string): Signer {
  try {
    return signerFromPem(pem);
  } catch (cause) {
    throw new AtelierError('BAD_INPUT', 'The signing key of this data folder cannot be read. Nothing was signed.', {
      remedy:
        'Restore keys/signing.pem from a copy, or move it away. Atelier then creates a new key, which others do not know yet.',
      cause,
    });
  }
}

/** The public key of this data folder, or null if no key exists yet: reading must not create one. */
export async function ownPublicKey(vault: KeyVault): Promise<string | null> {
  const apart = (await vault.readPublic?.()) ?? null;
  if (apart !== null) return apart;
  const pem = await vault.read();
  return pem === null ? null : signerOf(pem).publicKeyPem;
}

/** What others need to know about this data folder's key, or null if no key exists yet. */
export async function signingKeyInfo(home: string): Promise<SigningKeyInfo | null> {
  const publicKeyPem = await ownPublicKey(fileKeyVault(home));
  if (publicKeyPem === null) return null;
  const wrapped = join(home, 'keys', WRAPPED_KEY_FILE);
  const path = (await existsFile(wrapped)) ? wrapped : join(home, 'keys', PLAIN_KEY_FILE);
  return { publicKeyPem, hint: keyHint(publicKeyPem), path, keptBy: path === wrapped ? 'key-chain' : 'file' };
}

/** A vault backed by a file that only its owner may read. */
export function fileKeyVault(home: string, options: { readsWrapped?: boolean } = {}): KeyVault {
  const folder = join(home, 'keys');
  const path = join(folder, PLAIN_KEY_FILE);

  /** A second key beside the one in the keychain would make one maker look like two. */
  async function refuseWrapped(): Promise<void> {
    if (options.readsWrapped === true || !(await existsFile(join(folder, WRAPPED_KEY_FILE)))) return;
    throw new AtelierError(
      'CONFLICT',
      'The system’s keychain protects the signing key of this data folder, so only the desktop app can sign with it.',
      {
        place: { file: join(folder, WRAPPED_KEY_FILE) },
        remedy: 'Export from the desktop app. You can verify bundles here.',
      },
    );
  }

  async function assertPrivate(): Promise<void> {
    if (process.getuid === undefined) return;
    const found = await stat(path).catch(() => null);
    if (found === null || (found.mode & OTHERS) === 0) return;
    throw new AtelierError(
      'CONFLICT',
      `Other users of this machine may read the signing key ${path}. Nothing was signed.`,
      {
        place: { file: path },
        remedy: `Run: chmod 600 ${path} – or, if somebody may have copied it, move it away: Atelier then creates a new key.`,
      },
    );
  }

  async function readPublic(): Promise<string | null> {
    return await readFile(join(folder, PUBLIC_KEY_FILE), 'utf8').catch(() => null);
  }

  async function read(): Promise<string | null> {
    try {
      return await readFile(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
        await refuseWrapped();
        return null;
      }
      throw new AtelierError('BAD_INPUT', `The signing key ${path} cannot be read.`, {
        place: { file: path },
        remedy: 'Give your user permission to read it.',
        cause,
      });
    }
  }

  async function create(pem: string): Promise<string> {
    const aside = join(folder, `${randomUUID()}.partial`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const handle = await open(aside, 'wx', 0o600);
      try {
        await handle.writeFile(pem, 'utf8');
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Linking fails if the name is taken, so if two processes race, one wins and both use its key.
      await link(aside, path).catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      });
    } catch (cause) {
      throw writeError(path, cause);
    } finally {
      await rm(aside, { force: true });
    }
    return (await read()) ?? pem;
  }

  return { read, create, assertPrivate, readPublic };
}
