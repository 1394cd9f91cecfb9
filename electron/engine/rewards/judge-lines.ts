/**
 * @file The rewards as a program of their own, for training elsewhere: reads a question in JSON from each line of its
 * input and answers with a line. It is the same code that scores in the studio, custom rewards in their sandbox
 * included. The build makes it one file (`electron/tools/setup/judge-bundle.mjs`) that a job folder carries.
 *
 * Questions: `score` (scores, verdicts and thoughts of completions), `statistics` (a step's figures from its scores) and
 * `order` (the samples that each step draws).
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { GrpoConfig, Recipe } from '../../contract/model/recipe.ts';
import { accuracyParamsOf, JudgeItem, rewardKey, RewardSpec } from '../../contract/model/rewards.ts';
import { recordedRewards, recordedWeights, rewardsByPart } from '../../method/mixture.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { hasThought } from '../../rewards/thinking.ts';
import { computeAdvantages } from '../training/grpo/advantages.ts';
import { stepSampler } from '../training/mixture.ts';
import { openRecipeJudge, type Judge } from './judge.ts';

/** The part of a recipe that the program needs, as a job folder's `rewards/rewards.json`. */
export const JudgeSettings = z.object({
  rewards: z.array(RewardSpec).min(1),
  numGenerations: GrpoConfig.shape.numGenerations,
  scaleRewards: GrpoConfig.shape.scaleRewards,
  promptsPerStep: GrpoConfig.shape.promptsPerStep,
  seed: z.int(),
  mixture: Recipe.shape.mixture,
});
export type JudgeSettings = z.infer<typeof JudgeSettings>;

/** A dataset's place in the mixture. */
const Part = z.int().min(0).default(0);

const Question = z.discriminatedUnion('op', [
  z.object({ id: z.int(), op: z.literal('score'), items: z.array(JudgeItem.extend({ part: Part })) }),
  z.object({
    id: z.int(),
    op: z.literal('statistics'),
    scores: z.array(z.array(z.number().nullable())),
    /** Completions of one prompt; absent = as the recipe says. */
    numGenerations: z.int().optional(),
    /** The dataset of each completion. */
    parts: z.array(Part).optional(),
  }),
  z.object({
    id: z.int(),
    op: z.literal('order'),
    steps: z.int().positive(),
    samples: z.int().positive(),
    /** The dataset of each sample; a mixture must be given them. */
    parts: z.array(Part).optional(),
  }),
]);
type Question = z.infer<typeof Question>;

function answer(settings: JudgeSettings, judge: Judge, question: Question): Record<string, unknown> {
  switch (question.op) {
    case 'score': {
      const readings = rewardsByPart(settings).map(accuracyParamsOf);
      return {
        scores: judge.score(question.items),
        verdicts: question.items.map(({ part, ...item }) => gradeAnswer({ ...known(readings, part), ...item }).verdict),
        thoughts: question.items.map(({ completion }) => hasThought(completion)),
      };
    }
    case 'statistics': {
      const size = question.numGenerations ?? settings.numGenerations;
      const byPart = recordedWeights(settings);
      const weights = question.scores.map((_, row) => known(byPart, question.parts?.[row] ?? 0));
      const { perFunction, ...figures } = computeAdvantages(question.scores, weights, size, settings.scaleRewards);
      const named = recordedRewards(settings).map((spec, index) => ({
        name: rewardKey(spec),
        weight: spec.weight,
        mean: perFunction[index]?.mean ?? null,
        std: perFunction[index]?.std ?? null,
      }));
      return { ...figures, rewards: named };
    }
    case 'order': {
      const steps = Array.from({ length: question.steps }, (_, index) => index + 1);
      const parts = question.parts ?? Array.from({ length: question.samples }, () => 0);
      return { order: steps.map(stepSampler(settings, parts)) };
    }
  }
}

/** @throws Error if the mixture has no such dataset */
function known<T>(byPart: readonly T[], part: number): T {
  const found = byPart[part];
  if (found === undefined) throw new Error(`The recipe has ${byPart.length} datasets, and none in place ${part}.`);
  return found;
}

async function main(file: string): Promise<void> {
  const settings = JudgeSettings.parse(JSON.parse(readFileSync(file, 'utf8')));
  const judge = await openRecipeJudge(settings);
  for await (const line of createInterface({ input: process.stdin })) {
    let id: unknown = null;
    try {
      const said = JSON.parse(line) as { id?: unknown };
      id = said.id ?? null;
      process.stdout.write(`${JSON.stringify({ id, ...answer(settings, judge, Question.parse(said)) })}\n`);
    } catch (error) {
      // Whoever asked decides whether to go on. A custom reward that failed has closed its sandbox.
      const message = error instanceof AtelierError ? [error.message, error.remedy].join(' ') : String(error);
      process.stdout.write(`${JSON.stringify({ id, error: message })}\n`);
    }
  }
  judge.close();
}

const [, , file] = process.argv;
if (file === undefined) {
  process.stderr.write('Usage: node judge.mjs rewards.json\n');
  process.exitCode = 2;
} else await main(file);
