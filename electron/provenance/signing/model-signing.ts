/**
 * @file OpenSSF Model Signing v1.0 with your own key: the statement over a folder's files, and its bundle.
 * The official verifier accepts signatures written here, and signatures of its releases 1.0.0, 1.0.1 and 1.1 are read
 * here. Our reader is stricter than the official one: it also refuses ignored paths that could hide a file, duplicate or
 * reordered entries, unsafe names and symlinks.
 */
import { issueWords } from '../../contract/errors/issue-words.ts';
import { X509Certificate, createHash } from 'node:crypto';
import { z } from 'zod';
import { compareCodePoints } from './canonical-json.ts';
import { DsseEnvelope, curveOf, keyHint, openEnvelope, signEnvelope, strictBase64 } from './dsse.ts';
import type { Signer } from './dsse.ts';

export const SIGNATURE_FILE = 'model.sig';
/** Root-level names that the format excludes because a git checkout adds them. */
export const GIT_PATHS = ['.git', '.gitattributes', '.github', '.gitignore'];

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
const LEGACY_PREDICATE_TYPE = 'https://model_signing/Digests/v0.1';

/** A file in the folder: its relative POSIX path, and the SHA-256 of its bytes. */
export interface FileDigest {
  name: string;
  sha256: string;
}

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);

const Serialization = z.strictObject({
  method: z.string(),
  hash_type: z.string(),
  allow_symlinks: z.boolean(),
  /** Releases before 1.1 ignored paths as well, but did not record which. */
  ignore_paths: z.array(z.string()).optional(),
  shard_size: z.unknown().optional(),
});

const Statement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: Hex64 }) })).length(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    serialization: Serialization.extend({ method: z.literal('files'), hash_type: z.literal('sha256') }),
    resources: z.array(z.strictObject({ name: z.string(), algorithm: z.literal('sha256'), digest: Hex64 })),
  }),
});
/** The same with another way of hashing. The format allows it, but it is not read here. */
const OtherSerialization = z.object({
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.object({ serialization: Serialization }),
});

/** The curve of a key by the name that releases before 1.1 wrote. */
const CURVE_OF: Record<string, string> = {
  PKIX_ECDSA_P256_SHA_256: 'prime256v1',
  PKIX_ECDSA_P384_SHA_384: 'secp384r1',
  PKIX_ECDSA_P521_SHA_512: 'secp521r1',
};
const Certificate = z.strictObject({ rawBytes: z.string() });

/** Strict, so that no byte of the file can change unnoticed. Exactly one of the three materials must be there. */
const Bundle = z.strictObject({
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.strictObject({
    publicKey: z
      .strictObject({ hint: z.string().optional(), rawBytes: z.string().optional(), keyDetails: z.string().optional() })
      .optional(),
    x509CertificateChain: z.strictObject({ certificates: z.array(Certificate).min(1) }).optional(),
    certificate: Certificate.optional(),
    tlogEntries: z.array(z.unknown()).optional(),
    timestampVerificationData: z.unknown().optional(),
  }),
  dsseEnvelope: DsseEnvelope.extend({ payloadType: z.literal(PAYLOAD_TYPE) }),
});
type Material = z.infer<typeof Bundle>['verificationMaterial'];

/** What a signature says about its signer. None of it is proof. */
export type SignerMaterial =
  /** `hint`, and the PEM in releases before 1.1; either may be absent. `curve`: as stated, null if not stated. */
  | { kind: 'key'; hint: string | null; pem: string | null; curve: string | null }
  /** A certificate of the signer's own public-key infrastructure, with the names in it. */
  | { kind: 'certificate'; subject: string; issuer: string }
  /** A short-lived certificate of Sigstore, valid only together with the entry in its transparency log. */
  | { kind: 'sigstore'; subject: string; issuer: string };

/** The content of a well-formed signature. None of it has been checked against a key or a file yet. */
export interface ModelSignature {
  subjectName: string;
  rootSha256: string;
  resources: FileDigest[];
  ignorePaths: string[];
  signer: SignerMaterial;
  envelope: DsseEnvelope;
}

/**
 * `refused`: the signature is faulty. `unknown`: it may be good, but this version cannot read its way of hashing. The
 * reason completes the sentence "It …".
 */
export type ReadSignature =
  { ok: true; signature: ModelSignature } | { ok: false; kind: 'refused' | 'unknown'; reason: string };

