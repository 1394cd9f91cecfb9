/** @file What the apprentice can do on the held-out questions of the two-step datasets; its card quotes only these. */
import type { StarterData } from '../../../contract/model/primitives.ts';
import type { LoadedModel } from '../../../engine/policy/loaded-model.ts';
import type { PolicyShape } from '../../../engine/training/policy-program.ts';
import { passAtK } from '../../../method/pass-at-k.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import { hasFormat } from '../../../rewards/format.ts';
import type { Art } from '../../../starter/art.ts';
import type { PlannedRow } from '../../../starter/dataset-plan.ts';
import { paintRow } from '../build-starter.ts';
import { createExaminer } from './examiner.ts';
import type { Share } from './figures.ts';
import type { PromptMaker } from './prepare.ts';

/** Answers to each question where pass@k is measured. */
export const PASS_SAMPLES = 64;

/** Longest answer, end token included: the default of a recipe. */
const COMPLETION_TOKENS = 48;

export interface TwoStepFigures {
  /** Greedy answers to the test questions that are right, by dataset and by what is held out. */
  accuracy: Record<string, Share>;
  /** Greedy answers in the format. */
  format: Record<string, Share>;
  /** Sampled once at temperature 1. */
  sampledAccuracy: Record<string, Share>;
  /** Mean of the unbiased estimates of pass@k, by dataset and k. */
  passAtK: Record<string, Record<string, number>>;
  /** Test questions that none of the 64 answers got right. */
  neverRight: Record<string, Share>;
}

const KS = [1, 4, 8, 16, 32, PASS_SAMPLES];

/** Measures the model on the test questions of some datasets. The same weights give the same figures. */
export async function measureTwoStep(
  model: LoadedModel,
  art: Art,
  plans: Partial<Record<StarterData, readonly PlannedRow[]>>,
  maker: PromptMaker,
  shape: PolicyShape,
  options: { samples?: boolean; weights?: Record<string, Float32Array>; keys?: (row: PlannedRow) => string[] } = {},
): Promise<TwoStepFigures> {
  const figures: TwoStepFigures = { accuracy: {}, format: {}, sampledAccuracy: {}, passAtK: {}, neverRight: {} };
  const long = { ...shape, completionLength: COMPLETION_TOKENS };
  const greedy = await createExaminer(model, { ...long, groupSize: 1 }, options.weights);
  const sampler =
    options.samples === false
      ? null
      : await createExaminer(model, { ...long, batch: 2, images: 2, groupSize: PASS_SAMPLES }, options.weights);
  for (const [data, plan] of Object.entries(plans)) {
    const rows = plan.filter((row) => row.split === 'test');
    const prompts = await Promise.all(rows.map((row) => maker.prepare(row.question, paintRow(row, art))));
    const answers = await greedy.answer(prompts, true);
    rows.forEach((row, i) => {
      const text = answers[i]?.[0] ?? '';
      for (const key of [data, `${data}, ${String(row.heldOut)} held out`, ...(options.keys?.(row) ?? [])])
        add((figures.accuracy[key] ??= none()), isRight(row, text));
      add((figures.format[data] ??= none()), hasFormat(text));
    });
    if (sampler === null) continue;
    const groups = await sampler.answer(prompts, false);
    const rights = rows.map((row, i) => (groups[i] ?? []).filter((text) => isRight(row, text)).length);
    figures.sampledAccuracy[data] = {
      right: rights.reduce((sum, right) => sum + right, 0),
      of: rows.length * PASS_SAMPLES,
    };
    figures.neverRight[data] = { right: rights.filter((right) => right === 0).length, of: rows.length };
    figures.passAtK[data] = Object.fromEntries(
      KS.map((k) => [
        String(k),
        Number((rights.reduce((sum, right) => sum + passAtK(PASS_SAMPLES, right, k), 0) / rows.length).toFixed(4)),
      ]),
    );
  }
  return figures;
}

function isRight({ answer, task }: PlannedRow, completion: string): boolean {
  return gradeAnswer({ completion, answer, task }).verdict === 'correct';
}

function none(): Share {
  return { right: 0, of: 0 };
}

function add(share: Share, right: boolean): void {
  share.right += Number(right);
  share.of += 1;
}
