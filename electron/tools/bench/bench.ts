/**
 * @file `npm run bench`: what the engine costs on this machine, by phase, compared with the machine's own
 * matrix-product peak and, with `--vs-python`, with the Python stack on the same work in turn. Results are JSON,
 * written after every part; they are not asserted. `npm run bench -- --help` lists the options.
 */
import { mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { countsTable, countStep } from './gpu-counts.ts';
import { timesTable, timeSteps } from './gpu-time.ts';
import { describeMachine, isRealtime } from './machine.ts';
import { filesOf, joinEngine } from './participants.ts';
import { planParts, type PartContext, type Wanted } from './parts.ts';
import { DEFAULT_RESULTS, MODELS, PUBLISHED_RESULTS, ROOT } from './places.ts';
import { preparePeers } from './python-peers.ts';
import { readResults, RESULTS_VERSION, writeResults, type Part, type Results } from './results.ts';
import { summarise } from './summary.ts';
import { writePage } from './report.ts';
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from './works.ts';

const HELP = `npm run bench -- [options]
  --work NAME     ${WORKLOAD_NAMES.join(', ')}; may be given again (default: nano)
  --work photos   photos of 2 to 12 megapixels beside transformers: time and peak memory of the first token;
                  one answer by itself (decode:one-row);
                  loading a model of two thousand million weights (loading:full2b) and merging an adapter into it
                  (merge:full2b)
  --device webgpu what a step of each work starts and moves on a GPU: counted, not measured
  --steps N       with --device webgpu: also N measured steps, compiled and op by op; with --vs-python, TRL's
                  on the same card too, if torch has one
  --vs-python     measure TRL, Hugging Face and plain torch in turn with our side
  --leak N        N steps of nano, and whether resident memory grows (default with --all: 1000)
  --growth        growth with group size, completion length, image size, layers and width; answers that end early
  --profile       time by op at nano
  --all           every work, growth, leak and profile
  --publish       --all --vs-python, into docs/performance.json and docs/performance.md
  --rounds N      turns of each side (default 5)
  --only PART     one part by its name, such as grpo:nano; may be given again
  --resume        keep what the results file already has
  --budget MIN    start nothing that does not fit into so many minutes (default: no limit)
  --out FILE      results (default: ${relative(ROOT, DEFAULT_RESULTS)})`;

const { values: options } = parseArgs({
  options: {
    work: { type: 'string', multiple: true },
    device: { type: 'string' },
    steps: { type: 'string' },
    'vs-python': { type: 'boolean', default: false },
    leak: { type: 'string' },
    growth: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    resume: { type: 'boolean', default: false },
    budget: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Not a workload like the others: it answers one question about one photo at a time. */
const PHOTOS = 'photos';

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function wantedParts(): Wanted {
  const all = options.all || options.publish;
  const named = (options.work ?? []).filter((name) => name !== PHOTOS);
  const photos = options.work?.includes(PHOTOS) === true;
  const unknown = named.find((name) => !WORKLOAD_NAMES.includes(name as WorkloadName));
  if (unknown !== undefined) {
    say(`There is no work named ${unknown}. Works: ${[...WORKLOAD_NAMES, PHOTOS].join(', ')}.`);
    process.exit(2);
  }
  return {
    works: named.length > 0 ? (named as WorkloadName[]) : all ? WORKLOAD_NAMES : photos ? [] : ['nano'],
    vsPython: options['vs-python'] || options.publish || photos,
    photos: photos || all,
    growth: options.growth || all,
    leak: options.leak !== undefined || all,
    profile: options.profile || all,
  };
}

async function countOnGpu(device: string, works: readonly WorkloadName[]): Promise<void> {
  if (device !== 'webgpu') {
    say(`There is no device named ${device}. Devices: webgpu.`);
    process.exit(2);
  }
  process.env['ATELIER_BACKEND'] = 'webgpu';
  for (const name of works)
    for (const counts of await countStep(WORKLOADS[name])) process.stdout.write(`${countsTable(counts)}\n`);
  const steps = Number(options.steps ?? 0);
  if (steps > 0) {
    await mkdir(MODELS, { recursive: true });
    const python = options['vs-python'] ? (preparePeers()?.python ?? null) : null;
    for (const name of works) process.stdout.write(`${timesTable(await timeSteps(WORKLOADS[name], steps, python))}\n`);
  }
  // Dawn keeps the process running.
  process.exit(0);
}

async function freshResults(): Promise<Results> {
  const files = await filesOf(WORKLOADS.nano, WORKLOADS.nano.prompts);
  const engine = await joinEngine({ kind: 'train', method: 'grpo', work: WORKLOADS.nano, files });
  await engine.end();
  return {
    version: RESULTS_VERSION,
    startedAt: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: describeMachine(),
    engine: engine.info,
    peers: null,
    parts: {},
  };
}

async function main(): Promise<void> {
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  const wanted = wantedParts();
  if (options.device !== undefined) {
    await countOnGpu(options.device, wanted.works);
    return;
  }
  const out =
    options.out === undefined ? (options.publish ? PUBLISHED_RESULTS : DEFAULT_RESULTS) : resolve(options.out);
  await mkdir(MODELS, { recursive: true });
  const known = options.resume ? await readResults(out) : null;
  const results = known ?? (await freshResults());
  const peers = wanted.vsPython ? preparePeers() : null;
  if (peers !== null) results.peers = peers.versions;
  // The clock starts once everything is installed and written, so that a first run's downloads are not measured.
  for (const name of wanted.works) await filesOf(WORKLOADS[name], 1);
  const started = performance.now();
  const budgetSeconds = options.budget === undefined ? Infinity : Number(options.budget) * 60;
  const left = (): number => budgetSeconds - (performance.now() - started) / 1000;
  const context: PartContext = {
    python: peers?.python ?? null,
    rounds: Number(options.rounds),
    leakSteps: Number(options.leak ?? 1000),
    outOfTime: () => left() < 0,
    say,
  };
  for (const plan of planParts(wanted)) {
    if (options.only !== undefined && !options.only.includes(plan.id)) continue;
    if (known?.parts[plan.id]?.result !== undefined) continue;
    const fits = plan.estimateSeconds <= left();
    say(
      `${plan.id}${fits ? ` (about ${String(plan.estimateSeconds)} s)` : ': does not fit into the budget, left out'}`,
    );
    if (!fits) continue;
    results.parts[plan.id] = await measured(() => plan.run(context));
    await writeResults(out, results);
  }
  await writeResults(out, results);
  process.stdout.write(`${summarise(results)}\nResults: ${relative(ROOT, out)}\n`);
  if (options.publish) say(`Page: ${relative(ROOT, await writePage(results))}`);
}

/** Reports a failing part as such; the others are still measured. */
async function measured(run: () => Promise<Part['result']>): Promise<Part> {
  const loadBefore = loadavg()[0] ?? NaN;
  const start = performance.now();
  const times = (): Pick<Part, 'finishedAt' | 'seconds' | 'loadBefore' | 'realtime'> => ({
    finishedAt: new Date().toISOString(),
    seconds: (performance.now() - start) / 1000,
    loadBefore,
    ...(isRealtime() ? { realtime: true as const } : {}),
  });
  try {
    const result = await run();
    return { ...times(), ...(result === undefined ? {} : { result }) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    say(`  failed: ${text}`);
    return { ...times(), error: text };
  }
}

await main();
process.exit(0);
