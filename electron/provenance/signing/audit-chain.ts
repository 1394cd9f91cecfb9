/**
 * @file The part of the audit log that ships with a bundle. It has every link up to the head, so that nothing can be
 * removed or inserted unnoticed; entries that concern other work contribute only their hash, not their content. The
 * head (last entry's number and hash) is signed: otherwise a truncated or entirely rewritten log would look intact.
 */
import { z } from 'zod';
import { AuditEntry } from '../../contract/api/index.ts';
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { openEnvelope, signEnvelope } from './dsse.ts';
import type { Signer, DsseEnvelope } from './dsse.ts';

const GENESIS = '0'.repeat(64);
const DOMAIN = 'atelier-audit-v1\n';
const HEAD_PAYLOAD_TYPE = 'application/vnd.atelier.audit-head+json';
const HEAD_TYPE = 'https://atelier.invalid/audit-head/v1';

/** An entry whose content is withheld: it keeps its place in the chain, but its hash cannot be recomputed. */
export const WithheldEntry = z.strictObject({
  seq: z.int().positive(),
  prev: z.string(),
  hash: z.string(),
  withheld: z.literal(true),
});
export const ChainEntry = z.union([WithheldEntry, AuditEntry.strict()]);
export type ChainEntry = z.infer<typeof ChainEntry>;

export const AuditHead = z.strictObject({
  _type: z.literal(HEAD_TYPE),
  seq: z.int().nonnegative(),
  hash: z.string(),
  runId: z.string(),
  /** When the bundle was signed: apart from ECDSA's randomness, the only difference between two exports of one run. */
  signedAt: z.iso.datetime(),
});
export type AuditHead = z.infer<typeof AuditHead>;

/** SHA-256 over the domain line and the RFC 8785 form of everything but the hash, as the store computes it. */
export function auditEntryHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, prev, at, action, body } = entry;
  return sha256Hex(DOMAIN + canonicalJson({ seq, prev, at, action, body }));
}

/**
 * The chain from its first entry to the last one that `concerns` accepts; other entries are withheld.
 * Later entries are left out so that a second export of the same run gives the same chain.
 */
export function relevantChain(entries: readonly AuditEntry[], concerns: (entry: AuditEntry) => boolean): ChainEntry[] {
  const last = entries.findLastIndex(concerns);
  return entries.slice(0, last + 1).map((entry) => {
    const { seq, prev, hash } = entry;
    return concerns(entry) ? entry : { seq, prev, hash, withheld: true };
  });
}

/** Signs the number and hash of the chain's last entry. */
export function signAuditHead(
  chain: readonly ChainEntry[],
  runId: string,
  signedAt: string,
  signer: Signer,
): DsseEnvelope {
  const last = chain.at(-1);
  const head: AuditHead = { _type: HEAD_TYPE, seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS, runId, signedAt };
  return signEnvelope(Buffer.from(canonicalJson(head), 'utf8'), HEAD_PAYLOAD_TYPE, signer);
}

/** The signed head, or null if the envelope is not a head signed by this key. */
export function openAuditHead(envelope: DsseEnvelope, publicKeyPem: string): AuditHead | null {
  if (envelope.payloadType !== HEAD_PAYLOAD_TYPE) return null;
  const payload = openEnvelope(envelope, publicKeyPem);
  if (payload === null) return null;
  const head = AuditHead.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
  return head.success ? head.data : null;
}

/** Where a log is broken: the first row that cannot be the signed one, and why. */
export interface ChainFault {
  /**
   * Row of the file, counted from 1; in an intact log, the number of its entry. If rows are missing at the end, one
   * past the last row.
   */
  row: number;
  reason: string;
}

export interface ChainVerdict {
  /** Null if the chain is intact. */
  fault: ChainFault | null;
  disclosed: number;
  withheld: number;
}

/** Walks the chain from entry 1 to the signed head. */
export function checkChain(chain: readonly ChainEntry[], head: AuditHead): ChainVerdict {
  const withheld = chain.filter((entry) => 'withheld' in entry).length;
  return { disclosed: chain.length - withheld, withheld, fault: findFault(chain, head) };
}

function findFault(chain: readonly ChainEntry[], head: AuditHead): ChainFault | null {
  let prev = GENESIS;
  for (const [index, entry] of chain.entries()) {
    const row = index + 1;
    if (entry.seq !== row) return { row, reason: misplaced(chain, row, entry.seq) };
    const sound = 'withheld' in entry ? null : auditEntryHash(entry) === entry.hash;
    if (sound === false && 'action' in entry) return { row, reason: `Entry ${row} (${entry.action}) was altered.` };
    if (entry.prev !== prev) return doesNotFollow(row, sound === true);
    prev = entry.hash;
  }
  const rows = chain.length;
  if (rows < head.seq) {
    const lost = head.seq === rows + 1 ? `entry ${head.seq} is` : `entries ${rows + 1} to ${head.seq} are`;
    return { row: rows + 1, reason: `The log was cut off: ${lost} missing; the signed head names entry ${head.seq}.` };
  }
  if (rows > head.seq)
    return {
      row: head.seq + 1,
      reason: `Entry ${head.seq + 1} comes after entry ${head.seq}, the last one that was signed.`,
    };
  if (head.hash !== prev) return { row: rows, reason: `Entry ${rows} is not the one that was signed.` };
  return null;
}

/** The row holds a different entry: the one that belongs there was moved or removed. */
function misplaced(chain: readonly ChainEntry[], row: number, found: number): string {
  const elsewhere = chain.findIndex((entry) => entry.seq === row);
  return elsewhere === -1
    ? `Entry ${row} is missing: entry ${found} is in its place.`
    : `Entry ${row} is out of place: it is in row ${elsewhere + 1}, and entry ${found} is in row ${row}.`;
}

/** An entry whose own hash is correct also names its predecessor's hash correctly, so the predecessor was altered. */
function doesNotFollow(row: number, sound: boolean): ChainFault {
  if (sound && row > 1)
    return {
      row: row - 1,
      reason: `Entry ${row - 1} was altered: its hash is not the one that entry ${row} follows.`,
    };
  return row === 1
    ? { row, reason: 'Entry 1 is not the start of a log.' }
    : { row, reason: `Entry ${row} does not follow entry ${row - 1}: one of the two was altered.` };
}
