/** @file Scores the answers of a step: rewards, advantages, and what is stored of each answer. */
import type { EngineSample } from '../../../contract/engine/engine.ts';
import { accuracyParamsOf, rewardKey } from '../../../contract/model/rewards.ts';
import type { Completion } from '../../../contract/model/runs.ts';
import { recordedRewards, recordedWeights } from '../../../method/mixture.ts';
import { gradeAnswer } from '../../../rewards/accuracy.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { StepContext } from '../step-context.ts';
import { computeAdvantages, type AdvantageResult } from './advantages.ts';

/** A reward without an opinion stays null here and in everything that is stored. */
export function scoreAnswers(
  context: Pick<StepContext, 'recipe' | 'shape' | 'decode' | 'judge'>,
  samples: readonly EngineSample[],
  rollout: Rollout,
): { advantages: AdvantageResult; completions: Omit<Completion, 'step'>[] } {
  const { recipe, shape } = context;
  const answers = rollout.tokens.map((tokens, row) => {
    const sample = samples[Math.floor(row / shape.groupSize)];
    if (sample === undefined) throw new Error(`Row ${String(row)} has no sample.`);
    return { sample, text: context.decode(tokens), tokens };
  });
  const judged = context.judge(
    answers.map(({ text, sample: { answer, task, part } }) => ({ completion: text, answer, task, part })),
  );
  const rows = answers.map((answer, row) => ({ ...answer, scores: judged[row] ?? [] }));
  const reading = accuracyParamsOf(recipe.rewards);
  const recorded = recordedRewards(recipe);
  const weights = recordedWeights(recipe);
  const advantages = computeAdvantages(
    rows.map(({ scores }) => scores),
    rows.map(({ sample }) => weights[sample.part ?? 0] ?? []),
    shape.groupSize,
    recipe.grpo.scaleRewards,
  );
  const completions = rows.map(({ sample, text, tokens, scores }, row) => ({
    sampleId: sample.id,
    index: row % shape.groupSize,
    text,
    tokens: tokens.length,
    truncated: rollout.truncated[row] ?? false,
    rewards: recorded.map((spec, index) => ({ name: rewardKey(spec), value: scores[index] ?? null })),
    reward: advantages.totals[row] ?? null,
    advantage: advantages.advantages[row] ?? 0,
    verdict: gradeAnswer({
      ...(sample.accuracy ?? reading),
      completion: text,
      answer: sample.answer,
      task: sample.task,
    }).verdict,
  }));
  return { advantages, completions };
}
