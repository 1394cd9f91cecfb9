/** @file The starter model's answers to held-out examples during pre-training. */
import { createPolicy, answerBatch } from '../../../engine/policy/policy.ts';
import type { LoadedModel } from '../../../engine/policy/loaded-model.ts';
import type { PreparedPrompt } from '../../../engine/training/batch.ts';
import type { PolicyShape } from '../../../engine/training/policy-program.ts';
import { STREAM, uniform } from '../../../engine/training/random.ts';

export interface Examiner {
  setWeights(weights: Record<string, Float32Array>): void;
  /** Per question one greedy text, or `shape.groupSize` sampled ones. */
  answer(questions: readonly PreparedPrompt[], greedy: boolean): Promise<string[][]>;
}

/** Random numbers reserved for each row. The published figures used this number, so it must not change. */
const DRAWS_PER_ROW = 4096;

/** @param initialWeights the initial weights; absent = those in the model's files */
export async function createExaminer(
  model: LoadedModel,
  shape: PolicyShape,
  initialWeights?: Record<string, Float32Array>,
): Promise<Examiner> {
  const policy = await createPolicy({
    model,
    adapter: null,
    shape,
    sampling: { temperature: 1, topP: 1 },
    ...(initialWeights === undefined ? {} : { initialWeights }),
  });
  const { tokenizer } = model.processor;
  return {
    setWeights: (weights) => {
      policy.program.set(weights);
    },
    answer: async (questions, greedy) => {
      const texts: string[][] = [];
      for (let start = 0; start < questions.length; start += shape.batch) {
        const part = questions.slice(start, start + shape.batch);
        const { tokens } = await answerBatch(policy, model, part, {
          greedy,
          maxNewTokens: shape.completionLength,
          uniform: (row, position) => uniform(1, STREAM.sampling, start, row * DRAWS_PER_ROW + position),
        });
        part.forEach((_, index) => {
          const rows = tokens.slice(index * shape.groupSize, (index + 1) * shape.groupSize);
          texts.push(rows.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true })));
        });
      }
      return texts;
    },
  };
}
