/** @file The signature format: order, root, and refused inputs. */
import { describe, expect, it } from 'vitest';
import {
  generateSigningKeyPem,
  keyHint,
  openEnvelope,
  preAuthenticationEncoding,
  signEnvelope,
  signerFromPem,
} from './dsse.ts';
import {
  compareModelPaths,
  faultOfName,
  isSignedBy,
  namesKey,
  readModelSignature,
  rootOf,
  signModel,
} from './model-signing.ts';

const signer = signerFromPem(generateSigningKeyPem());
const digest = (digit: string): string => digit.repeat(64);

/** Signs a statement that differs from an honest one, as an attacker with their own key could. */
function signChanged(change: (statement: Record<string, never>) => void): string {
  const { text } = signModel(
    'bundle',
    [
      { name: 'a', sha256: digest('a') },
      { name: 'b', sha256: digest('b') },
    ],
    signer,
  );
  const bundle = JSON.parse(text) as { dsseEnvelope: { payload: string; payloadType: string } };
  const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as Record<string, never>;
  change(statement);
  const envelope = signEnvelope(Buffer.from(JSON.stringify(statement)), bundle.dsseEnvelope.payloadType, signer);
  return JSON.stringify({ ...bundle, dsseEnvelope: envelope });
}

type Predicate = {
  serialization: { ignore_paths: string[]; allow_symlinks: boolean };
  resources: { name: string; algorithm: string; digest: string }[];
};
type Statement = {
  predicate: Predicate;
  predicateType: string;
  subject: { name: string; digest: { sha256: string } }[];
};
const refusal = (change: (statement: Statement) => void): string => {
  const read = readModelSignature(signChanged(change as never));
  return read.ok ? 'accepted' : read.reason;
};
/** Sets the root hash that belongs to the changed list, so that only the change itself can be at fault. */
const reroot = (statement: Statement): void => {
  const files = statement.predicate.resources.map((r) => ({ name: r.name, sha256: r.digest }));
  statement.subject[0]!.digest.sha256 = rootOf(files);
};

describe('DSSE', () => {
  it('encodes lengths in bytes, as the specification’s example does', () => {
    const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    expect(Buffer.from(preAuthenticationEncoding('t', Buffer.from('ü'))).toString()).toBe('DSSEv1 1 t 2 ü');
  });

  it('opens only for the key that signed, and only the exact payload', () => {
    const envelope = signEnvelope(Buffer.from('payload'), 'type', signer);
    expect(Buffer.from(openEnvelope(envelope, signer.publicKeyPem) ?? []).toString()).toBe('payload');
    expect(openEnvelope(envelope, signerFromPem(generateSigningKeyPem()).publicKeyPem)).toBeNull();
    expect(
      openEnvelope({ ...envelope, payload: Buffer.from('Payload').toString('base64') }, signer.publicKeyPem),
    ).toBeNull();
    expect(openEnvelope({ ...envelope, payloadType: 'other' }, signer.publicKeyPem)).toBeNull();
    const twice = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
    expect(openEnvelope(twice, signer.publicKeyPem)).toBeNull();
  });
});

describe('model signing', () => {
  it('orders by path parts and code points', () => {
    const names = ['sub.txt', 'sub-a/a.txt', 'sub/z.txt', '\u{1F600}', '\uFB01', 'B', 'a'];
    expect([...names].sort(compareModelPaths)).toEqual([
      'B',
      'a',
      'sub/z.txt',
      'sub-a/a.txt',
      'sub.txt',
      '\uFB01',
      '\u{1F600}',
    ]);
  });

  it('signs and reads back files with any name that a file can have', () => {
    const names = [
      'new\nline',
      'e\u0301',
      '\u00e9',
      '\u{1F600}.png',
      '.hidden',
      'with space',
      '__proto__',
      'sub/deep/er',
    ];
    const files = names.map((name, i) => ({ name, sha256: digest(String(i)) }));
    const { text, rootSha256 } = signModel('bundle', files, signer);
    const read = readModelSignature(text);
    if (!read.ok) throw new Error(read.reason);
    expect(read.signature.rootSha256).toBe(rootSha256);
    expect(read.signature.signer).toMatchObject({ kind: 'key', hint: keyHint(signer.publicKeyPem) });
    expect(new Set(read.signature.resources.map((file) => file.name))).toEqual(new Set(names));
    expect(isSignedBy(read.signature, signer.publicKeyPem)).toBe(true);
  });

  it('refuses what the official verifier lets through when it is signed again', () => {
    expect(refusal((s) => s.predicate.serialization.ignore_paths.push('payload.bin'))).toContain('payload.bin');
    expect(
      refusal((s) => {
        s.predicate.resources.push(s.predicate.resources[1]!);
        reroot(s);
      }),
    ).toContain('twice');
    expect(
      refusal((s) => {
        s.predicate.resources.reverse();
        reroot(s);
      }),
    ).toContain('order');
    expect(
      refusal((s) => {
        s.predicate.serialization.allow_symlinks = true;
      }),
    ).toContain('symbolic links');
    expect(
      refusal((s) => {
        s.predicate.resources[0]!.name = '../a';
        reroot(s);
      }),
    ).toContain('..');
    expect(
      refusal((s) => {
        s.subject.push(s.subject[0]!);
      }),
    ).toContain('subject');
    expect(
      refusal((s) => {
        s.predicate.resources[0]!.digest = digest('c');
      }),
    ).toContain('root hash');
    expect(
      refusal((s) => {
        s.predicateType = 'https://model_signing/Digests/v0.1';
      }),
    ).toContain('0.2');
    expect(refusal(() => undefined)).toBe('accepted');
  });

  it('notices every flipped bit of the signature file itself', () => {
    const { text } = signModel('bundle', [{ name: 'a', sha256: digest('a') }], signer);
    const unnoticed: string[] = [];
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const read = readModelSignature(changed.toString('utf8'));
        if (!read.ok || !isSignedBy(read.signature, signer.publicKeyPem)) continue;
        if (namesKey(read.signature, signer.publicKeyPem))
          unnoticed.push(`byte ${at} bit ${bit}: ${changed.toString('latin1').slice(at - 10, at + 10)}`);
      }
    }
    expect(unnoticed).toEqual([]);
  });

  it('refuses bundles of another kind', () => {
    const { text } = signModel('bundle', [], signer);
    const refused = (changed: string): boolean => !readModelSignature(changed).ok;
    expect(refused(text.replace('v0.3', 'v0.4'))).toBe(true);
    expect(refused(text.replace('application/vnd.in-toto+json', 'text/plain'))).toBe(true);
    expect(refused('{')).toBe(true);
    expect(refused('null')).toBe(true);
    expect(refused(text)).toBe(false);
  });

  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['C:/x', 'absolute'],
    ['a/../b', 'leads out'],
    ['a//b', 'not normalised'],
    ['./a', 'not normalised'],
    ['a\\b', 'backslash'],
    ['a\0', 'null'],
  ])('refuses the name %j', (name, why) => {
    expect(faultOfName(name)).toContain(why);
  });
});
