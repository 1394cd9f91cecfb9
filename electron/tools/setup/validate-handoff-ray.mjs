/**
 * @file The part of `npm run validate:handoff` that needs Ray: a job with two workers on a cluster of this machine. One of
 * its workers is killed. It must end as the same job does with torch's own launcher, and come back.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './packages/python-environment.mjs';
import { startCluster } from './ray-cluster.mjs';

const WORKERS = 2;
const STEPS = 6;
const POLL_MS = 100;

/** @param tools what validate-handoff.mjs has for its own checks */
export async function checkRay({ python, scratch, check, mustRun, atelier, metricsOf, valuesOf, settings }) {
  if (!run(python, ['-c', 'import ray, ray.train']).ok) {
    console.log('SKIPPED: no job was trained by Ray. ray[default] is not installed.');
    return;
  }
  const job = join(scratch, 'ray-job');
  const home = ['--home', join(scratch, 'home'), '--json'];
  const options = ['--dataset', 'counting', '--steps', String(STEPS), '--launcher', 'ray', '--out', job];
  const { id } = JSON.parse(atelier('handoff', ...options, ...settings, ...home));
  const alone = join(scratch, 'two-workers');
  mustRun(python, [join(job, 'train.py'), '--cpu', '--workers', String(WORKERS), '--results', alone]);

  const storage = join(scratch, 'storage');
  const results = join(storage, id, 'results');
  const cluster = startCluster(dirname(python), join(scratch, 'ray'));
  try {
    check('Ray listens on loopback only', cluster.outside().length === 0);
    const killed = await submit(job, storage, results, cluster, metricsOf);
    check(`a worker was killed after step ${killed} of ${STEPS}`, killed < STEPS);
    sweep(cluster, storage, { scratch, check, atelier, settings, home });
    sent(cluster, storage, { scratch, check, atelier, settings, home });
  } finally {
    cluster.stop();
  }
  const trained = metricsOf(results);
  check(
    `${WORKERS} workers of Ray train as ${WORKERS} of torch's launcher do`,
    valuesOf(trained) === valuesOf(metricsOf(alone)),
  );
  const adapter = `checkpoints/step-${String(STEPS).padStart(6, '0')}/adapter_model.safetensors`;
  check(
    'and end with the same adapter',
    readFileSync(join(results, adapter)).equals(readFileSync(join(alone, adapter))),
  );
  const taken = JSON.parse(atelier('handback', join(storage, id), '--without-evaluation', ...home));
  check(`its ${STEPS} steps are taken back from the storage`, taken.step === STEPS && taken.isComplete);
}

/** A sweep as one job: Ray Tune trains its two runs at the same time, and it comes back as one experiment. */
function sweep({ address, environment }, storage, { scratch, check, atelier, settings, home }) {
  const job = join(scratch, 'ray-sweep');
  const options = ['--dataset', 'counting', '--kl', '0,0.05', '--steps', '2', '--launcher', 'ray'];
  const { id } = JSON.parse(atelier('sweep', ...options, ...settings, '--handoff', job, ...home));
  const args = [address, '--storage', storage, '--at-once', '2', '--cpu'];
  const done = run(join(job, 'launch/submit.sh'), args, { env: environment });
  if (!done.ok) throw new Error(`The sweep on Ray failed.\n${done.text}`);
  const said = atelier('handback', join(storage, id), ...home);
  // Progress comes first, a line each; then the result over many lines.
  const { summary, cells } = JSON.parse(said.slice(said.lastIndexOf('\n{\n') + 1));
  check('a sweep of two runs comes back as one experiment', summary.status === 'completed' && summary.completed === 2);
  check('with a row for each KL weight', cells.map(({ klWeight }) => klWeight).join() === '0,0.05');
}

/** A job that Atelier itself sends to the cluster, follows, fetches and takes back. */
function sent({ address }, storage, { scratch, check, atelier, settings, home }) {
  atelier('settings', '--cluster-jobs', 'on', ...home);
  const options = ['--dataset', 'counting', '--steps', '2', '--out', join(scratch, 'ray-sent')];
  const cluster = ['--submit', address, '--storage', storage, '--workers', String(WORKERS)];
  const events = atelier('handoff', ...options, ...settings, ...cluster, ...home)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const done = events.find(({ type }) => type === 'done');
  check('a job is sent through the Jobs REST API and followed to its end', done?.status === 'succeeded');
  check(
    'its log is followed',
    events.some(({ type, text }) => type === 'log' && text.includes('Step 2 of 2')),
  );
  const { handback } = events.findLast(({ type }) => type === 'returned') ?? {};
  check('and its results are fetched and taken back', handback?.isComplete === true && handback.step === 2);
}

/** Submits the job and kills one of its workers after two steps. Gives the steps that it had then. */
async function submit(job, storage, results, { address, environment, workers }, metricsOf) {
  const args = [address, '--storage', storage, '--workers', String(WORKERS), '--cpu'];
  const child = spawn(join(job, 'launch/submit.sh'), args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
  const ended = new Promise((resolve) => child.on('close', resolve));
  let reached = 0;
  while (child.exitCode === null && reached < 2) {
    await sleep(POLL_MS);
    try {
      reached = metricsOf(results).length;
    } catch {
      // No step yet.
    }
  }
  const [first] = workers();
  if (first !== undefined) process.kill(first, 'SIGKILL');
  if ((await ended) !== 0) throw new Error(`The job on Ray failed.\n${said}`);
  return first === undefined ? STEPS : reached;
}
