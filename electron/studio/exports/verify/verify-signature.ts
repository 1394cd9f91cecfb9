/** @file Check 1: the signature, the key behind it, and every file of the folder. */
import { join } from 'node:path';
import { keyHint, normalisePublicKeyPem } from '../../../provenance/signing/dsse.ts';
import {
  SIGNATURE_FILE,
  compareFiles,
  faultOfName,
  isSignedBy,
  namesKey,
  readModelSignature,
} from '../../../provenance/signing/model-signing.ts';
import type { FileDigest, ModelSignature, SignerMaterial } from '../../../provenance/signing/model-signing.ts';
import { FILE } from '../build/documents.ts';
import { MOST_ENTRIES, hashFileFrom, listFolder } from '../build/folder.ts';
import type { FolderContent } from '../build/folder.ts';
import { cannotTell, fail, pass, readText } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';
import { counted } from '../../../method/counted.ts';

export interface VerifyOptions {
  /** PEM of the key that must have signed the bundle; any other signer is a failure. */
  publicKey?: string | undefined;
  /** Keys known here (your own, friends'). A signer among them is named; any other is simply unknown. */
  knownKeys?: readonly { name: string; publicKey: string }[] | undefined;
  /** Fires when the answer is no longer wanted. */
  signal?: AbortSignal | undefined;
}

export interface SignatureFindings {
  checks: Check[];
  /** Files found in the folder except `model.sig`, with their actual hashes. */
  files: FileDigest[];
  /** PEM of the key whose signature is valid; null if none is. */
  signedBy: string | null;
  /** True if the folder has no signature at all, not even one that cannot be read. */
  isUnsigned: boolean;
}

/** A signature names each file once, so a larger file cannot be a signature. */
const MOST_SIGNATURE_BYTES = 16 * 1024 * 1024;
const MOST_KEY_BYTES = 64 * 1024;
/** Hashing runs at about 1 GB per second; anything that takes longer than this is an attack, not a bundle. */
const LONGEST_MS = 30 * 60_000;
/** Without a signature, nothing says how large the files should be, so only this much is read. */
const MOST_UNSIGNED_BYTES = 4 * 1024 ** 3;

/** How many names a sentence shows; the others are only counted. */
const NAMES_SHOWN = 10;

export async function verifySignature(folder: string, options: VerifyOptions): Promise<SignatureFindings> {
  // The signature comes first: it says which files are worth reading.
  const text = await readText(folder, SIGNATURE_FILE, MOST_SIGNATURE_BYTES);
  const read = text === null ? null : readModelSignature(text);
  const content = await listFolder(folder);
  const checks = checkNames(content);
  const signed = read?.ok === true ? new Set(read.signature.resources.map(({ name }) => name)) : null;
  const files = await digestsOf(folder, content, signed, options.signal);
  if (read === null) {
    const names = [...content.files.map(({ name }) => name), ...content.special, ...content.symlinks];
    const isUnsigned = !names.includes(SIGNATURE_FILE);
    const lies = isUnsigned ? 'the folder is not signed, or its signature was removed' : 'it is not an ordinary file';
    checks.push(fail('signature', `There is no ${SIGNATURE_FILE} that can be read: ${lies}.`));
    return { checks, files, signedBy: null, isUnsigned };
  }
  if (!read.ok) {
    checks.push(
      read.kind === 'refused'
        ? fail('signature', `${SIGNATURE_FILE} is refused: ${read.reason}.`)
        : cannotTell(
            'signature',
            `${SIGNATURE_FILE} cannot be checked by this version: ${read.reason}. OpenSSF's model_signing may be able to check it.`,
          ),
    );
    return { checks, files, signedBy: null, isUnsigned: false };
  }
  const { signature } = read;
  const key = await chooseKey(folder, signature, options);
  const found = checkKey(signature, key);
  checks.push(...found.checks);
  if (key.pem !== null) checks.push(checkSigner(key.pem, found.signedBy !== null, options));
  checks.push(checkFiles(signature.resources, files, content.unsigned));
  return { checks, files, signedBy: found.signedBy, isUnsigned: false };
}

/** Checks the signature against the chosen key. */
function checkKey(signature: ModelSignature, key: ChosenKey): Pick<SignatureFindings, 'checks' | 'signedBy'> {
  const no = (check: Check): ReturnType<typeof checkKey> => ({ checks: [check], signedBy: null });
  if (key.pem === null) return no(cannotTell('signature', key.reason));
  if (!isSignedBy(signature, key.pem))
    return no(fail('signature', `${SIGNATURE_FILE} was not signed with ${key.name}, or it has changed since.`));
  if (!namesKey(signature, key.pem))
    return no(fail('signature', `${SIGNATURE_FILE} names a different key from the one that signed it.`));
  const { signer, resources, rootSha256 } = signature;
  const checks = [
    pass('signature', `The signature over ${counted(resources.length, 'file')} is valid (root sha256 ${rootSha256}).`),
  ];
  if (signer.kind === 'key' && signer.hint === null && signer.pem === null) {
    checks.push(
      cannotTell('key hint', 'The signature names no key, as in old versions of the format. It matches the given key.'),
    );
  }
  return { checks, signedBy: key.pem };
}

