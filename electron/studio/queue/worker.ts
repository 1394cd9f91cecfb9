/**
 * @file Works on the queue: one entry at a time, in order, even if another Atelier has the same data folder open. While
 * one works, the other waits; nothing is done twice.
 */
import type { Logger } from 'pino';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Progress, QueueEntryId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';
import { outlivesItsProcess, type StoredEntry, type Turn } from '../../store/queue/queue.ts';
import type { Bell } from './bell.ts';
import { isDiskFull, type LateWrites } from './late-writes.ts';
import { StopReason, stopReasonOf } from './stop-reason.ts';
import type { QueueWorker, WorkHandlers } from './work.ts';

const OTHER_PROCESS_POLL_MS = 1000;
/** How often a studio that works on the whole queue checks for entries whose process has ended. */
const IDLE_POLL_MS = 5000;

export interface WorkerParts {
  store: Pick<Store, 'queue' | 'recover'>;
  logger: Logger;
  bell: Bell<string>;
  lateWrites: LateWrites;
  handlers: WorkHandlers;
  /** Ends work that does not stop by itself when Atelier closes. */
  endEngine: () => Promise<void>;
}

interface EntryInWork {
  entry: StoredEntry;
  progress: Progress | null;
  controller: AbortController;
  done: Promise<void>;
}

export function createQueueWorker(parts: WorkerParts): QueueWorker {
  const { store, logger, bell, lateWrites, handlers } = parts;
  let inWork: EntryInWork | null = null;
  let all = false;
  let aside = false;
  let closing = false;
  let loop: Promise<void> | null = null;
  /** True if something has been added since the queue was last read. */
  let again = false;
  let fault: AtelierError | null = null;
  /** Entries that were cancelled after being taken but before work began. */
  const abandoned = new Set<QueueEntryId>();

  const ringQueue = (): void => bell.ring('queue');

  function wake(): void {
    again = true;
    ringQueue();
    if (closing || aside) return;
    loop ??= workOn().finally(() => {
      loop = null;
      if (again && !closing) wake();
    });
  }

  async function workOn(): Promise<void> {
    const ear = bell.listen('queue');
    try {
      while (!closing) {
        again = false;
        const turn = await nextTurn();
        if (turn.state === 'taken') await perform(turn.entry);
        else if (turn.state === 'nothing' && !all) {
          if (!again) return;
        } else {
          await store.recover().catch(() => undefined);
          await ear.wait(turn.state === 'busy' ? OTHER_PROCESS_POLL_MS : IDLE_POLL_MS);
        }
      }
    } finally {
      ear.close();
    }
  }

  async function nextTurn(): Promise<Turn> {
    try {
      await lateWrites.retry();
      const turn = await store.queue.take(all);
      fault = null;
      return turn;
    } catch (error) {
      // Logs a fault once, not at every attempt.
      if (!isDiskFull(error) || fault === null) logger.error({ err: error }, 'the queue could not be read');
      fault = isDiskFull(error) ? error : null;
      return { state: 'busy' };
    }
  }

  async function perform(entry: StoredEntry): Promise<void> {
    const now: EntryInWork = { entry, progress: null, controller: new AbortController(), done: Promise.resolve() };
    if (closing) now.controller.abort(new StopReason('closing'));
    else if (abandoned.delete(entry.id)) now.controller.abort(new StopReason('abandoned'));
    inWork = now;
    now.done = handle(now);
    await now.done;
    // An evaluation that was queued must not be lost because Atelier closes.
    const waitsAgain = stopReasonOf(now.controller.signal)?.kind === 'closing' && outlivesItsProcess(entry);
    await lateWrites
      .write(() => (waitsAgain ? store.queue.putBack(entry.id) : store.queue.remove(entry.id)))
      .catch((error: unknown) => {
        logger.error({ err: error, entry: entry.id }, 'an entry could not be taken out of the queue');
      });
    inWork = null;
    ringQueue();
    if (entry.runId !== null) bell.ring(entry.runId);
    if (entry.experimentId !== null) bell.ring(entry.experimentId);
  }

  async function handle(now: EntryInWork): Promise<void> {
    const { entry, controller } = now;
    ringQueue();
    if (controller.signal.aborted) return;
    try {
      await handlers[entry.kind]({
        entry,
        signal: controller.signal,
        report(progress) {
          now.progress = progress;
          ringQueue();
        },
      });
    } catch (error) {
      logger.error({ err: error, entry: entry.id }, 'an entry of the queue could not be worked on');
    }
  }

  return {
    wake,
    workOnAll() {
      all = true;
      wake();
    },
    standAside() {
      aside = true;
    },
    standsAside: () => aside,
    isWorking: () => inWork !== null,
    progressOf: (entryId) => (inWork?.entry.id === entryId ? inWork.progress : null),
    async stop(entryId, reason) {
      const now = inWork;
      if (now?.entry.id !== entryId) return false;
      now.controller.abort(reason);
      await now.done;
      return true;
    },
    async abandon(entryId) {
      if (inWork?.entry.id === entryId) inWork.controller.abort(new StopReason('abandoned'));
      else if (await store.queue.remove(entryId, true)) ringQueue();
      else abandoned.add(entryId);
    },
    fault: () => fault,
    async close(waitMs) {
      closing = true;
      ringQueue();
      const now = inWork;
      if (now !== null) {
        now.controller.abort(new StopReason('closing'));
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
        await Promise.race([now.done, tooLong]);
        clearTimeout(timer);
        await parts.endEngine();
      }
      await loop;
      // If the disk is full or can only be read, the next process will detect on its own that this one has ended.
      await store.queue.disown().catch((error: unknown) => {
        if (!(error instanceof AtelierError)) throw error;
      });
    },
  };
}
