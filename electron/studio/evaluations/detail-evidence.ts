/** @file Whether answers depend on detail that a limit loses: two stored evaluations of the base model, compared. */
import type { DetailEvidence } from '../../contract/model/detail-evidence.ts';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { DatasetId, ModelId } from '../../contract/model/primitives.ts';
import { comparePaired, pairItems } from '../../method/paired-comparison.ts';
import { comparisonText } from '../../reporting/comparison-text.ts';
import { percent } from '../../reporting/figures.ts';
import type { Store } from '../../store/connection/open.ts';

/**
 * Compares the newest evaluation of the base model at a limit with the newest one at the highest limit above it.
 * @param maxPixels the lower limit; absent = the lowest that was measured
 * @returns null until the base model was evaluated on common questions at two limits
 */
export async function detailEvidence(
  store: Pick<Store, 'evaluations'>,
  { datasetId, modelId, maxPixels }: { datasetId: DatasetId; modelId: ModelId; maxPixels?: number | undefined },
): Promise<DetailEvidence | null> {
  const measured = (await store.evaluations.list({ datasetId, modelId, mode: 'reasoning' }))
    .filter(
      (evaluation) => evaluation.runId === null && evaluation.maxPixels !== null && evaluation.byDataset === undefined,
    )
    .sort((a, b) => pixels(a) - pixels(b) || b.createdAt.localeCompare(a.createdAt));
  const lower = measured.find((evaluation) => maxPixels === undefined || pixels(evaluation) === maxPixels);
  if (lower === undefined) return null;
  const above = measured.filter(
    (evaluation) =>
      pixels(evaluation) > pixels(lower) && evaluation.split === lower.split && sameWords(evaluation, lower),
  );
  const top = above.at(-1);
  const higher = above.find((evaluation) => top !== undefined && pixels(evaluation) === pixels(top));
  if (higher === undefined) return null;
  const pairs = pairItems(await store.evaluations.items(lower.id), await store.evaluations.items(higher.id));
  const comparison = comparePaired(pairs.counts);
  if (comparison === null) return null;
  const lossy = comparison.verdict === 'better';
  const { both, lost, gained, n } = comparison;
  const sizes = `${count(pixels(higher))} instead of ${count(pixels(lower))} pixels`;
  const rates = `${percent((both + gained) / n)} instead of ${percent((both + lost) / n)}`;
  const finding = lossy
    ? `Answers depend on detail that is lost: with ${sizes}, the base model is right on ${rates} of the questions`
    : comparison.verdict === 'worse'
      ? `More detail does not help the base model: with ${sizes}, it is right on ${rates} of the questions`
      : `No loss was found: with ${sizes}, the base model is right on ${rates} of the questions, which may be chance`;
  return { lower, higher, comparison, lossy, sentence: `${finding}: ${comparisonText(comparison)}.` };
}

function sameWords(a: EvaluationSummary, b: EvaluationSummary): boolean {
  return a.promptTemplate === b.promptTemplate && a.systemPrompt === b.systemPrompt;
}

function pixels({ maxPixels }: EvaluationSummary): number {
  return maxPixels ?? 0;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
