/**
 * @file Fills a data folder through the real store: the starter pictures as often as wanted, and a run of any
 * length with made-up measurements. For `bench:ui` and for pictures that must not change from day to day.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { betaAt } from '../../electron/method/kl-curve.ts';
import {
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_GRPO_D_SCHEDULE,
  DEFAULT_OPTIMISER,
  DEFAULT_REWARDS,
} from '../../electron/method/defaults.ts';
import { wilson } from '../../electron/method/statistics.ts';
import type { DatasetId, RunId } from '../../electron/contract/model/primitives.ts';
import type { RunWarning } from '../../electron/contract/model/runs.ts';
import { sha256Hex } from '../../electron/store/connection/canonical.ts';
import type { ImageRecord, NewSample } from '../../electron/store/datasets/dataset-types.ts';
import { openStore, type Store } from '../../electron/store/connection/open.ts';
import { withDatabase } from '../../electron/store/testing/raw-database.ts';
import { ROOT } from '../studio-host.ts';
import { syntheticGroup, syntheticStep } from './figures.ts';

const PICTURES = join(ROOT, 'resources', 'datasets', 'counting');
/** Number of steps and events written per statement. */
const BATCH = 2000;
/** Every date in the folder; pictures of screens must not change with the clock. */
export const SYNTHETIC_TIME = '2026-01-05T09:00:00.000Z';

export type SyntheticSize = {
  samples: number;
  steps: number;
  groups: number;
  warnings?: RunWarning[];
  heldOut?: HeldOut[];
};
/** A look at held-out questions, of 20, at a step whose checkpoint is kept. */
export type HeldOut = { step: number; correct: number };
export type SyntheticIds = { datasetId: DatasetId; runId: RunId };

type Row = {
  file_name: string;
  question: string;
  answer: string;
  split: 'train' | 'test';
  licence: string;
  authors: string[];
};

/** Fills an empty data folder and returns the ids it created. */
export async function fillStore(home: string, size: SyntheticSize): Promise<SyntheticIds> {
  const store = await openStore(home);
  try {
    const datasetId = await addSamples(store, size.samples);
    const runId = await addRun(store, datasetId, size);
    await addSteps(store, runId, size.steps);
    await addGroups(store, runId, datasetId, size);
    for (const warning of size.warnings ?? []) await store.runs.addWarning(runId, warning);
    for (const { step, correct } of size.heldOut ?? []) {
      const path = join(store.home, 'no-checkpoint', String(step));
      await store.runs.addCheckpoint(runId, { step, path, sha256: sha256Hex(path) });
      const [accuracy, format] = [wilson(correct, 20), wilson(20, 20)];
      await store.runs.addHeldOut(runId, { step, accuracy, format, unparsed: 0, thinkRate: 1, meanTokens: 18 });
    }
    await store.runs.end(runId, { status: 'completed' });
    return { datasetId, runId };
  } finally {
    await store.close();
  }
}

