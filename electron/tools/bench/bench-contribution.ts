/**
 * @file How far the cheap contribution methods can be trusted: trains the starter model for a few steps, replays the
 * run for its exact shares and compares. `bench-contribution.ts [STEPS] [LEARNING_RATE]` prints JSON; it asserts
 * nothing.
 */
import { createRouterClient } from '@orpc/server';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContributionMethod, ContributionReport } from '../../contract/model/contribution.ts';
import { DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { openStore } from '../../store/connection/open.ts';
import { nodeChild } from '../../processes/node-child.ts';
import { rankCorrelation } from '../../method/statistics.ts';
import { openStudio } from '../../studio/studio.ts';
import { localPictures } from '../../pictures/work.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const [steps = 12, learningRate = DEFAULT_OPTIMISER.learningRate] = process.argv.slice(2).map(Number);
/** A page holds at most this many images; the starter data has fewer. */
const MOST_IMAGES = 500;

type Part = { step: number; part: number };

const home = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
try {
  const { runId, reports, reproduced } = await trainAndReplay();
  const store = await openStore(home);
  const exact = partsOf(await store.contributions.projectionsOf(runId, 'exact', steps), ({ projection }) => projection);
  const measured = partsOf(
    await store.contributions.projectionsOf(runId, 'measured', steps),
    ({ projection }) => projection,
  );
  const advantages = partsOf(await store.contributions.groupsDrawn(runId, steps), ({ signal }) => signal);
  await store.close();
  const result = {
    model: 'starter',
    steps,
    learningRate,
    promptsPerStep: DEFAULT_GRPO.promptsPerStep,
    numGenerations: DEFAULT_GRPO.numGenerations,
    reproduced,
    groups: exact.length,
    /** Groups whose answers all earned the same reward: they send no signal, and no method says anything about them. */
    silentGroups: advantages.filter(({ part }) => part === 0).length,
    spearmanOfGroups: { measured: rho(measured, exact), advantages: rho(advantages, exact) },
    spearmanOfSpeakingGroups: speaking(advantages, exact, { measured, advantages }),
    images: compareImages(reports),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await rm(home, { recursive: true, force: true });
}

type Reports = Record<Exclude<ContributionMethod, 'draws'>, ContributionReport>;

async function trainAndReplay(): Promise<{ runId: RunId; reports: Reports; reproduced: boolean }> {
  const entry = join(ROOT, 'electron', 'engine', 'service', 'main.ts');
  const studio = await openStudio({
    home,
    resourcesDir: join(ROOT, 'resources'),
    version: 'bench',
    spawnEngine: nodeChild({ entry }),
    pictures: localPictures,
    setUp: { root: ROOT, program: process.execPath },
  });
  try {
    const client = createRouterClient(studio.router);
    const dataset = await client.datasets.importStarter({ data: 'counting' });
    const [model] = (await client.models.list()).filter(({ starter }) => starter);
    if (model === undefined) throw new Error('There is no starter model.');
    const { id: runId } = await client.runs.start({
      modelId: model.id,
      datasetId: dataset.id,
      method: 'grpo-d',
      steps,
      checkpointEvery: steps,
      evalSamples: 1,
      attribution: 'estimate',
      optimiser: {
        ...DEFAULT_OPTIMISER,
        learningRate,
        warmupSteps: Math.min(DEFAULT_OPTIMISER.warmupSteps, Math.floor(steps / 2)),
      },
    });
    for await (const event of await client.runs.watch({ runId })) {
      if (event.type === 'steps') process.stderr.write(`step ${event.steps.at(-1)?.step ?? 0}/${steps}\n`);
      if (event.type === 'status' && event.summary.status === 'failed') throw new Error('The run failed.');
    }
    let reproduced = false;
    for await (const event of await client.contribution.replay({ runId })) {
      if (event.type === 'done') reproduced = event.reproduced;
      else process.stderr.write(`replay ${event.step}/${event.steps}\n`);
    }
    const of = (method: ContributionMethod): Promise<ContributionReport> =>
      client.contribution.ofRun({ runId, method, limit: MOST_IMAGES });
    const reports = { exact: await of('exact'), measured: await of('measured'), advantages: await of('advantages') };
    return { runId, reports, reproduced };
  } finally {
    await studio.close();
  }
}

/** Each group's part of its step, from which contributions are computed. */
function partsOf<T extends { step: number }>(groups: readonly T[], weightOf: (group: T) => number): Part[] {
  const totals = new Map<number, number>();
  for (const group of groups) totals.set(group.step, (totals.get(group.step) ?? 0) + Math.abs(weightOf(group)));
  return groups.map((group) => {
    const total = totals.get(group.step) ?? 0;
    return { step: group.step, part: total === 0 ? 0 : weightOf(group) / total };
  });
}

function rho(parts: readonly Part[], exact: readonly Part[]): number | null {
  return rounded(
    rankCorrelation(
      parts.map(({ part }) => part),
      exact.map(({ part }) => part),
    ),
  );
}

/** The same among the groups that sent a signal, because silent ones are easy to identify. */
function speaking(
  signals: readonly Part[],
  exact: readonly Part[],
  methods: Record<string, readonly Part[]>,
): Record<string, number | null> {
  const heard = <T>(list: readonly T[]): T[] => list.filter((_, at) => signals[at]?.part !== 0);
  return Object.fromEntries(Object.entries(methods).map(([name, parts]) => [name, rho(heard(parts), heard(exact))]));
}

/** Compares the images' net values, and the shares that credit would follow. */
function compareImages({ exact, ...others }: Reports): Record<string, unknown> {
  const netOf = new Map(exact.images.map((image) => [image.imageSha256, image.net]));
  const shareOf = new Map(exact.byAuthor.map(({ key, share }) => [key, share]));
  return {
    drawn: exact.images.length,
    authors: exact.byAuthor.length,
    ...Object.fromEntries(
      Object.entries(others).map(([method, { images, byAuthor }]) => [
        method,
        {
          spearmanOfNets: rounded(
            rankCorrelation(
              images.map(({ net }) => net),
              images.map(({ imageSha256 }) => netOf.get(imageSha256) ?? 0),
            ),
          ),
          /** Half the sum of differences: the fraction of all credit that would go to the wrong author. */
          creditMisplaced: rounded(
            byAuthor.reduce((sum, { key, share }) => sum + Math.abs(share - (shareOf.get(key) ?? 0)), 0) / 2,
          ),
        },
      ]),
    ),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
