/**
 * @file Sends a job folder to a Ray cluster, follows it, fetches its results and takes them back, again and again until it
 * has ended. If the job is at work already, it is followed; if it died, it is sent again and goes on where it was.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { ClusterEvent, ParsedClusterRequest } from '../../../contract/model/handoffs.ts';
import type { StudioContext } from '../../context.ts';
import { EventQueue } from '../../engine-client/event-queue.ts';
import { JOB_MANIFEST } from '../../exports/build/unfinished.ts';
import { typedPath } from '../../typed-path.ts';
import { manifestOf, refused } from '../returned-folder.ts';
import { takeBack } from '../take-back.ts';
import { presentResults, storeArrivals } from './arrivals.ts';
import { openRayDoor, type RayOptions } from './door.ts';
import { isOver, rayJobs, type Job, type RayJobs } from './jobs.ts';

export interface ClusterOptions extends RayOptions {
  /** Between two looks at a job. */
  pollMs?: number;
  /** Between two fetches of the results while it runs. */
  fetchEveryMs?: number;
}

/** Leaving the stream ends the following; the job goes on. */
export function streamToCluster(
  studio: StudioContext,
  request: ParsedClusterRequest,
  options: ClusterOptions,
  signal?: AbortSignal,
): AsyncIterableIterator<ClusterEvent> {
  const leave = new AbortController();
  const queue = new EventQueue<ClusterEvent>(() => leave.abort());
  signal?.addEventListener('abort', () => leave.abort(), { once: true });
  void follow(studio, request, options, leave.signal, (event) => queue.push(event)).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  return queue;
}

async function follow(
  studio: StudioContext,
  request: ParsedClusterRequest,
  { pollMs = 3000, fetchEveryMs = 120_000, ...rayOptions }: ClusterOptions,
  signal: AbortSignal,
  tell: (event: ClusterEvent) => void,
): Promise<void> {
  const { store } = studio;
  const folder = await typedPath(request.path);
  const { sha256, text } = await manifestOf(folder);
  const known = (await store.handoffs.byManifest(sha256)) ?? (await store.handoffs.experiment(sha256));
  if (known === null) throw refused(JOB_MANIFEST, 'is not one that this data folder handed off');
  const { id, launcher } = known.handoff;
  if (launcher !== 'ray')
    throw new AtelierError('BAD_INPUT', `The job ${id} was written for ${launcher}, not for Ray.`, {
      place: { field: 'path' },
      remedy: 'Hand it off with `--launcher ray`.',
    });
  refuseRelative(request.storage);
  const door = await openRayDoor(store.home, request.address, rayOptions, signal);
  const jobs = rayJobs(door);
  await jobs.version();
  if (door.isInClear)
    tell({
      type: 'warning',
      message: `The connection to ${new URL(door.address).host} is not encrypted: others on the way can read the images and the model. Use an address with https, or a tunnel (ssh -L 8265:localhost:8265 HEAD).`,
    });
  const workingDir = await jobs.upload(sha256.slice(0, 16), () => zipOf(folder, text));
  const earlier = (await jobs.list()).filter(({ submission_id: own }) => own === id || own?.startsWith(`${id}-again-`));
  let submission = earlier.find((job) => !isOver(job))?.submission_id ?? null;
  if (submission === null) {
    submission = earlier.length === 0 ? id : `${id}-again-${earlier.length}`;
    await jobs.submit({ id: submission, entrypoint: entrypointOf(request), workingDir });
    tell({ type: 'submitted', submissionId: submission });
  } else tell({ type: 'found', submissionId: submission });

  const fetchAll = async (): Promise<void> => {
    const before = JSON.stringify(await presentResults(folder));
    await fetchResults(jobs, { id, storage: request.storage, workingDir, folder, pollMs, signal });
    const present = await presentResults(folder);
    if (JSON.stringify(present) === before || !Object.keys(present).some((name) => name.endsWith('metrics.jsonl')))
      return;
    tell({ type: 'returned', handback: await takeBack(studio, { path: folder, evaluate: request.evaluate }) });
  };
  let [seen, fetchedAt] = [0, Date.now()];
  for (;;) {
    const job = await jobs.job(submission);
    const logs = await jobs.logs(submission);
    if (logs.length > seen) tell({ type: 'log', text: logs.slice(seen) });
    seen = logs.length;
    if (isOver(job)) {
      await fetchAll();
      tell({ type: 'done', status: outcomeOf(job), message: job.message ?? null });
      return;
    }
    if (Date.now() - fetchedAt >= fetchEveryMs && job.status === 'RUNNING') {
      await fetchAll();
      fetchedAt = Date.now();
    }
    await sleep(pollMs, undefined, { signal });
  }
}