/**
 * Hashes the files that the signature names or, without a signature, as much as may be read. A file that the signature
 * does not name is listed without a hash: its presence is fault enough.
 */
async function digestsOf(
  folder: string,
  content: FolderContent,
  signed: ReadonlySet<string> | null,
  signal: AbortSignal | undefined,
): Promise<FileDigest[]> {
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const until = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  let left = MOST_UNSIGNED_BYTES;
  const files: FileDigest[] = [];
  for (const { name, sizeBytes } of content.files) {
    if (name === SIGNATURE_FILE) continue;
    left -= sizeBytes;
    const worthReading = signed === null ? left >= 0 : signed.has(name);
    files.push({ name, sha256: worthReading ? await hashFileFrom(join(folder, name), 0, until) : '' });
  }
  return files;
}

function checkNames({ files, symlinks, special, tooMany }: FolderContent): Check[] {
  const names = files.map((file) => file.name);
  const checks: Check[] = [];
  if (tooMany) {
    checks.push(
      fail('names', `The folder holds more than ${MOST_ENTRIES} files; no bundle does. The rest was not read.`),
    );
  }
  if (symlinks.length > 0) {
    checks.push(
      fail('names', `Symbolic links are refused because they can lead out of the folder: ${list(symlinks)}.`),
    );
  }
  if (special.length > 0) checks.push(fail('names', `Neither a file nor a folder: ${list(special)}.`));
  const unsafe = names.filter((name) => faultOfName(name) !== null);
  if (unsafe.length > 0) checks.push(fail('names', `Unsafe names: ${list(unsafe)}.`));
  return checks;
}

function checkFiles(signed: readonly FileDigest[], found: readonly FileDigest[], unsigned: readonly string[]): Check {
  const { changed, missing, extra } = compareFiles(signed, found);
  const faults = [
    ...(changed.length > 0 ? [`changed since signing: ${list(changed)}`] : []),
    ...(missing.length > 0 ? [`missing: ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`added since signing: ${list(extra)}`] : []),
  ];
  if (faults.length > 0) return fail('files', `Files differ from what was signed; ${faults.join('; ')}.`);
  const beside = unsigned.length === 0 ? '' : ` Not covered by a signature of this format: ${list(unsigned)}.`;
  return pass(
    'files',
    `All ${signed.length} signed files are present and unchanged, and there are no others.${beside}`,
  );
}

type ChosenKey = { pem: string; name: string } | { pem: null; reason: string };

/** The given key, otherwise the one in the bundle. */
async function chooseKey(folder: string, { signer }: ModelSignature, options: VerifyOptions): Promise<ChosenKey> {
  if (options.publicKey !== undefined) {
    const pem = tryPem(options.publicKey);
    return pem === null
      ? { pem, reason: 'The given public key cannot be read as an EC key.' }
      : { pem, name: 'the given key' };
  }
  if (signer.kind !== 'key') return { pem: null, reason: reasonOfCertificate(signer) };
  const text = await readText(folder, FILE.publicKey, MOST_KEY_BYTES);
  if (text === null) {
    return {
      pem: null,
      reason: `The folder contains no ${FILE.publicKey}. Provide the maker's public key to check the signature.`,
    };
  }
  const pem = tryPem(text);
  if (pem === null)
    return {
      pem,
      reason: `${FILE.publicKey} cannot be read as an EC key. Provide the maker's public key to check the signature.`,
    };
  return { pem, name: `the key in ${FILE.publicKey}` };
}

/** A certificate in the folder proves nothing by itself: its roots, and for Sigstore the log, lie elsewhere. */
function reasonOfCertificate(signer: Exclude<SignerMaterial, { kind: 'key' }>): string {
  const named = `${signer.subject === '' ? 'an unnamed signer' : JSON.stringify(signer.subject)}, issued by ${JSON.stringify(signer.issuer)}`;
  return signer.kind === 'certificate'
    ? `${SIGNATURE_FILE} was made with a certificate (${named}). Atelier knows no issuer's roots, so it cannot tell whether the certificate is genuine. ` +
        `Check it with "model_signing verify certificate" and the roots that you trust, or give Atelier the signer's public key.`
    : `${SIGNATURE_FILE} was made with a Sigstore identity (${named}). Checking it needs Sigstore's roots and log, and Atelier is offline. ` +
        `Check it with "model_signing verify sigstore".`;
}

function tryPem(text: string): string | null {
  try {
    return normalisePublicKeyPem(text);
  } catch {
    return null;
  }
}

/** Checks who signed; only a key from outside the bundle can show that. */
function checkSigner(pem: string, good: boolean, options: VerifyOptions): Check {
  const fingerprint = keyHint(pem);
  if (!good) return cannotTell('signer', 'Without a valid signature, the signer is unknown.');
  if (options.publicKey !== undefined) return pass('signer', `Signed with the given key (fingerprint ${fingerprint}).`);
  const known = (options.knownKeys ?? []).find((entry) => tryPem(entry.publicKey) === pem);
  if (known !== undefined) return pass('signer', `Signed with the key of ${known.name} (fingerprint ${fingerprint}).`);
  return cannotTell(
    'signer',
    `The key is in the bundle itself, so it shows that nothing has changed since signing, but not who signed. Get the maker's key through ` +
      `another channel and compare its fingerprint: ${fingerprint}.`,
  );
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '');
}