async function addSamples(store: Store, count: number): Promise<DatasetId> {
  const rows = readFileSync(join(PICTURES, 'metadata.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const names = new Set(readdirSync(join(PICTURES, 'images')).map((name) => `images/${name}`));
  const usable = rows.filter((row) => names.has(row.file_name)).slice(0, count);
  const images: ImageRecord[] = [];
  for (const row of usable) {
    const { sha256, sizeBytes } = await store.blobs.putFile(join(PICTURES, row.file_name));
    images.push({ sha256, sizeBytes, format: 'png', width: 112, height: 112 });
  }
  const samples = Array.from({ length: count }, (_, position): NewSample => {
    const row = usable[position % usable.length];
    const image = images[position % usable.length];
    if (row === undefined || image === undefined) throw new Error('The starter pictures are missing.');
    return {
      position,
      imageSha256: image.sha256,
      imageName: row.file_name,
      task: 'counting',
      prompt: row.question,
      answer: row.answer,
      split: row.split,
      licence: row.licence,
      authors: row.authors,
      sources: [],
      extra: {},
    };
  });
  const dataset = await store.datasets.insert({
    name: 'Wall of pictures',
    origin: '/pictures',
    snapshotSha256: sha256Hex(`synthetic ${String(count)}`),
    warnings: [],
    request: {},
    images,
    samples,
  });
  return dataset.id;
}

async function addRun(store: Store, datasetId: DatasetId, { steps }: SyntheticSize): Promise<RunId> {
  const model = await store.models.register({
    name: 'Synthetic model',
    path: join(store.home, 'no-model'),
    sha256: sha256Hex('synthetic model'),
    parameters: 4_060_000,
    licence: 'Apache-2.0',
    promptTemplate: '{question}',
    description: null,
    starter: false,
  });
  const dataset = await store.datasets.get(datasetId);
  const { summary } = await store.runs.create({
    name: 'A long run',
    modelId: model.id,
    modelSha256: model.sha256,
    datasetId,
    datasetSha256: dataset.snapshotSha256,
    method: 'grpo-d',
    promptTemplate: '{question}',
    adapter: DEFAULT_ADAPTER,
    rewards: DEFAULT_REWARDS,
    grpo: DEFAULT_GRPO,
    klSchedule: DEFAULT_GRPO_D_SCHEDULE,
    optimiser: DEFAULT_OPTIMISER,
    steps,
    seed: 7,
    checkpointEvery: 50,
    evalSamples: 0,
  });
  await store.runs.begin(summary.id, 'tensorflow · cpu');
  return summary.id;
}

/** Writes straight to the tables in a few statements, because appendStep() uses one transaction per step. */
async function addSteps(store: Store, runId: RunId, steps: number): Promise<void> {
  const firstSeq = (await store.runs.lastSeq(runId)) + 1;
  for (let from = 1; from <= steps; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, steps - from + 1) }, (_, index) => {
      const step = from + index;
      const metrics = syntheticStep(step, steps, betaAt(DEFAULT_GRPO_D_SCHEDULE, step, steps));
      const { reward, kl, beta, loss, secondsTotal } = metrics;
      return {
        step,
        reward,
        kl,
        beta,
        loss,
        seconds: secondsTotal,
        seq: firstSeq + step - 1,
        text: JSON.stringify(metrics),
      };
    });
    const json = JSON.stringify(rows);
    await withDatabase(store.home, (database) =>
      database.run(
        `INSERT INTO step (run_id, step, reward, kl, beta, loss, seconds, metrics_json, recorded_at)
       SELECT ?1, value ->> 'step', value ->> 'reward', value ->> 'kl', value ->> 'beta', value ->> 'loss',
         value ->> 'seconds', value ->> 'text', ?3 FROM json_each(?2)`,
        [runId, json, SYNTHETIC_TIME],
      ),
    );
    await withDatabase(store.home, (database) =>
      database.run(
        `INSERT INTO run_event (run_id, seq, type, ref, body_json, at)
       SELECT ?1, value ->> 'seq', 'step', value ->> 'step', NULL, ?3 FROM json_each(?2)`,
        [runId, json, SYNTHETIC_TIME],
      ),
    );
  }
}

/** One group in each of `groups` steps, spread over the run. */
async function addGroups(store: Store, runId: RunId, datasetId: DatasetId, size: SyntheticSize): Promise<void> {
  const { samples } = await store.datasets.samples({ datasetId, offset: 0, limit: 200 });
  const count = Math.min(size.groups, size.steps);
  for (let from = 0; from < count; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const step = 1 + Math.floor(((from + index) * size.steps) / count);
      const sample = samples[(from + index) % samples.length];
      if (sample === undefined) throw new Error('There are no samples.');
      return syntheticGroup(step, size.steps, sample.id, sample.answer).map((completion, ordinal) => ({
        ...completion,
        ordinal,
        scores: JSON.stringify({
          rewards: completion.rewards,
          reward: completion.reward,
          advantage: completion.advantage,
        }),
      }));
    }).flat();
    await withDatabase(store.home, (database) =>
      database.run(
        `INSERT INTO completion (run_id, step, ordinal, sample_id, group_index, text, tokens, truncated, scores_json, reward, advantage, verdict)
       SELECT ?1, value ->> 'step', value ->> 'ordinal', value ->> 'sampleId', value ->> 'index', value ->> 'text',
         value ->> 'tokens', value ->> 'truncated', value ->> 'scores', value ->> 'reward', value ->> 'advantage',
         value ->> 'verdict' FROM json_each(?2)`,
        [runId, JSON.stringify(rows)],
      ),
    );
  }
}
