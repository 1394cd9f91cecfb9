/**
 * @file Which evaluations stand for a run that was trained elsewhere. It was not evaluated while it trained: what is asked
 * when it is here counts. A run on one dataset has the newest evaluation on it (run-rows.ts); one on a mixture needs all of
 * its datasets, each asked in the run's own way, and is told so here.
 */
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import { datasetIdsOf } from '../../method/mixture.ts';
import type { StudioCore } from '../context.ts';
import type { Bell } from '../queue/bell.ts';
import { askedDatasets, type EvaluationPlan, type ParsedEvaluation } from './plan.ts';

/** Assigns the evaluation to the run that it was made for, if it is one that was trained elsewhere on a mixture. */
export async function assignToRun(
  { store, bell }: Pick<StudioCore, 'store'> & { bell: Bell<string> },
  request: ParsedEvaluation,
  plan: EvaluationPlan,
  { id }: EvaluationSummary,
): Promise<void> {
  const runId = request.runId ?? request.likeRun;
  if (runId === undefined || request.step !== undefined) return;
  if (plan.split !== 'test' || plan.mode !== 'reasoning') return;
  // A run that was removed while it was asked is in the trash: it has its evaluations when it is restored.
  const { summary, recipe } = await store.runs.get(runId);
  if (recipe.mixture === undefined || summary.elsewhere !== true) return;
  const isOfAll = askedDatasets(plan).join('\n') === datasetIdsOf(recipe).join('\n');
  // A look at a few questions does not stand for the run.
  if (!isOfAll || plan.maxPixels !== recipe.maxPixels || plan.limit !== recipe.evalSamples) return;
  await store.runs.setEvaluation(runId, request.runId === undefined ? 'base' : 'tuned', id);
  bell.ring(runId);
}
