/**
 * @file The same weights always give the same answers to the same questions (decoding is greedy, or sampled from a fixed seed), so each combination
 * of model hash, checkpoint, dataset snapshot, template, limits and Atelier version is evaluated only once. This cache
 * holds only the ids of stored evaluations; losing it costs time and nothing else.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import { EvaluationId } from '../../contract/model/primitives.ts';
import { ownWay } from '../../method/mixture.ts';
import type { StudioCore } from '../context.ts';
import type { EvaluationPlan } from './plan.ts';

type Studio = Pick<StudioCore, 'home' | 'store' | 'version'>;

/** The stored evaluation that followed exactly this plan; null if there is none. */
export async function knownEvaluation(studio: Studio, plan: EvaluationPlan): Promise<EvaluationSummary | null> {
  try {
    const id = EvaluationId.parse((await readFile(await fileFor(studio, plan), 'utf8')).trim());
    return await studio.store.evaluations.get(id);
  } catch {
    return null;
  }
}

export async function rememberEvaluation(
  studio: Studio,
  plan: EvaluationPlan,
  evaluationId: EvaluationId,
): Promise<void> {
  try {
    const file = await fileFor(studio, plan);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${evaluationId}\n`);
  } catch {
    // Losing an entry only costs time.
  }
}

async function fileFor({ home, store, version }: Studio, plan: EvaluationPlan): Promise<string> {
  const { model, tuned, datasetId, split, limit, promptTemplate, maxNewTokens, accuracy } = plan;
  const { mode = 'reasoning', directTemplate = null, wordings = null, maxPixels = null, systemPrompt, samples } = plan;
  // Edits after `asOf` do not count: the dataset held different data then.
  const snapshotSha256 = await store.datasets.snapshotSha256At(datasetId, plan.asOf);
  const excluded = await store.signals.exclusionSha256(datasetId, plan.asOf);
  const key = JSON.stringify([
    version,
    // Ids count too: items refer to samples of their own dataset, and the summary to its own model and run.
    [model.id, model.sha256],
    tuned === undefined ? null : [tuned.runId, tuned.step, tuned.sha256],
    [datasetId, snapshotSha256, split, limit],
    [promptTemplate, maxNewTokens, accuracy ?? {}],
    ...(excluded === null ? [] : [excluded]),
    ...(await mixtureKey(store, plan)),
    ...(maxPixels === null ? [] : [{ maxPixels }]),
    ...(systemPrompt === undefined ? [] : [{ systemPrompt }]),
    ...(mode === 'reasoning'
      ? []
      : [{ mode, directTemplate, wordings, ...(samples === undefined ? {} : { samples }) }]),
  ]);
  return join(home, 'cache', 'evaluations', createHash('sha256').update(key).digest('hex'));
}

/** What the other datasets of a plan hold, and how they are asked; nothing for a plan with one dataset. */
async function mixtureKey(store: Studio['store'], plan: EvaluationPlan): Promise<unknown[]> {
  const { otherDatasetIds = [], datasetId, mixture = [], asOf } = plan;
  const others: unknown[] = [];
  for (const id of otherDatasetIds) {
    const snapshot = await store.datasets.snapshotSha256At(id, asOf);
    others.push([id, snapshot, await store.signals.exclusionSha256(id, asOf)]);
  }
  const ways = [datasetId, ...otherDatasetIds].map((id) => ownWay(mixture.find((part) => part.datasetId === id)));
  return others.length === 0 && ways.every((way) => Object.keys(way).length === 0) ? [] : [{ others, ways }];
}
