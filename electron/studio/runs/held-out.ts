/** @file Interim evaluations on held-out samples during a run: which samples to use and what to do with the answers. */
import type { EngineSample, TrainEvent } from '../../contract/engine/engine.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { HeldOutPoint } from '../../contract/model/runs.ts';
import { hasThought } from '../../rewards/thinking.ts';
import type { StudioCore } from '../context.ts';
import { firstSamples } from '../datasets/recipe-data.ts';
import type { Diagnosis } from './diagnosis/diagnosis.ts';
import type { HeldOutScore } from '../../method/held-out-best.ts';
import { wilson } from '../../method/statistics.ts';

/** The first test samples (of a mixture in turn), as many as the recipe asks for (possibly none). The same ones for the whole run. */
export async function heldOutSamples(
  { store }: Pick<StudioCore, 'store'>,
  recipe: Recipe,
  asOf: string,
): Promise<EngineSample[]> {
  if ((recipe.evalEvery ?? 0) === 0) return [];
  return await firstSamples(store, recipe, 'test', recipe.evalDuringSamples ?? 0, asOf);
}

/** How many of the questions were right at each look, up to a step. */
export function scoresOf(points: readonly HeldOutPoint[], through = Infinity): HeldOutScore[] {
  return points.filter(({ step }) => step <= through).map(({ step, accuracy }) => ({ step, right: accuracy.correct }));
}

/** Stores one interim evaluation and any warnings that the diagnosis derives from it. */
export async function recordHeldOut(
  { store }: Pick<StudioCore, 'store'>,
  runId: RunId,
  { step, items }: Extract<TrainEvent, { type: 'evaluation' }>,
  diagnosis: Diagnosis,
): Promise<void> {
  const { runs } = store;
  await runs.addHeldOut(runId, { step, ...figuresOf(items) });
  for (const warning of diagnosis.observeInterim(await runs.heldOut(runId))) await runs.addWarning(runId, warning);
}

function figuresOf(items: readonly EvaluationItem[]): Omit<HeldOutPoint, 'step'> {
  const count = (test: (item: EvaluationItem) => boolean): number => items.filter(test).length;
  const n = Math.max(1, items.length);
  return {
    accuracy: wilson(
      count(({ verdict }) => verdict === 'correct'),
      items.length,
    ),
    format: wilson(
      count(({ formatOk }) => formatOk),
      items.length,
    ),
    unparsed: count(({ verdict }) => verdict === 'unparsed'),
    thinkRate: count(({ text }) => hasThought(text)) / n,
    meanTokens: items.reduce((sum, { tokens }) => sum + tokens, 0) / n,
  };
}
