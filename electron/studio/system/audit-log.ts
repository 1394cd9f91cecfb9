/** @file The audit log for a screen: one page, and where the log is broken, also checked against exported heads. */
import type { AuditLog } from '../../contract/model/system.ts';
import { openAuditHead } from '../../provenance/signing/audit-chain.ts';
import { DsseEnvelope } from '../../provenance/signing/dsse.ts';
import type { Store } from '../../store/connection/open.ts';
import { FILE } from '../exports/build/documents.ts';
import { ownPublicKey, type KeyVault } from '../exports/build/signing-key.ts';
import { readDocument } from '../exports/verify/verify-checks.ts';

export async function auditLog(
  { store, keys }: { store: Pick<Store, 'audit' | 'exports'>; keys: KeyVault },
  range: { offset: number; limit: number },
): Promise<AuditLog> {
  const head = await newestSignedHead(store, keys);
  const { intact, brokenAt, reason } = await store.audit.verify(head ?? undefined);
  return {
    ...(await store.audit.page(range)),
    intact,
    fault: brokenAt === null || reason === null ? null : { seq: brokenAt, reason },
    signedHead: head === null ? null : { seq: head.seq, path: head.path },
  };
}

/** The newest head signed by this studio that is still where it was exported to. */
async function newestSignedHead(
  store: Pick<Store, 'exports'>,
  keys: KeyVault,
): Promise<{ seq: number; hash: string; path: string } | null> {
  const publicKey = await ownPublicKey(keys).catch(() => null);
  if (publicKey === null) return null;
  let newest: { seq: number; hash: string; path: string } | null = null;
  for (const { path } of await store.exports.list()) {
    const envelope = await readDocument(path, FILE.auditHead, DsseEnvelope);
    if (envelope.kind !== 'read') continue;
    const head = openAuditHead(envelope.value, publicKey);
    if (head !== null && head.seq > (newest?.seq ?? 0)) newest = { seq: head.seq, hash: head.hash, path };
  }
  return newest;
}
