/**
 * @file Fetches a model from the hub and adds it. The files arrive in a folder of their own and get their final place
 * with one rename, when all of them are whole; only then is the model registered. A stopped or killed download leaves a
 * folder that the next one continues.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { HubDownloadRequest, HubOrigin } from '../../../contract/model/hub.ts';
import type { ModelSummary } from '../../../contract/model/models.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import type { ResultEvent } from '../../../contract/model/result-events.ts';
import { hashFile } from '../../../formats/checkpoint.ts';
import { existsFile, syncFolder, writeError } from '../../../formats/files.ts';
import { bytes as bytesInWords } from '../../../reporting/figures.ts';
import { processExists } from '../../../store/connection/owner.ts';
import type { StudioCore } from '../../context.ts';
import { EventQueue } from '../../engine-client/event-queue.ts';
import { registerModel } from '../register.ts';
import { CARD_FILE } from './answers.ts';
import { fetchFile, WAITS_MS } from './fetch-file.ts';
import { bytesIn, freeBytesFor, placesOf, readHubModel, sizeOf, type HubModel } from './offer.ts';
import { openConfiguredDoor } from './settings.ts';

type Studio = Pick<StudioCore, 'home' | 'store' | 'hub'>;
type Places = ReturnType<typeof placesOf>;

/** Left free beside the model. */
const SPARE_BYTES = 64 * 1024 * 1024;
const TELL_EVERY_MS = 200;

