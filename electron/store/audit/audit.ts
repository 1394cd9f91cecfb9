/**
 * @file The audit log: a hash chain of recorded actions. The chain itself reveals a row that was altered, removed or
 * swapped. A log truncated at its end can only be detected by comparing it with a head kept elsewhere (each export
 * carries one, signed). Bodies never contain people's names.
 */
import type { AuditEntry } from '../../contract/model/system.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';

export const AUDIT_GENESIS = '0'.repeat(64);
const DOMAIN = 'atelier-audit-v1\n';
const VERIFY_PAGE = 1000;

export type AuditHead = { seq: number; hash: string };
export type AuditVerdict = { intact: boolean; count: number; brokenAt: number | null; reason: string | null };

type AuditRow = { seq: number; at: string; action: string; body_json: string; prev: string; hash: string };

/** Hash of one entry: SHA-256 over the domain line and the RFC 8785 form of every field except the hash. */
export function auditHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, prev, at, action, body } = entry;
  return sha256Hex(DOMAIN + canonicalJson({ seq, prev, at, action, body }));
}

export type AuditStore = ReturnType<typeof createAuditStore>;

export function createAuditStore(database: Database) {
  /** Adds an entry. Call it inside the transaction that makes the recorded change. */
  async function append(action: string, body: Record<string, unknown>): Promise<AuditEntry> {
    if (!database.inTransaction()) throw new Error('An audit entry belongs into the transaction of what it records.');
    const head = await database.get<AuditHead>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
    const bodyJson = canonicalJson(body);
    const entry = {
      seq: (head?.seq ?? 0) + 1,
      prev: head?.hash ?? AUDIT_GENESIS,
      at: new Date().toISOString(),
      action,
      body: JSON.parse(bodyJson) as Record<string, unknown>,
    };
    const hash = auditHash(entry);
    await database.run('INSERT INTO audit (seq, at, action, body_json, prev, hash) VALUES (?, ?, ?, ?, ?, ?)', [
      entry.seq,
      entry.at,
      action,
      bodyJson,
      entry.prev,
      hash,
    ]);
    return { ...entry, hash };
  }

  /** The newest entry's number and hash, which an export signs. Null if the log is empty. */
  async function head(): Promise<AuditHead | null> {
    return (await database.get<AuditHead>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')) ?? null;
  }

  async function count(): Promise<number> {
    return (await database.get<{ n: number }>('SELECT count(*) AS n FROM audit'))?.n ?? 0;
  }

  /** Entries, newest first, for display. */
  async function page(range: { offset: number; limit: number }): Promise<{ total: number; entries: AuditEntry[] }> {
    const rows = await database.all<AuditRow>('SELECT * FROM audit ORDER BY seq DESC LIMIT ? OFFSET ?', [
      range.limit,
      range.offset,
    ]);
    return { total: await count(), entries: rows.map(toEntry) };
  }

  /** Every entry, oldest first, for an export. */
  async function all(): Promise<AuditEntry[]> {
    return (await database.all<AuditRow>('SELECT * FROM audit ORDER BY seq')).map(toEntry);
  }

  /** Walks the chain and locates the first entry that is altered, missing or out of place. */
  async function verify(expectedHead?: AuditHead): Promise<AuditVerdict> {
    let prev = AUDIT_GENESIS;
    let seq = 0;
    let headSeen = expectedHead === undefined;
    for (;;) {
      const rows = await database.all<AuditRow>('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', [
        seq,
        VERIFY_PAGE,
      ]);
      for (const row of rows) {
        const reason = faultOf(row, seq, prev);
        if (reason !== null) return { intact: false, count: await count(), brokenAt: seq + 1, reason };
        seq = row.seq;
        prev = row.hash;
        if (expectedHead?.seq === seq) {
          headSeen = expectedHead.hash === prev;
          if (!headSeen) break;
        }
      }
      if (rows.length < VERIFY_PAGE || !headSeen) break;
    }
    if (!headSeen && expectedHead !== undefined) {
      const reason =
        seq < expectedHead.seq
          ? `The log ends at entry ${seq}, but entry ${expectedHead.seq} was signed: it was cut off.`
          : `Entry ${expectedHead.seq} is not the one that was signed: the log was rewritten.`;
      return { intact: false, count: await count(), brokenAt: Math.min(seq + 1, expectedHead.seq), reason };
    }
    return { intact: true, count: seq, brokenAt: null, reason: null };
  }

  return { append, head, count, page, all, verify };
}

function faultOf(row: AuditRow, lastSeq: number, prev: string): string | null {
  const expected = lastSeq + 1;
  if (row.seq !== expected) return `Entry ${expected} of the audit log is missing (the next one is ${row.seq}).`;
  if (row.prev !== prev) return `Entry ${row.seq} of the audit log does not follow the entry before it.`;
  return auditHash(toEntry(row)) === row.hash ? null : `Entry ${row.seq} of the audit log was altered.`;
}

/** If a body is no longer valid JSON, returns it as plain text; its hash cannot match anyway. */
function toEntry(row: AuditRow): AuditEntry {
  const { seq, at, action, prev, hash } = row;
  return { seq, at, action, body: readBody(row.body_json), prev, hash };
}

function readBody(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Handled below.
  }
  return { unreadable: text };
}
