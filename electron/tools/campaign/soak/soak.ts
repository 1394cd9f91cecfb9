/**
 * @file Soak: a host works through a queue of short runs while pages watch. Held: every run completes, and the memory and
 * handles of the host do not grow from run to run.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { DEFAULT_GRPO } from '../../../method/defaults.ts';
import { fitLine } from '../../bench/least-squares.ts';
import { checkFolder } from '../check-folder.ts';
import type { Part, Trial } from '../part.ts';
import { kill } from '../processes.ts';
import { connectTo, listening, type Page } from '../socket-client.ts';

const RUNS = 200;
const PAGES = 10;
/** The first runs fill caches and pools. */
const SETTLED = 20;
/** Growth of memory below this share a run is not told apart from noise. */
const NEGLIGIBLE_SHARE = 0.005;

interface Sample {
  memory: number;
  handles: number;
  disk: number;
}

export const soak: Part = {
  name: 'soak',
  unit: 'runs',
  has: () => true,
  async run(place): Promise<Trial> {
    await place.fresh();
    const host = place.start(['serve']);
    const pages = [await connectTo(await listening(host))];
    while (pages.length < PAGES) pages.push(await pages[0]!.another());
    const samples: Sample[] = [];
    const problems: string[] = [];
    for (let count = 0; count < RUNS; count += 1) {
      const status = await oneRun(pages, count);
      if (status !== 'completed') problems.push(`Run ${count} ended as ${status}.`);
      samples.push(measure(host.pid, place.home));
    }
    for (const page of pages) page.close();
    kill(host.pid, 'SIGINT');
    const { status, err } = await host.ended;
    if (status !== 0) problems.push(`The host ended with ${status}: ${err.slice(-500)}`);
    const facts = { runs: RUNS, pages: PAGES, ...growth(samples, problems) };
    problems.push(...(await checkFolder(place.home, place.tmp)));
    const held = problems.length === 0;
    const name = `${PAGES} pages watch a queue`;
    return { name, outcome: held ? 'held' : 'failed', units: RUNS, detail: held ? null : problems.join(' '), facts };
  },
};

/** Starts a run on one page and watches it to its end on all of them. */
async function oneRun(pages: readonly Page[], seed: number): Promise<string> {
  const [page] = pages;
  if (page === undefined) throw new Error('No page is open.');
  const [dataset] = await page.client.datasets.list();
  const model = (await page.client.models.list()).find(({ name }) => name === 'tiny');
  const { id: runId } = await page.client.runs.start({
    datasetId: dataset!.id,
    modelId: model!.id,
    method: 'grpo-d',
    steps: 2,
    seed,
    grpo: { ...DEFAULT_GRPO, promptsPerStep: 1, numGenerations: 2, maxCompletionLength: 4 },
    checkpointEvery: 2,
    evalSamples: 1,
  });
  const ends = pages.map(async ({ client }) => {
    for await (const event of await client.runs.watch({ runId })) {
      if (event.type !== 'status') continue;
      const { status } = event.summary;
      if (status !== 'queued' && status !== 'running') return status;
    }
    return 'unknown';
  });
  const found = new Set(await Promise.all(ends));
  return [...found].join(' and ');
}

function measure(pid: number, home: string): Sample {
  const [, memory = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const disk = Number(execFileSync('du', ['-sk', home]).toString().split('\t')[0]);
  return { memory: Number(memory), handles: readdirSync(`/proc/${pid}/fd`).length, disk };
}

/** Slopes a run, with the half widths of their 95% intervals. */
function growth(samples: readonly Sample[], problems: string[]): Record<string, number> {
  const facts: Record<string, number> = {};
  for (const what of ['memory', 'handles', 'disk'] as const) {
    const points = samples.slice(SETTLED).map((sample, run): [number, number] => [run, sample[what]]);
    const { slope, slopeMargin } = fitLine(points);
    const last = points.at(-1)?.[1] ?? 0;
    const unit = what === 'handles' ? 'handlesARun' : `${what}KibARun`;
    facts[unit] = Math.round(slope * 100) / 100;
    facts[`${unit}Margin`] = Math.round(slopeMargin * 100) / 100;
    const grows = slope - slopeMargin > (what === 'handles' ? 0.1 : NEGLIGIBLE_SHARE * last);
    // Each run stores its checkpoint and steps, so the disk grows by that.
    if (grows && what !== 'disk') problems.push(`The ${what} of the host grow by ${slope.toFixed(2)} a run.`);
  }
  return facts;
}
