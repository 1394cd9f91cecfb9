/** @file Measures the starter model on held-out examples of the stream: accuracy and format by task and habit of the wording. */
import type { Processor } from '../../engine/processor.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import { createProgram, sizeOf, type FeedData, type Program } from '../../engine/runtime/program.ts';
import { promptFeeds, visionFeeds, type PreparedPrompt } from '../../engine/training/batch.ts';
import { cacheVariables, decodeEntry, encodeEntry, prefillEntry, type PolicyShape, type PolicyState } from '../../engine/training/policy-program.ts';
import { STREAM, uniform } from '../../engine/training/random.ts';
import { rollOut } from '../../engine/training/rollout.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';

export interface ExamQuestion {
  prompt: PreparedPrompt;
  key: string;
}

export interface Examiner {
  setWeights(weights: Record<string, Float32Array>): void;
  /** One text per question (greedy), or `shape.groupSize` sampled ones. */
  answer(questions: readonly ExamQuestion[], greedy: boolean): string[][];
}

export async function createExaminer(processor: Processor, shape: PolicyShape): Promise<Examiner> {
  const { config, tokenizer, padId, eosIds } = processor;
  const shapes = Object.fromEntries(expectedTensors(config));
  const names = Object.keys(shapes);
  const state: PolicyState = { config, weightNames: names, adapterNames: [], scaling: 0, separateReference: false };
  const sampling = { temperature: 1, topP: 1, suppressed: new Float32Array(config.vocabSize) };
  const cache = cacheVariables(config, shape);
  const program: Program = await createProgram(await loadRuntime(), {
    variables: {
      ...Object.fromEntries(names.map((name) => [name, { shape: shapes[name] ?? [], dtype: 'float32' as const }])),
      ...cache,
    },
    entries: {
      encode: encodeEntry(state, shape),
      prefill: prefillEntry(state, shape, sampling),
      decode: decodeEntry(state, shape, sampling),
    },
  });
  const zeros: Record<string, FeedData> = {};
  for (const [name, spec] of Object.entries(cache)) zeros[name] = new Float32Array(sizeOf(spec.shape));
  program.set(zeros);
  return {
    setWeights: (weights) => { program.set(weights); },
    answer: (questions, greedy) => {
      const texts: string[][] = [];
      for (let start = 0; start < questions.length; start += shape.batch) {
        const part = questions.slice(start, start + shape.batch);
        const filled = [...part];
        while (filled.length < shape.batch && part[0] !== undefined) filled.push(part[0]);
        const prompts = filled.map(({ prompt }) => prompt);
        const { features } = program.call('encode', visionFeeds(prompts.flatMap(({ images }) => images), shape, config));
        const rollout = rollOut(program, {
          prompts,
          feeds: { ...promptFeeds(prompts, shape, config, padId), features: features as FeedData },
          shape, greedy, eosIds, padId,
          uniform: (row, position) => uniform(1, STREAM.sampling, start, row * 4096 + position),
          maxNewTokens: shape.completionLength,
          activeRows: part.length * shape.groupSize,
        }, config);
        part.forEach((_, index) => {
          const rows = rollout.tokens.slice(index * shape.groupSize, (index + 1) * shape.groupSize);
          texts.push(rows.map((ids) => tokenizer.decode(ids, { skipSpecialTokens: true })));
        });
      }
      return texts;
    },
  };
}