export function streamDownload(
  studio: Studio,
  request: HubDownloadRequest,
  signal?: AbortSignal,
): AsyncIterableIterator<ResultEvent<ModelSummary>> {
  const cancel = new AbortController();
  const queue = new EventQueue<ResultEvent<ModelSummary>>(() => cancel.abort());
  signal?.addEventListener('abort', () => cancel.abort(), { once: true });
  if (signal?.aborted === true) cancel.abort();
  const onProgress = (progress: Progress): void => queue.push({ type: 'progress', progress });
  void downloadHubModel(studio, request, { signal: cancel.signal, onProgress }).then(
    (result) => {
      queue.push({ type: 'done', result });
      queue.end();
    },
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

/**
 * Fetches the named version of a model, checks every file against the hub's hashes, and registers it with where it came
 * from. The same version a second time fetches nothing.
 * @throws AtelierError CANCELLED, CONFLICT, DISK_FULL, NOT_FOUND, BAD_INPUT, HUB_UNAVAILABLE, VERIFICATION_FAILED
 */
export async function downloadHubModel(
  studio: Studio,
  request: HubDownloadRequest,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<ModelSummary> {
  const door = await openConfiguredDoor(studio, signal);
  const model = await readHubModel(door, request);
  if (model.commit !== request.revision) {
    throw new AtelierError(
      'HUB_UNAVAILABLE',
      `The hub ${door.endpoint} answers with another version than was asked for.`,
    );
  }
  const places = placesOf(studio.home, model);
  const unlock = await lock(places.lock);
  try {
    if (!(await existsFile(join(places.folder, 'config.json')))) {
      await makeRoom(studio.home, model, places);
      await fetchAll(
        { door, model, folder: places.partial, signal, waitsMs: studio.hub?.waitsMs ?? WAITS_MS },
        onProgress,
      );
      await place(places);
    }
    onProgress({ phase: 'Checking the model', done: 0 });
    return await add(studio, model, door.endpoint, places);
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new AtelierError('CANCELLED', `The download of ${model.name} was stopped.`, {
      remedy: `What has arrived is kept in ${places.partial}. Get the model again to continue, or delete that folder.`,
      cause,
    });
  } finally {
    await unlock();
  }
}

async function makeRoom(home: string, model: HubModel, { partial }: Places): Promise<void> {
  const missing = sizeOf(model.files) - (await bytesIn(partial, model.files));
  const free = await freeBytesFor(home);
  if (missing + SPARE_BYTES > free) {
    throw new AtelierError(
      'DISK_FULL',
      `${model.name} needs ${bytesInWords(missing)} more on this disk, and ${bytesInWords(free)} are free.`,
      { place: { file: home }, remedy: 'Free some space, or use a data folder on a larger disk (--home).' },
    );
  }
  await mkdir(partial, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw writeError(partial, cause);
  });
}

async function fetchAll(
  context: Omit<Parameters<typeof fetchFile>[0], 'onBytes'>,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { model, folder, signal } = context;
  const total = Math.max(1, sizeOf(model.files));
  let done = await bytesIn(folder, model.files);
  const begun = { at: performance.now(), done };
  let told = -Infinity;
  const tell = (name: string, now = performance.now()): void => {
    told = now;
    const rate = (done - begun.done) / Math.max(1, now - begun.at);
    const secondsLeft = rate > 0 ? { secondsLeft: (total - done) / rate / 1000 } : {};
    onProgress({
      phase: `Downloading ${name}`,
      done: Math.max(0, Math.min(done, total)),
      total,
      unit: 'bytes',
      ...secondsLeft,
    });
  };
  // Small files first: what is wrong with a model mostly shows in them.
  const ordered = [...model.files].sort((one, other) => one.sizeBytes - other.sizeBytes);
  for (const file of ordered) {
    signal.throwIfAborted();
    tell(file.name);
    const onBytes = (count: number): void => {
      done += count;
      const now = performance.now();
      if (now - told >= TELL_EVERY_MS) tell(file.name, now);
    };
    await fetchFile({ ...context, onBytes }, file);
  }
  onProgress({ phase: 'Downloading', done: total, total, unit: 'bytes' });
}

/** Gives the complete folder its final name. */
async function place({ partial, folder }: Places): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    // The names that its files have only now.
    await syncFolder(partial);
    // A folder there is not one of ours: it has no config.json.
    await rename(partial, folder);
    await syncFolder(dirname(folder));
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** Registers the model. One that is refused goes back to where downloads wait, so that nothing takes it for a model. */
async function add(studio: Studio, model: HubModel, endpoint: string, places: Places): Promise<ModelSummary> {
  const { folder, partial } = places;
  const card = join(folder, CARD_FILE);
  const origin: HubOrigin = {
    name: model.name,
    revision: model.commit,
    endpoint,
    downloadedAt: new Date().toISOString(),
    cardSha256: (await existsFile(card)) ? await hashFile(card) : null,
  };
  try {
    return await registerModel(studio, { path: folder, name: model.name, origin });
  } catch (cause) {
    if (cause instanceof AtelierError && (cause.code === 'BAD_INPUT' || cause.code === 'NOT_FOUND'))
      await rename(folder, partial).catch(() => undefined);
    throw cause;
  }
}

/** Downloads of this process, by their lock. */
const own = new Set<string>();

/** Keeps two downloads of one model apart, also in two processes. A lock of a process that is gone does not count. */
async function lock(path: string): Promise<() => Promise<void>> {
  const busy = (): AtelierError =>
    new AtelierError('CONFLICT', 'This model is being downloaded already.', {
      remedy: 'Wait for that download to end.',
    });
  if (own.has(path)) throw busy();
  own.add(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let attempt = 0; ; attempt++) {
      try {
        const handle = await open(path, 'wx');
        await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
        await handle.close();
        break;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1) throw writeError(path, cause);
        if (await isHeld(path)) throw busy();
        await rm(path, { force: true });
      }
    }
  } catch (cause) {
    own.delete(path);
    throw writeError(path, cause);
  }
  return async () => {
    await rm(path, { force: true });
    own.delete(path);
  };
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown; host?: unknown };
    // This process holds none that is not in `own`; another machine cannot be asked.
    return typeof pid === 'number' && pid !== process.pid && (host !== hostname() || processExists(pid));
  } catch {
    return false;
  }
}
