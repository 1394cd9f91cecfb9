/** @file The score job: how likely given completions are. */
import type { z } from 'zod';
import type { ScoreJob } from '../../contract/engine/engine.ts';
import type { ScoreResult } from '../../contract/model/models.ts';
import { fittingBatch } from '../memory/answer-memory.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import { loadAdapter, loadModel, type LoadedModel } from '../policy/loaded-model.ts';
import { createPolicy, type PolicyCalls, type PolicyOptions } from '../policy/policy.ts';
import type { Processor } from '../policy/processor.ts';
import { floats } from '../runtime/program.ts';
import { inTurn } from '../runtime/turns.ts';
import { completionFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { scoreEntry, type PolicyShape } from '../training/policy-program.ts';

const TOP_LOGITS = 5;

interface ScoreCalls extends PolicyCalls {
  entry: ReturnType<typeof scoreEntry>;
}

/**
 * Log-probs of given completions (temperature 1, no end token added), and the five largest logits after each prompt.
 * @param tell gets the progress: loading the model, then the items that are scored
 */
export async function score(job: z.output<typeof ScoreJob>, tell: OnLoad = () => undefined): Promise<ScoreResult[]> {
  const model = await loadModel(job.model, job);
  const adapter = job.adapter === undefined ? null : await loadAdapter(job.adapter, model, job.partialAdapter);
  const { processor } = model;
  const { systemPrompt } = job;
  const measured = async (limited: Processor): Promise<PreparedPrompt[]> => {
    const all: PreparedPrompt[] = [];
    for (const { prompt, images } of job.items)
      all.push(await limited.measure({ prompt, imagePaths: images, systemPrompt }));
    return all;
  };
  const prompts = await measured(processor);
  const completions: number[][] = [];
  for (const { completion } of job.items) completions.push(await processor.tokenizer.encode(completion));
  const shapeOf = (some: readonly PreparedPrompt[]): PolicyShape => ({
    ...shapeFor(some, 1),
    groupSize: 1,
    completionLength: Math.max(2, ...completions.map(({ length }) => length)),
  });
  const policyFor = (limited: LoadedModel, some: readonly PreparedPrompt[]): PolicyOptions<ScoreCalls> => {
    const own = shapeOf(some);
    return {
      model: limited,
      adapter,
      shape: own,
      calls: (state) => {
        const entry = scoreEntry(state, own, 1, 'policy', { promptLogits: true });
        return { entry, entries: { score: entry } };
      },
    };
  };
  await fittingBatch({
    work: 'answers',
    model,
    prompts,
    sources: job.items.map(({ images }) => ({ images: images.map((path) => ({ path })), upright: true })),
    most: 1,
    optionsFor: policyFor,
    measured,
    memoryLimitBytes: job.memoryLimitBytes,
  });
  const shape = shapeOf(prompts);
  const policy = await createPolicy(policyFor(model, prompts), tell);
  try {
    const results: ScoreResult[] = [];
    for (const [index, { prompt: text, images }] of job.items.entries()) {
      tell({ phase: 'score', done: index, total: job.items.length });
      const prompt = {
        ...prompts[index]!,
        images: await processor.readImages({ prompt: text, imagePaths: images }),
      };
      const ids = completions[index] ?? [];
      const { mask: _mask, ...feeds } = completionFeeds(
        [ids],
        [prompt],
        1,
        shape.completionLength,
        processor.config,
        processor.padId,
      );
      const result = await inTurn(async () =>
        policy.program.call(policy.calls.entry, { ...(await policy.feeds([prompt])), ...feeds }),
      );
      results.push({
        promptIds: [...prompt.inputIds],
        completionIds: ids,
        logprobs: Array.from(floats(result, 'logprobs').slice(0, ids.length)),
        topLogits: topLogits(floats(result, 'promptLogits'), model),
      });
    }
    return results;
  } finally {
    policy.dispose();
  }
}

function topLogits(logits: Float32Array, { processor }: LoadedModel): ScoreResult['topLogits'] {
  const order = Array.from(logits.keys())
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0))
    .slice(0, TOP_LOGITS);
  return order.map((id) => ({ id, token: processor.tokenizer.tokenText(id) ?? '', logit: logits[id] ?? NaN }));
}
