/**
 * @file The queue of waiting and active entries, shared by all processes that have the data folder open. Only one entry
 * is active at a time. An entry outlives the process that queued it.
 */
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import { ExperimentId, QueueEntryId, RunId } from '../../contract/model/primitives.ts';
import type { QueueEntry, QueueKind } from '../../contract/model/queue.ts';
import type { Database } from '../connection/connection.ts';
import { randomStem } from '../connection/ids.ts';
import { mayBeAlive, type Owner, type OwnerRecord } from '../connection/owner.ts';

/** An entry as stored; its position and progress are added for display. */
export type StoredEntry = Omit<QueueEntry, 'position' | 'progress' | 'evaluation'> & {
  evaluation: z.output<typeof EvaluationRequest> | null;
  /** Queued or taken by this process. */
  isOwn: boolean;
  /** The process that added it waits for the result, so without that process it has no purpose. Evaluations only. */
  awaited: boolean;
};

export type NewEntry =
  | { kind: 'run'; runId: RunId; title: string }
  | { kind: 'experiment'; experimentId: ExperimentId; title: string }
  | { kind: 'evaluation'; evaluation: z.output<typeof EvaluationRequest>; title: string; awaited: boolean };

/** `busy`: an entry is being worked on, or it is another process's turn. `nothing`: this process has nothing to do. */
export type Turn = { state: 'taken'; entry: StoredEntry } | { state: 'busy' } | { state: 'nothing' };

type EntryRow = OwnerRecord & {
  id: string;
  kind: QueueKind;
  run_id: string | null;
  experiment_id: string | null;
  request_json: string | null;
  title: string;
  rank: number;
  status: QueueEntry['status'];
  created_at: string;
  started_at: string | null;
  awaited: number;
  losses: number;
};

/** How often Atelier may end unexpectedly while it works on an entry before the entry is held. */
const MOST_LOSSES = 2;

export type QueueStore = ReturnType<typeof createQueueStore>;

