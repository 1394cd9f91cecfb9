/** @file Our side of one answer by itself (one-row.ts), in a process of its own. */
import { answeringPolicy } from '../../engine/jobs/generate.ts';
import { loadModel } from '../../engine/policy/loaded-model.ts';
import { answerBatch, createPolicy } from '../../engine/policy/policy.ts';

/** Tokens of a short and of a long answer: the difference holds neither prompt nor preparation. */
export const ONE_ROW_TOKENS = { few: 4, many: 68 } as const;
export const ONE_ROW_QUESTION = 'What is the capital of France? Say it in one word.';

/** How one answer is timed, on either side. */
export interface OneRowTiming {
  /** For each token after the first few. */
  millisecondsPerToken: number;
  /** The same of all cores together. */
  processorMilliseconds: number;
}

/** Answers the question twice in every turn. */
export async function oneRowTurns(modelPath: string): Promise<() => Promise<OneRowTiming>> {
  const model = await loadModel(modelPath);
  const prompt = await model.processor.prepare({ prompt: ONE_ROW_QUESTION, imagePaths: [] });
  const request = { maxNewTokens: ONE_ROW_TOKENS.many, temperature: 1, repetitionPenalty: 1 };
  const policy = await createPolicy(answeringPolicy(model, null, [prompt], request));
  const answer = async (maxNewTokens: number): Promise<{ seconds: number; processor: number; tokens: number }> => {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const { tokens } = await answerBatch(policy, model, [prompt], { greedy: true, maxNewTokens, uniform: () => 0.5 });
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6, tokens: tokens[0]!.length };
  };
  // Graphs are optimised, and memory is touched, before the first turn.
  await answer(ONE_ROW_TOKENS.few);
  return async () => {
    const few = await answer(ONE_ROW_TOKENS.few);
    const many = await answer(ONE_ROW_TOKENS.many);
    const each = (total: (of: typeof few) => number): number =>
      (1000 * (total(many) - total(few))) / (many.tokens - few.tokens);
    return {
      millisecondsPerToken: each(({ seconds }) => seconds),
      processorMilliseconds: each(({ processor }) => processor),
    };
  };
}