/** The format's order: by path parts, each by code points (`sub/z` < `sub-a/a` < `sub.txt`). */
export function compareModelPaths(left: string, right: string): number {
  const a = left.split('/');
  const b = right.split('/');
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = compareCodePoints(a[i] ?? '', b[i] ?? '');
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The folder's root hash: SHA-256 over the raw 32-byte digests, concatenated in the given order. */
export function rootOf(files: readonly FileDigest[]): string {
  const root = createHash('sha256');
  for (const file of files) root.update(Buffer.from(file.sha256, 'hex'));
  return root.digest('hex');
}

/** Signs the files of a folder. Returns the text of `model.sig` and the root hash that it covers. */
export function signModel(
  folderName: string,
  files: readonly FileDigest[],
  signer: Signer,
): { text: string; rootSha256: string } {
  const sorted = [...files].sort((a, b) => compareModelPaths(a.name, b.name));
  const rootSha256 = rootOf(sorted);
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: folderName, digest: { sha256: rootSha256 } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: [...GIT_PATHS, SIGNATURE_FILE],
      },
      resources: sorted.map(({ name, sha256 }) => ({ name, algorithm: 'sha256', digest: sha256 })),
    },
  };
  const envelope = signEnvelope(Buffer.from(JSON.stringify(statement), 'utf8'), PAYLOAD_TYPE, signer);
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint(signer.publicKeyPem) }, tlogEntries: [] },
    dsseEnvelope: envelope,
  };
  return { text: JSON.stringify(bundle), rootSha256 };
}

/** Reads a `model.sig` and checks everything that requires neither the key nor the files. */
export function readModelSignature(text: string): ReadSignature {
  const json = parseJson(text);
  if (json === undefined) return refuse('it is not JSON');
  const bundle = Bundle.safeParse(json);
  if (!bundle.success) return refuse(`it is not a signature bundle of version 0.3: ${firstIssue(bundle.error)}`);
  const { dsseEnvelope, verificationMaterial } = bundle.data;
  const signer = signerIn(verificationMaterial);
  if ('fault' in signer) return refuse(signer.fault);
  if (signer.kind === 'other-key') return unknown(`it was made with a key of the kind ${signer.name}`);
  if (dsseEnvelope.signatures.length !== 1) return refuse('it must contain exactly one signature');
  const payload = strictBase64(dsseEnvelope.payload);
  const payloadJson = payload === null ? undefined : parseJson(Buffer.from(payload).toString('utf8'));
  if (payloadJson === undefined) return refuse('its payload is not JSON in base64');
  if (isRecord(payloadJson) && payloadJson['predicateType'] === LEGACY_PREDICATE_TYPE) {
    return refuse('it uses version 0.2 of the format, whose encoding is faulty, so it must be signed again');
  }
  const statement = Statement.safeParse(payloadJson);
  if (!statement.success) {
    const other = OtherSerialization.safeParse(payloadJson).data?.predicate.serialization;
    return other === undefined || (other.method === 'files' && other.hash_type === 'sha256')
      ? refuse(`its statement does not follow version 1.0: ${firstIssue(statement.error)}`)
      : unknown(`it hashes the files with ${other.hash_type} by the method "${other.method}"`);
  }
  const [subject] = statement.data.subject;
  if (subject === undefined) return refuse('its statement has no subject');
  const { serialization, resources } = statement.data.predicate;
  const files = resources.map(({ name, digest }) => ({ name, sha256: digest }));
  if (files.length === 1 && files[0]?.name === '.')
    return unknown(`it signs the single file ${JSON.stringify(subject.name)}, not a folder`);
  const ignorePaths = serialization.ignore_paths ?? [];
  const fault = faultOfFiles(files, subject.digest.sha256) ?? faultOfIgnored(ignorePaths);
  if (fault !== null) return refuse(fault);
  if (serialization.allow_symlinks) return refuse('it allows symbolic links, which can point outside the folder');
  return {
    ok: true,
    signature: {
      subjectName: subject.name,
      rootSha256: subject.digest.sha256,
      resources: files,
      ignorePaths,
      signer,
      envelope: dsseEnvelope,
    },
  };
}

/** The signer as the bundle names it, or what is wrong with its verification material. */
function signerIn(material: Material): SignerMaterial | { kind: 'other-key'; name: string } | { fault: string } {
  const { publicKey, x509CertificateChain: chain, certificate, tlogEntries = [] } = material;
  const present = [publicKey, chain, certificate].filter((entry) => entry !== undefined);
  if (present.length !== 1) return { fault: 'it must name exactly one key or certificate' };
  if (publicKey === undefined) {
    const [leaf] = certificate === undefined ? (chain?.certificates ?? []) : [certificate];
    const named = leaf === undefined ? null : namesIn(leaf.rawBytes);
    if (named === null) return { fault: 'its certificate cannot be read' };
    return { kind: certificate === undefined ? 'certificate' : 'sigstore', ...named };
  }
  if (tlogEntries.length > 0 || material.timestampVerificationData !== undefined)
    return { fault: 'it names a key, but has log entries or timestamps, which belong to certificates' };
  const { hint = null, rawBytes, keyDetails } = publicKey;
  const kind = hint === null ? null : /^(\w+):[0-9a-f]{64}$/.exec(hint);
  if (kind !== null) return { kind: 'other-key', name: kind[1] ?? '' };
  const curve = keyDetails === undefined ? null : (CURVE_OF[keyDetails] ?? '');
  if (curve === '')
    return { fault: `its kind of key, ${JSON.stringify(keyDetails)}, is not one that the format allows` };
  const bytes = rawBytes === undefined ? undefined : strictBase64(rawBytes);
  if (bytes === null) return { fault: 'its public key is not in base64' };
  return { kind: 'key', hint, pem: bytes === undefined ? null : Buffer.from(bytes).toString('utf8'), curve };
}

