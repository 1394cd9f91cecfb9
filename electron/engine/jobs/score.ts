/** @file The score job: how likely given completions are. */
import type { ScoreJob } from '../../contract/engine/engine-service.ts';
import type { ScoreResult } from '../../contract/model/models.ts';
import { loadAdapter, loadModel, type LoadedModel } from '../policy/loaded-model.ts';
import { createPolicy } from '../policy/policy.ts';
import { floats } from '../runtime/program.ts';
import { inTurn } from '../runtime/turns.ts';
import { completionFeeds, shapeFor, type PreparedPrompt } from '../training/batch.ts';
import { scoreEntry, type PolicyShape } from '../training/policy-program.ts';

const TOP_LOGITS = 5;

/** Log-probs of given completions (temperature 1, no end token added), and the five largest logits after each prompt. */
export async function score(job: ScoreJob): Promise<ScoreResult[]> {
  const model = await loadModel(job.model);
  const adapter = job.adapter === undefined ? null : await loadAdapter(job.adapter, model, job.partialAdapter);
  const { processor } = model;
  const prompts: PreparedPrompt[] = [];
  for (const item of job.items) prompts.push(await processor.prepare({ prompt: item.prompt, imagePaths: item.images }));
  const completions: number[][] = [];
  for (const { completion } of job.items) completions.push(await processor.tokenizer.encode(completion));
  const shape: PolicyShape = {
    ...shapeFor(prompts, 1),
    groupSize: 1,
    completionLength: Math.max(2, ...completions.map(({ length }) => length)),
  };
  const policy = await createPolicy({
    model,
    adapter,
    shape,
    calls: (state) => {
      const entry = scoreEntry(state, shape, 1, 'policy', { promptLogits: true });
      return { entry, entries: { score: entry } };
    },
  });
  try {
    const results: ScoreResult[] = [];
    for (const [index, prompt] of prompts.entries()) {
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
