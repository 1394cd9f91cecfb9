/**
 * @file provenance.intoto.jsonl: the run statement in a signed envelope of its own (DSSE, one line), as verifiers of SLSA
 * provenance expect it. The payload is the bytes of provenance.slsa.json.
 */
import { DsseEnvelope, keyHint, openEnvelope, signEnvelope } from './dsse.ts';
import type { Signer } from './dsse.ts';
import { PAYLOAD_TYPE } from './model-signing.ts';

/** The file's text for a statement. */
export function signStatement(statement: string, signer: Signer): string {
  const envelope = signEnvelope(Buffer.from(statement, 'utf8'), PAYLOAD_TYPE, signer, keyHint(signer.publicKeyPem));
  return `${JSON.stringify(envelope)}\n`;
}

/** What is wrong with the envelope of a statement, for the key that signed the bundle; null if nothing is. */
export function faultOfStatementEnvelope(text: string, statement: string, publicKeyPem: string): string | null {
  const [line = '', ...more] = text.trimEnd().split('\n');
  const envelope = more.length > 0 ? undefined : DsseEnvelope.safeParse(parseJson(line)).data;
  if (envelope?.payloadType !== PAYLOAD_TYPE) return 'is not one envelope around an in-toto statement';
  const payload = openEnvelope(envelope, publicKeyPem);
  if (payload === null) return "is not signed with the bundle's key";
  return Buffer.from(payload).toString('utf8') === statement ? null : 'holds another statement';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
