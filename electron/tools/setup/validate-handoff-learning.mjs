/**
 * @file The part of `npm run validate:handoff` in which a job learns: it is killed on the way and taken back as it is,
 * resumed and taken back again, evaluated on questions that it never saw, exported and verified.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = 60;
const CHECKPOINT_EVERY = 10;
/** The kill comes after this step: later than a checkpoint, so that steps are trained again. */
const KILL_AFTER = 12;
const POLL_MS = 200;

/** @param tools what validate-handoff.mjs has for its own checks */
export async function checkLearning({ python, scratch, check, atelier, metricsOf }) {
  const job = join(scratch, 'learning');
  // A data folder of its own: the other jobs evaluated the base model on a few questions only.
  const home = ['--home', join(scratch, 'learning-home'), '--json'];
  const settings = [`checkpointEvery=${CHECKPOINT_EVERY}`, 'evalSamples=200'];
  settings.push('grpo.promptsPerStep=6', 'grpo.numGenerations=4');
  const options = ['--dataset', 'counting', '--steps', String(STEPS), '--out', job];
  atelier('handoff', ...options, ...settings.flatMap((setting) => ['--set', setting]), ...home);

  const results = join(job, 'results');
  const killed = await train(python, job, () => reached(metricsOf, results) >= KILL_AFTER);
  check(`the job was killed after step ${reached(metricsOf, results)} of ${STEPS}`, killed.signal === 'SIGKILL');
  const half = JSON.parse(atelier('handback', job, '--without-evaluation', ...home));
  check('what it had done is taken back', !half.isComplete && half.step >= KILL_AFTER);
  const ended = await train(python, job, () => false);
  if (ended.code !== 0) throw new Error(`The job did not resume.\n${ended.said}`);
  check(`and it resumes from step ${CHECKPOINT_EVERY}`, ended.said.includes(`checkpoint of step ${CHECKPOINT_EVERY}.`));

  const { beta: planned } = JSON.parse(readFileSync(join(job, 'plan.json'), 'utf8'));
  const applied = metricsOf(results).map(({ beta }) => beta);
  check(
    `the KL weights of its ${STEPS} steps are those of the plan, from ${planned[0]} to ${planned.at(-1)}`,
    JSON.stringify(applied) === JSON.stringify(planned) && new Set(planned).size > 1,
  );
  const taken = JSON.parse(atelier('handback', job, ...home));
  check('it is taken back as the same run', taken.runId === half.runId && taken.isComplete);
  const { base, tuned } = JSON.parse(atelier('runs', taken.runId, ...home)).summary;
  check(
    `it learned: ${words(base)} before, ${words(tuned)} after`,
    base.n === 200 && tuned.n === 200 && tuned.low > base.high,
  );
  const bundle = join(scratch, 'learned');
  atelier('export', taken.runId, bundle, ...home);
  check(
    'it is exported and verified',
    JSON.parse(atelier('verify', bundle, ...home)).outcome === 'pass' &&
      readFileSync(join(bundle, 'README.md'), 'utf8').includes('Trained elsewhere'),
  );
}

/** Trains until the end, or kills the job as soon as `isEnough` says so. */
async function train(python, job, isEnough) {
  const child = spawn(python, [join(job, 'train.py'), '--cpu'], {
    env: { ...process.env, ATELIER_NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
  const closed = once(child, 'close');
  while (child.exitCode === null && child.signalCode === null) {
    await sleep(POLL_MS);
    if (isEnough()) child.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  return { code, signal, said };
}

function reached(metricsOf, results) {
  try {
    return metricsOf(results).length;
  } catch {
    // No step yet, or a line that is being written.
    return 0;
  }
}

function words({ value, low, high }) {
  const percent = (share) => `${(100 * share).toFixed(1)}%`;
  return `${percent(value)} (95% interval ${percent(low)} to ${percent(high)})`;
}
