/** @file Folders that Atelier did not make: signed with releases of OpenSSF's own tool, or not signed at all. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckResult, VerifyReport } from '../../../contract/model/exports.ts';
import { generateSigningKeyPem, signerFromPem } from '../../../provenance/signing/dsse.ts';
import { verifyBundle } from './verify.ts';

/** Made by the releases themselves: see make.py there. */
const SIGNED = fileURLToPath(new URL('../../../provenance/signing/fixtures/', import.meta.url));
const ADAPTER = fileURLToPath(new URL('../../../engine/fixtures/qwen2vl-tiny/lora/', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-foreign-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const check = (report: VerifyReport, name: string): CheckResult | undefined =>
  report.checks.find((entry) => entry.check === name);

async function signedBy(signature: string, change: (text: string) => string = (text) => text): Promise<void> {
  await cp(join(SIGNED, 'model'), folder, { recursive: true });
  await writeFile(join(folder, 'model.sig'), change(await readFile(join(SIGNED, signature), 'utf8')));
}

const ownKey = (): Promise<string> => readFile(join(SIGNED, 'key.pub.pem'), 'utf8');

describe('signed with a key by OpenSSF model signing', () => {
  const VERSIONS = ['1.0.0', '1.0.1', '1.1.0', '1.1.1'];

  it.each(VERSIONS)('%s: it verifies with that key', async (version) => {
    await signedBy(`key-${version}.sig`);
    const report = await verifyBundle(folder, { publicKey: await ownKey() });
    expect(report.checks.map(({ check: name, outcome }) => [name, outcome])).toEqual([
      ['signature', 'pass'],
      ['signer', 'pass'],
      ['files', 'pass'],
      ['programs', 'cannot-tell'],
      ['documents', 'cannot-tell'],
      ['weights', 'cannot-tell'],
    ]);
  });

  it.each(VERSIONS)('%s: it fails with another key, after a change, and with a file more or less', async (version) => {
    await signedBy(`key-${version}.sig`);
    const publicKey = await ownKey();
    const other = signerFromPem(generateSigningKeyPem()).publicKeyPem;
    expect(check(await verifyBundle(folder, { publicKey: other }), 'signature')?.outcome).toBe('fail');
    await writeFile(join(folder, 'weights.bin'), 'other');
    expect(check(await verifyBundle(folder, { publicKey }), 'files')?.detail).toContain(
      'changed since signing: "weights.bin"',
    );
    await writeFile(join(folder, 'more'), '');
    await rm(join(folder, 'weights.bin'));
    const { detail } = check(await verifyBundle(folder, { publicKey }), 'files') ?? {};
    expect(detail).toContain('missing: "weights.bin"; added since signing: "more"');
  });

  it('names its key in the old way, and another name there is a fault', async () => {
    const publicKey = await ownKey();
    await signedBy('key-1.0.1.sig', (text) => text.replace('P256_SHA_256', 'P384_SHA_384'));
    expect(check(await verifyBundle(folder, { publicKey }), 'signature')?.detail).toContain('names a different key');
    const other = Buffer.from(signerFromPem(generateSigningKeyPem()).publicKeyPem).toString('base64');
    await signedBy('key-1.0.1.sig', (text) => text.replace(/"rawBytes": ?"[^"]*"/, `"rawBytes":"${other}"`));
    expect(check(await verifyBundle(folder, { publicKey }), 'signature')?.detail).toContain('names a different key');
    await signedBy('key-1.0.1.sig', (text) => text.replace('PKIX_ECDSA_P256_SHA_256', 'PKIX_RSA_2048'));
    expect(check(await verifyBundle(folder, { publicKey }), 'signature')?.detail).toContain('PKIX_RSA_2048');
  });

  it('cannot be judged without the key, nor where the key is of another kind', async () => {
    await signedBy('key-1.1.1.sig');
    expect(check(await verifyBundle(folder), 'signature')).toMatchObject({
      outcome: 'cannot-tell',
      detail: expect.stringContaining("Provide the maker's public key"),
    });
    await signedBy('key-1.1.1.sig', (text) => text.replace(/"hint": ?"/, '"hint":"ML_DSA_65:'));
    expect(check(await verifyBundle(folder, { publicKey: await ownKey() }), 'signature')).toMatchObject({
      outcome: 'cannot-tell',
      detail: expect.stringContaining('a key of the kind ML_DSA_65'),
    });
  });
});

describe('signed with a certificate', () => {
  it.each(['1.0.0', '1.0.1', '1.1.0', '1.1.1'])('by %s: it cannot be told, and why is said', async (version) => {
    await signedBy(`certificate-${version}.sig`);
    const report = await verifyBundle(folder);
    expect(report.outcome).toBe('cannot-tell');
    const { outcome, detail } = check(report, 'signature') ?? {};
    expect(outcome).toBe('cannot-tell');
    expect(detail).toContain('made with a certificate ("CN=Test signer", issued by "CN=Test issuer")');
    expect(detail).toContain("knows no issuer's roots");
    // The list of files needs no trust to be contradicted.
    expect(check(report, 'files')?.outcome).toBe('pass');
    await writeFile(join(folder, 'weights.bin'), 'other');
    expect((await verifyBundle(folder)).outcome).toBe('fail');
  });

  it('verifies with the public key in it, if that is given', async () => {
    await signedBy('certificate-1.1.1.sig');
    const report = await verifyBundle(folder, { publicKey: await ownKey() });
    expect(check(report, 'signature')?.outcome).toBe('pass');
    expect(check(report, 'signer')?.outcome).toBe('pass');
  });

  it('of Sigstore, it cannot be told for another reason', async () => {
    // Signing with Sigstore needs the network: this is the form of its bundles around a certificate of ours.
    await signedBy('certificate-1.1.1.sig', (text) => {
      const bundle = JSON.parse(text) as { verificationMaterial: Record<string, unknown> };
      const chain = bundle.verificationMaterial['x509CertificateChain'] as { certificates: unknown[] };
      bundle.verificationMaterial = {
        certificate: chain.certificates[0],
        tlogEntries: [{ logIndex: '1', integratedTime: '1760062340' }],
        timestampVerificationData: { rfc3161Timestamps: [] },
      };
      return JSON.stringify(bundle);
    });
    const { outcome, detail } = check(await verifyBundle(folder), 'signature') ?? {};
    expect(outcome).toBe('cannot-tell');
    expect(detail).toContain("needs Sigstore's roots and log, and Atelier is offline");
  });
});

describe('an adapter of another tool', () => {
  it('without a signature is a folder in which nothing is signed, not an old bundle', async () => {
    await cp(ADAPTER, folder, { recursive: true });
    const report = await verifyBundle(folder);
    expect(report.outcome).toBe('cannot-tell');
    expect(report.checks.map(({ check: name, outcome }) => [name, outcome])).toEqual([
      ['signature', 'cannot-tell'],
      ['weights', 'pass'],
    ]);
    expect(check(report, 'signature')?.detail).toContain('Nothing is signed here');
    expect(JSON.stringify(report)).not.toContain('older version');
  });
});