export function createQueueStore(database: Database, owner: Owner) {
  async function rows(): Promise<EntryRow[]> {
    return await database.all<EntryRow>(`SELECT * FROM queue_entry ORDER BY status = 'waiting', rank, id`);
  }

  function toEntry(row: EntryRow): StoredEntry {
    return {
      id: QueueEntryId.parse(row.id),
      kind: row.kind,
      status: row.status,
      title: row.title,
      runId: row.run_id === null ? null : RunId.parse(row.run_id),
      experimentId: row.experiment_id === null ? null : ExperimentId.parse(row.experiment_id),
      evaluation: row.request_json === null ? null : EvaluationRequest.parse(JSON.parse(row.request_json)),
      createdAt: row.created_at,
      startedAt: row.started_at,
      held: isHeld(row),
      isOwn: row.owner === owner.token,
      awaited: row.awaited === 1,
    };
  }

  async function list(): Promise<StoredEntry[]> {
    return (await rows()).map(toEntry);
  }

  async function find(where: Partial<Pick<StoredEntry, 'id' | 'runId' | 'experimentId'>>): Promise<StoredEntry | null> {
    const found = (await list()).find(
      (entry) =>
        (where.id === undefined || entry.id === where.id) &&
        (where.runId === undefined || (entry.kind === 'run' && entry.runId === where.runId)) &&
        (where.experimentId === undefined || entry.experimentId === where.experimentId),
    );
    return found ?? null;
  }

  /** Adds an entry at the end of the queue. */
  async function add(entry: NewEntry): Promise<StoredEntry> {
    return await database.transaction(async () => {
      const last = await database.get<{ rank: number | null }>('SELECT max(rank) AS rank FROM queue_entry');
      const id = randomStem('wait');
      const at = new Date().toISOString();
      const evaluation = entry.kind === 'evaluation' ? entry.evaluation : null;
      await database.run(
        `INSERT INTO queue_entry (id, kind, run_id, experiment_id, request_json, title, rank, status, created_at, owner, owner_host, owner_pid, heartbeat_at, awaited)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?)`,
        [
          id,
          entry.kind,
          entry.kind === 'run' ? entry.runId : (evaluation?.runId ?? null),
          entry.kind === 'experiment' ? entry.experimentId : null,
          evaluation === null ? null : JSON.stringify(evaluation),
          entry.title,
          (last?.rank ?? 0) + 1,
          at,
          owner.token,
          owner.host,
          owner.pid,
          at,
          entry.kind === 'evaluation' && entry.awaited ? 1 : 0,
        ],
      );
      const added = await find({ id: QueueEntryId.parse(id) });
      if (added === null) throw new Error('An entry of the queue was lost.');
      return added;
    });
  }

  /** Moves a waiting entry to the position `to` among the waiting entries (0 = next). */
  async function move(entryId: QueueEntryId, to: number): Promise<void> {
    await database.transaction(async () => {
      const all = await rows();
      const entry = all.find((row) => row.id === entryId);
      if (entry === undefined) throw gone(entryId);
      if (entry.status === 'working') {
        throw new AtelierError('CONFLICT', `"${entry.title}" is worked on, so it cannot be moved.`, {
          place: { field: 'entryId' },
          remedy: 'Only what waits can change its place. Stop it first to let others go before it.',
        });
      }
      const waiting = all.filter((row) => row.status === 'waiting' && row.id !== entryId);
      waiting.splice(Math.min(to, waiting.length), 0, entry);
      for (const [index, row] of waiting.entries()) {
        await database.run('UPDATE queue_entry SET rank = ? WHERE id = ?', [index + 1, row.id]);
      }
    });
  }

  /** Removes an entry from the queue. True if it was there (and, with `onlyWaiting`, was waiting). */
  async function remove(entryId: QueueEntryId, onlyWaiting = false): Promise<boolean> {
    const condition = onlyWaiting ? `AND status = 'waiting'` : '';
    return (await database.run(`DELETE FROM queue_entry WHERE id = ? ${condition}`, [entryId])).changes > 0;
  }

  /**
   * Takes the next entry if it is this process's turn. An entry whose process has ended is taken by a process that
   * works on the whole queue (`all`); other processes skip it.
   */
  async function take(all: boolean, nowMs = Date.now()): Promise<Turn> {
    return await database.transaction(async () => {
      const entries = await rows();
      if (entries.some((row) => row.status === 'working' && mayBeAlive(row, owner, nowMs))) return { state: 'busy' };
      for (const row of entries) {
        if (row.status !== 'waiting' || isHeld(row)) continue;
        const isOwn = row.owner === owner.token;
        if (!isOwn && mayBeAlive(row, owner, nowMs)) return { state: 'busy' };
        if (!isOwn && !all) continue;
        const at = new Date(nowMs).toISOString();
        await database.run(
          `UPDATE queue_entry SET status = 'working', started_at = ?, owner = ?, owner_host = ?, owner_pid = ?, heartbeat_at = ? WHERE id = ?`,
          [at, owner.token, owner.host, owner.pid, at, row.id],
        );
        return { state: 'taken', entry: { ...toEntry(row), status: 'working', startedAt: at, isOwn: true } };
      }
      return { state: 'nothing' };
    });
  }

  /** Makes this process the owner of a waiting entry if the process that queued it has ended. */
  async function adopt(entryId: QueueEntryId, nowMs = Date.now()): Promise<boolean> {
    return await database.transaction(async () => {
      const row = (await rows()).find((candidate) => candidate.id === entryId);
      if (row === undefined) throw gone(entryId);
      if (row.status === 'working' || mayBeAlive(row, owner, nowMs)) return false;
      await database.run(
        'UPDATE queue_entry SET owner = ?, owner_host = ?, owner_pid = ?, heartbeat_at = ? WHERE id = ?',
        [owner.token, owner.host, owner.pid, new Date(nowMs).toISOString(), entryId],
      );
      return true;
    });
  }

  /** Puts an entry that was being worked on back at the front of the queue, for whichever process comes next. */
  async function putBack(entryId: QueueEntryId): Promise<void> {
    await database.run(
      `UPDATE queue_entry SET status = 'waiting', started_at = NULL, owner = NULL, owner_host = NULL, owner_pid = NULL,
         rank = (SELECT min(rank) FROM queue_entry) - 1 WHERE id = ?`,
      [entryId],
    );
  }

  /** Lets an entry that was held be taken again. */
  async function release(entryId: QueueEntryId): Promise<void> {
    const { changes } = await database.run('UPDATE queue_entry SET losses = 0 WHERE id = ?', [entryId]);
    if (changes === 0) throw gone(entryId);
  }

  /**
   * Clears up after processes that ended while working on something. It leaves the queue and is returned, except for an
   * evaluation that was queued, which waits again; if that happens too often, it is held. Waiting entries stay.
   */
  async function releaseOrphans(nowMs = Date.now()): Promise<StoredEntry[]> {
    const isOrphan = (row: EntryRow): boolean => row.status === 'working' && !mayBeAlive(row, owner, nowMs);
    if (!(await rows()).some(isOrphan)) return [];
    return await database.transaction(async () => {
      const removed: StoredEntry[] = [];
      for (const entry of (await rows()).filter(isOrphan).map(toEntry)) {
        if (outlivesItsProcess(entry)) {
          await putBack(entry.id);
          await database.run('UPDATE queue_entry SET losses = losses + 1 WHERE id = ?', [entry.id]);
        } else if (await remove(entry.id)) removed.push(entry);
      }
      return removed;
    });
  }

  /** Leaves this process's waiting entries to whichever process comes next; those that it waits for itself go. */
  async function disown(): Promise<void> {
    await database.transaction(async () => {
      await database.run(`DELETE FROM queue_entry WHERE owner = ? AND status = 'waiting' AND awaited = 1`, [
        owner.token,
      ]);
      await database.run(
        `UPDATE queue_entry SET owner = NULL, owner_host = NULL, owner_pid = NULL WHERE owner = ? AND status = 'waiting'`,
        [owner.token],
      );
    });
  }

  /** Records that this process is still working on its entries. */
  async function heartbeat(): Promise<void> {
    await database.run('UPDATE queue_entry SET heartbeat_at = ? WHERE owner = ?', [
      new Date().toISOString(),
      owner.token,
    ]);
  }

  return { list, find, add, move, remove, take, adopt, putBack, release, releaseOrphans, disown, heartbeat };
}

/** An entry that would be the third to go down with Atelier waits until you ask for it. */
function isHeld({ status, losses }: Pick<EntryRow, 'status' | 'losses'>): boolean {
  return status === 'waiting' && losses >= MOST_LOSSES;
}

/**
 * True for work that waits again if its process ends while working on it. Runs and experiments do not: they are
 * interrupted, keep what they have, and can be resumed.
 */
export function outlivesItsProcess({ kind, awaited }: Pick<StoredEntry, 'kind' | 'awaited'>): boolean {
  return kind === 'evaluation' && !awaited;
}

function gone(entryId: string): AtelierError {
  return new AtelierError('NOT_FOUND', `The queue has no entry "${entryId}" (any more).`, {
    place: { field: 'entryId' },
    remedy: 'The queue shows what waits now.',
  });
}
