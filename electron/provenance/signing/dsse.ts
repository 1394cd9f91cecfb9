/**
 * @file DSSE envelopes signed with an elliptic-curve key (github.com/secure-systems-lab/dsse), as OpenSSF
 * Model Signing v1.0 requires: the signature covers the pre-authentication encoding (PAE) of the exact payload bytes.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The curves that Model Signing accepts, each with its hash. It does not accept Ed25519. */
const HASH_OF_CURVE: Record<string, string> = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' };

export const DsseEnvelope = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  /** `keyid` is a hint that proves nothing; writers leave it out, empty, or null. */
  signatures: z.array(z.strictObject({ sig: z.string(), keyid: z.string().nullable().optional() })),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

/** Signs bytes without exposing the private key, so that an operating system's keychain can implement it. */
export interface Signer {
  /** SPKI PEM of the public key, with its final newline. */
  readonly publicKeyPem: string;
  /** DER-encoded ECDSA signature over the bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** `DSSEv1 <type length> <type> <payload length> <payload>`; lengths in UTF-8 bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

/** A new P-256 private key as PKCS#8 PEM. */
export function generateSigningKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A signer for a PEM private key (PKCS#8 or SEC1). Throws if the key is not on P-256, P-384 or P-521. */
export function signerFromPem(privateKeyPem: string): Signer {
  const key = createPrivateKey(privateKeyPem);
  const hash = hashFor(key);
  return {
    publicKeyPem: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (bytes) => sign(hash, bytes, { key, dsaEncoding: 'der' }),
  };
}

/** Converts a public key to the canonical PEM that hints are computed from. Throws if it is not a supported EC key. */
export function normalisePublicKeyPem(pem: string): string {
  const key = createPublicKey(pem);
  hashFor(key);
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** OpenSSL's name of the curve of a public key in PEM; empty for other keys. */
export function curveOf(publicKeyPem: string): string {
  return createPublicKey(publicKeyPem).asymmetricKeyDetails?.namedCurve ?? '';
}

/** Model Signing's key hint: SHA-256 over the SPKI PEM text with its final newline. Names a key, proves nothing. */
export function keyHint(publicKeyPem: string): string {
  return createHash('sha256').update(publicKeyPem).digest('hex');
}

/**
 * Signs payload bytes as they are (no canonicalisation).
 * @param keyid names the key for readers that hold several
 */
export function signEnvelope(payload: Uint8Array, payloadType: string, signer: Signer, keyid = ''): DsseEnvelope {
  const signature = signer.sign(preAuthenticationEncoding(payloadType, payload));
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ sig: Buffer.from(signature).toString('base64'), keyid }],
  };
}

/**
 * The payload bytes if the envelope's only signature was made by the key, else null. Base64 must be canonical,
 * so that each envelope has only one spelling.
 */
export function openEnvelope(envelope: DsseEnvelope, publicKeyPem: string): Uint8Array | null {
  const [only, ...others] = envelope.signatures;
  if (only === undefined || others.length > 0) return null;
  const payload = strictBase64(envelope.payload);
  const signature = strictBase64(only.sig);
  if (payload === null || signature === null) return null;
  const key = createPublicKey(publicKeyPem);
  const bytes = preAuthenticationEncoding(envelope.payloadType, payload);
  return verify(hashFor(key), bytes, { key, dsaEncoding: 'der' }, signature) ? payload : null;
}

/** Decodes base64 that re-encodes to itself; null otherwise. */
export function strictBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

function hashFor(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const hash = HASH_OF_CURVE[curve];
  if (hash === undefined) {
    throw new TypeError(
      `Signing a model requires an ECDSA key on P-256, P-384 or P-521; this key is ${curve || key.asymmetricKeyType}.`,
    );
  }
  return hash;
}