function outcomeOf({ status }: Job): 'succeeded' | 'failed' | 'stopped' {
  return status === 'SUCCEEDED' ? 'succeeded' : status === 'STOPPED' ? 'stopped' : 'failed';
}

/** A relative folder would lie in the copy of the job folder that Ray deletes. */
function refuseRelative(storage: string): void {
  if (/^(?:[/~]|[A-Za-z]:[\\/])/.test(storage)) return;
  throw new AtelierError('BAD_INPUT', `The storage "${storage}" is not a whole path. Nothing was sent.`, {
    place: { field: 'storage' },
    remedy: 'Give a path from the root, such as /mnt/shared/jobs, that every node of the cluster can write.',
  });
}

function entrypointOf({ storage, workers, gpus, options }: ParsedClusterRequest): string {
  const own = ['--storage', storage, '--workers', String(workers), ...(gpus ? ['--gpus'] : ['--cpu']), ...options];
  return ['python', 'launch/ray_train.py', ...own.map(quoted)].join(' ');
}

/** One word of a shell line. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

interface Fetching {
  id: string;
  storage: string;
  workingDir: string;
  folder: string;
  pollMs: number;
  signal: AbortSignal;
}

/** Fetches what the folder lacks by jobs that print it: Ray has no other way back. */
async function fetchResults(
  jobs: RayJobs,
  { id, storage, workingDir, folder, pollMs, signal }: Fetching,
): Promise<void> {
  for (let more = true; more;) {
    const have = JSON.stringify(await presentResults(folder));
    const name = `${id}-fetch-${createHash('sha256').update(`${have}${Date.now()}`).digest('hex').slice(0, 8)}`;
    const entrypoint = `python launch/fetch.py --storage ${quoted(storage)} --have ${quoted(have)}`;
    await jobs.submit({ id: name, entrypoint, workingDir });
    let job = await jobs.job(name);
    while (!isOver(job)) {
      await sleep(pollMs, undefined, { signal });
      job = await jobs.job(name);
    }
    const logs = await jobs.logs(name);
    if (job.status !== 'SUCCEEDED')
      throw new AtelierError(
        'CLUSTER_UNAVAILABLE',
        `The results cannot be fetched: the job ${name} ${outcomeOf(job)}.`,
        {
          remedy: `Its last words: ${logs.trim().split('\n').at(-1)?.slice(0, 300) ?? ''}`,
        },
      );
    more = await storeArrivals(folder, logs);
  }
}

/** The files that were handed off; what the job wrote stays here. */
async function zipOf(folder: string, manifest: string): Promise<Buffer> {
  const zip = new ZipFile();
  const { files } = JSON.parse(manifest) as { files: { name: string }[] };
  for (const { name } of [...files, { name: JOB_MANIFEST }]) {
    const path = join(folder, ...name.split('/'));
    if ((await lstat(path).catch(() => null))?.isFile() !== true) throw refused(name, 'is missing');
    zip.addBuffer(await readFile(path), name);
  }
  zip.end();
  return await buffer(zip.outputStream);
}
