/**
 * @file The external check of job folders: `npm run validate:handoff`. A job on the starter model is trained by TRL. One of
 * its steps is computed again by Atelier's engine and compared; the KL weight of every step is compared with the plan;
 * the job is stopped, resumed and compared with the one that was not; and it is taken back, evaluated, exported and
 * verified. Then a longer job must learn, and one runs on a Ray cluster of this machine. ATELIER_VENV=DIR uses an
 * environment that has the packages; else one is made under .cache/. Where neither can be had, the check is skipped by name.
 * `--short` leaves out learning and Ray, and installs nothing.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { preparePython, root, run, skip } from './packages/python-environment.mjs';
import { checkLearning } from './validate-handoff-learning.mjs';
import { checkRay } from './validate-handoff-ray.mjs';

const WHAT = 'no job folder was trained by TRL.';
const STEPS = 4;
const GOLDEN_STEP = 3;
const TOLERANCE = 1e-4;

const isShort = process.argv.includes('--short');
const named = process.env['ATELIER_VENV'];
if (isShort && named === undefined && !existsSync(join(root, '.cache/handoff-venv')))
  skip(WHAT, 'The short form installs nothing: name an environment with ATELIER_VENV=DIR, or run the long form once.');
const python =
  named === undefined
    ? preparePython('handoff-venv', join(root, 'resources/handoff/requirements-ray.in'), WHAT)
    : // Jobs are started in other folders.
      join(resolve(named), 'bin/python');
const scratch = mkdtempSync(join(tmpdir(), 'atelier-handoff-'));
let failed = false;

function check(what, holds) {
  console.log(`${holds ? '✓' : '✗'} ${what}`);
  failed ||= !holds;
}

function mustRun(program, args) {
  const done = run(program, args, { cwd: root, env: { ...process.env, ATELIER_NODE: process.execPath } });
  if (!done.ok) throw new Error(done.text);
  return done.text;
}

function atelier(...args) {
  return mustRun(process.execPath, [join(root, 'out/main/cli.js'), ...args]);
}

function valuesOf(steps) {
  return JSON.stringify(steps.map((step) => MEASURED.map((name) => step[name])));
}

/** The last line of each step counts. */
function metricsOf(results) {
  const lines = readFileSync(join(results, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const steps = new Map(lines.map((line) => JSON.parse(line)).map((line) => [line.step, line]));
  return [...steps.values()].sort((a, b) => a.step - b.step);
}

/** What the model answered in the first step. */
function textsOf(results) {
  const [first] = readFileSync(join(results, 'completions.jsonl'), 'utf8').split('\n');
  return JSON.stringify(JSON.parse(first).completions.map(({ text }) => text));
}

/** Trains a job to its end, and computes one of its steps again. */
function compareStep(job, out, method) {
  mustRun(python, [join(root, 'electron/engine/validate/golden_step.py'), job, out, String(GOLDEN_STEP)]);
  const compared = run(
    process.execPath,
    ['--import', 'tsx', join(root, 'electron/engine/validate/compare-step.ts'), job, out],
    { cwd: root },
  );
  console.log(compared.text.trimEnd());
  check(`step ${GOLDEN_STEP} of ${method} is the same in Atelier's engine`, compared.ok);
}

/** The same recipe with each update computed in two parts, and with a setting of TRL's own. */
function inParts({ whole, options, home }) {
  const job = join(scratch, 'parts');
  atelier('handoff', ...options, '--out', job);
  const own = ['--accumulate', '2', '--trl', 'gradient_checkpointing=true'];
  mustRun(python, [join(job, 'train.py'), '--cpu', ...own]);
  const results = join(job, 'results');
  const [first] = metricsOf(results);
  const [expected] = whole;
  // The adapter is still 0 in the first step, and so are loss and KL, up to rounding.
  const farthest = Math.max(
    ...['gradNorm', 'reward', 'tokensGenerated'].map((name) => Math.abs(first[name] / expected[name] - 1)),
  );
  check(
    `a step in two parts has the same answers, and its gradient differs by ${farthest.toExponential(1)}`,
    farthest <= TOLERANCE && textsOf(results) === textsOf(join(scratch, 'golden/results')),
  );
  const taken = JSON.parse(atelier('handback', job, '--without-evaluation', ...home));
  const { device } = JSON.parse(atelier('runs', taken.runId, ...home));
  check(`the run says how: ${device}`, taken.isComplete && device.endsWith('with its own gradient_checkpointing'));
}

const MEASURED = ['loss', 'kl', 'beta', 'gradNorm', 'reward', 'learningRate', 'tokensGenerated'];

try {
  const job = join(scratch, 'job');
  const settings = [
    'checkpointEvery=1',
    'evalSamples=8',
    'optimiser.warmupSteps=0',
    'optimiser.maxGradNorm=1000',
    'grpo.promptsPerStep=3',
    'grpo.numGenerations=4',
    'grpo.maxCompletionLength=24',
  ].flatMap((setting) => ['--set', setting]);
  const own = join(scratch, 'brief.js');
  writeFileSync(
    own,
    'export function score(completion) {\n  return completion.length < 60 ? 1 : 60 / completion.length;\n}\n',
  );
  const rewards = ['accuracy', 'format', `${own}:0.3`].flatMap((reward) => ['--reward', reward]);
  const options = ['--dataset', 'counting', '--steps', String(STEPS), '--home', join(scratch, 'home')];
  atelier('handoff', ...options, ...settings, ...rewards, '--out', job);
  const out = join(scratch, 'golden');
  compareStep(job, out, 'GRPO-D');
  const judged = readFileSync(join(out, 'results/completions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ownScores = judged.flatMap(({ completions }) =>
    completions.map(({ text, rewards: scores }) => [text.length < 60 ? 1 : 60 / text.length, scores.at(-1).value]),
  );
  check(
    "a reward of one's own scored every answer",
    ownScores.length === STEPS * 12 && ownScores.every(([expected, value]) => value === expected),
  );

  // Both have the reward for accuracy, with other weights; the second has words of its own, and no reward for form.
  const mixed = join(scratch, 'mixed');
  const parts = [
    { dataset: 'counting', weight: 2 },
    {
      ...{ dataset: 'geometry', weight: 1, promptTemplate: 'Look at the figure. {question}' },
      rewards: [{ name: 'accuracy', weight: 2, params: { tolerance: 0.01 } }],
    },
  ];
  writeFileSync(join(scratch, 'mixed.json'), JSON.stringify({ mixture: parts }));
  const fromFile = ['--recipe', join(scratch, 'mixed.json'), ...options.slice(2)];
  atelier('handoff', ...fromFile, ...settings, '--out', mixed);
  compareStep(mixed, join(scratch, 'golden-mixed'), 'GRPO-D on two datasets');

  const imitating = join(scratch, 'sft');
  atelier('handoff', ...options, ...settings, '--method', 'sft', '--out', imitating);
  compareStep(imitating, join(scratch, 'golden-sft'), 'SFT');

  if (!isShort) {
    const seeing = join(scratch, 'seeing');
    atelier('handoff', ...options, ...settings, ...rewards, '--layers', 'language,merger,vision', '--out', seeing);
    compareStep(seeing, join(scratch, 'golden-seeing'), 'GRPO-D, also on merger and vision tower,');
  }

  const whole = metricsOf(join(out, 'results'));
  const { beta: planned } = JSON.parse(readFileSync(join(job, 'plan.json'), 'utf8'));
  check(
    `the KL weights of ${STEPS} steps are those of the plan`,
    JSON.stringify(whole.map(({ beta }) => beta)) === JSON.stringify(planned),
  );

  const again = join(scratch, 'again');
  const train = [join(job, 'train.py'), '--cpu', '--results', again];
  mustRun(python, [...train, '--stop-after', '2']);
  check('a stopped job has the steps before', metricsOf(again).length === 2);
  mustRun(python, train);
  const resumed = metricsOf(again);
  check('a resumed job repeats the one that was not stopped', valuesOf(resumed) === valuesOf(whole));
  const adapter = (results) =>
    join(results, `checkpoints/step-${String(STEPS).padStart(6, '0')}/adapter_model.safetensors`);
  check(
    'and ends with the same adapter',
    readFileSync(adapter(again)).equals(readFileSync(adapter(join(out, 'results')))),
  );
  const listed = mustRun('find', [job, again, '-type', 'f']).split('\n');
  const pickles = listed.filter((name) => /\.(bin|pt|pth|pkl|pickle|ckpt)$/.test(name));
  check(`no pickle is kept${pickles.length === 0 ? '' : `: ${pickles.join(', ')}`}`, pickles.length === 0);
  check(
    'the job ends as completed',
    JSON.parse(readFileSync(join(again, 'status.json'), 'utf8')).status === 'completed',
  );

  cpSync(again, join(job, 'results'), { recursive: true });
  const home = ['--home', join(scratch, 'home'), '--json'];
  const taken = JSON.parse(atelier('handback', job, ...home));
  check(`its ${STEPS} steps are taken back as a run`, taken.step === STEPS && taken.isComplete);
  const { summary } = JSON.parse(atelier('runs', taken.runId, ...home));
  check('the adapter was evaluated here', summary.tuned !== null && summary.base !== null);
  const bundle = join(scratch, 'bundle');
  atelier('export', taken.runId, bundle, ...home);
  check(
    'and exported, with who computed what',
    readFileSync(join(bundle, 'README.md'), 'utf8').includes('Trained elsewhere'),
  );
  const verified = JSON.parse(atelier('verify', bundle, ...home));
  check('the bundle is verified', verified.outcome === 'pass');

  inParts({ whole, options: [...options, ...settings, ...rewards], home });

  if (!isShort) await checkLearning({ python, scratch, check, atelier, metricsOf });
  if (!isShort) await checkRay({ python, scratch, check, mustRun, atelier, metricsOf, valuesOf, settings });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(
  failed ? 'FAILED: a job folder does not train as Atelier does.' : 'PASSED: a job folder trains as Atelier does.',
);
process.exitCode = failed ? 1 : 0;