function namesIn(base64: string): { subject: string; issuer: string } | null {
  const bytes = strictBase64(base64);
  try {
    if (bytes === null) return null;
    const { subject, subjectAltName, issuer } = new X509Certificate(bytes);
    const line = (name: unknown): string => (typeof name === 'string' ? name.replaceAll('\n', ', ') : '');
    // Sigstore leaves the subject empty (undefined in Node) and names the person in the alternative name.
    return { subject: line(subject) || line(subjectAltName), issuer: line(issuer) };
  } catch {
    return null;
  }
}

/** True if this key made the signature over the exact payload. */
export function isSignedBy(signature: ModelSignature, publicKeyPem: string): boolean {
  return openEnvelope(signature.envelope, publicKeyPem) !== null;
}

/** False if the signature names a key, and it is not this one. */
export function namesKey({ signer }: ModelSignature, publicKeyPem: string): boolean {
  if (signer.kind !== 'key') return true;
  const { hint, pem, curve } = signer;
  if (hint !== null && hint !== keyHint(publicKeyPem)) return false;
  if (pem !== null && pem !== publicKeyPem) return false;
  return curve === null || curve === curveOf(publicKeyPem);
}

/** Files that differ from the signed ones, each list sorted by name. */
export interface FileDifferences {
  changed: string[];
  missing: string[];
  extra: string[];
}

/** Compares the files found in a folder with those that were signed. */
export function compareFiles(signed: readonly FileDigest[], found: readonly FileDigest[]): FileDifferences {
  const foundByName = new Map(found.map((file) => [file.name, file.sha256]));
  const signedNames = new Set(signed.map((file) => file.name));
  return {
    changed: signed.filter((file) => (foundByName.get(file.name) ?? file.sha256) !== file.sha256).map((f) => f.name),
    missing: signed.filter((file) => !foundByName.has(file.name)).map((file) => file.name),
    extra: found.filter((file) => !signedNames.has(file.name)).map((file) => file.name),
  };
}

/** Why a name must not appear in a bundle, or null if it is safe on every system. */
export function faultOfName(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'it is absolute';
  if (name.includes('\0')) return 'it contains a null character';
  if (name.includes('\\')) return 'it contains a backslash';
  const parts = name.split('/');
  if (parts.some((part) => part === '..')) return 'it leads out of the folder with ".."';
  if (parts.some((part) => part === '' || part === '.')) return 'it is not normalised';
  return null;
}

function faultOfFiles(files: readonly FileDigest[], root: string): string | null {
  const seen = new Set<string>();
  for (const [index, { name }] of files.entries()) {
    const fault = faultOfName(name);
    if (fault !== null) return `it lists the name ${JSON.stringify(name)}, which is refused: ${fault}`;
    if (seen.has(name)) return `it lists ${JSON.stringify(name)} twice`;
    seen.add(name);
    const before = files[index - 1];
    if (before !== undefined && compareModelPaths(before.name, name) > 0) {
      return `its files are not in the order the format requires, at ${JSON.stringify(name)}`;
    }
  }
  return rootOf(files) === root ? null : 'its root hash does not follow from its list of files';
}

function faultOfIgnored(paths: readonly string[]): string | null {
  const allowed = new Set([...GIT_PATHS, SIGNATURE_FILE]);
  const hidden = paths.find((path) => !allowed.has(path));
  return hidden === undefined
    ? null
    : `it excludes ${JSON.stringify(hidden)} from the signature, which could hide a file`;
}

function refuse(reason: string): ReadSignature {
  return { ok: false, kind: 'refused', reason };
}

function unknown(reason: string): ReadSignature {
  return { ok: false, kind: 'unknown', reason };
}

function firstIssue(error: z.ZodError): string {
  const { field, wrong } = issueWords(error.issues[0] ?? { message: 'it does not fit' });
  return `${field === '' ? 'it' : `"${field}"`} ${wrong}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
