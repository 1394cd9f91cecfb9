/**
 * @file The exact contribution: repeats the run from its recipe in a separate engine, with the gradient of every group.
 * Runs are identical bit for bit on the same machine; whether this replay was is checked against the log and recorded.
 */
import type { ReplayEvent, RunId } from '../../contract/api/index.ts';
import { AtelierError } from '../../contract/api/index.ts';
import { hashCheckpoint } from '../../formats/checkpoint.ts';
import type { Projection, ReplayRecord } from '../../store/runs/contributions.ts';
import type { StudioCore } from '../context.ts';
import { initialAdapterOf } from '../runs/start-from.ts';
import { memoryLimitOf } from '../system/preferences.ts';
import { trainingSamples } from '../datasets/recipe-data.ts';

/** More steps than any run has. */
const ALL_STEPS = 1_000_000;

export async function* replayRun(
  studio: Pick<StudioCore, 'home' | 'store' | 'openEngine'>,
  runId: RunId,
  signal?: AbortSignal,
): AsyncGenerator<ReplayEvent, void, undefined> {
  const { store } = studio;
  const { summary: run, recipe } = await store.runs.get(runId);
  if (run.status === 'running' || run.status === 'queued') {
    throw new AtelierError('CONFLICT', `The run "${run.name}" is ${run.status}; only what has ended can be replayed.`, {
      remedy: 'Wait until it is done, or stop it.',
    });
  }
  if (run.step === 0) {
    throw new AtelierError('CONFLICT', `The run "${run.name}" has no step that could be replayed.`, {
      remedy: 'Resume it first.',
    });
  }
  if ((await store.handoffs.ofRun(runId)) !== null) {
    throw new AtelierError(
      'CONFLICT',
      `The run "${run.name}" was trained elsewhere; a replay here would be another run.`,
      {
        remedy: 'The shares by draws are known: `atelier contribution RUN --method draws`.',
      },
    );
  }
  const model = await store.models.get(recipe.modelId);
  if ((await hashCheckpoint(model.path)) !== recipe.modelSha256) {
    throw new AtelierError('CONFLICT', `The model in ${model.path} is not the one that this run began with.`, {
      place: { file: model.path },
      remedy: 'Put the original files back.',
    });
  }
  const initialAdapter = await initialAdapterOf(store, runId, recipe);
  const samples = await trainingSamples(store, recipe, run.createdAt);
  const logged = new Map((await store.runs.steps(runId, ALL_STEPS)).map((metrics) => [metrics.step, metrics.loss]));
  const projections = new Map<number, readonly Projection[]>();
  let difference: ReplayRecord['difference'] = null;
  const engine = studio.openEngine('replay');
  const abandon = (): void => void engine.close();
  signal?.addEventListener('abort', abandon, { once: true });
  try {
    const startedMs = performance.now();
    const events = engine.replay({
      recipe,
      modelPath: model.path,
      samples,
      steps: run.step,
      ...(initialAdapter === undefined ? {} : { initialAdapter }),
      ...(await memoryLimitOf(studio.home)),
    });
    for await (const event of events) {
      if (event.type !== 'step') continue;
      const { step, loss } = event.metrics;
      const before = logged.get(step);
      if (before !== undefined && !Object.is(before, loss)) difference ??= { step, logged: before, replayed: loss };
      projections.set(step, event.projections);
      const secondsLeft = ((performance.now() - startedMs) / 1000 / step) * (run.step - step);
      yield { type: 'progress', step, steps: run.step, secondsLeft };
    }
  } catch (error) {
    if (signal?.aborted === true) throw new AtelierError('CANCELLED', 'The replay was cancelled; nothing was changed.');
    throw error;
  } finally {
    signal?.removeEventListener('abort', abandon);
    await engine.close();
  }
  const record: ReplayRecord = {
    finishedAt: new Date().toISOString(),
    steps: projections.size,
    reproduced: difference === null && projections.size === run.step,
    difference,
  };
  await store.contributions.saveReplay(runId, record, projections);
  yield {
    type: 'done',
    steps: record.steps,
    reproduced: record.reproduced,
    firstDifference: difference,
    finishedAt: record.finishedAt,
  };
}
