/** @file Several sampled answers to each question, drawn exactly as training draws them, but nothing is learned. */
import type { SampledGroup, SampleEvent, SampleJob } from '../../contract/engine/engine.ts';
import { loadAdapter, loadModel } from '../policy/loaded-model.ts';
import { answerBatch, createPolicy } from '../policy/policy.ts';
import { checkContext, ensureFeatures, longestPrompt, prepareSamples } from './prepare-samples.ts';
import { shapeFor } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';
import { samplingUniform } from '../training/random.ts';

/** Prompt tokens and completions that one batch may hold; bounds memory whatever the images' size. */
const BATCH_TOKENS = 4096;
const BATCH_COMPLETIONS = 128;

/**
 * Groups of `numGenerations` answers. A draw depends on the seed, the sample's place in the job, the answer's place in
 * its group and the token's position, not on how samples are batched. Stops between batches when `signal` fires.
 */
export async function* sample(job: SampleJob, signal?: AbortSignal): AsyncGenerator<SampleEvent, void, undefined> {
  const total = job.samples.length;
  yield { type: 'progress', progress: { phase: 'load', done: 0, total } };
  const model = await loadModel(job.modelPath);
  const adapter = job.adapterPath === undefined ? null : await loadAdapter(job.adapterPath, model);
  const prompts = await prepareSamples(model, job.promptTemplate, job.samples);
  checkContext(model, prompts, job.maxNewTokens, 'maxCompletionLength');
  const longest = longestPrompt(prompts);
  const batch = Math.max(
    1,
    Math.min(total, Math.floor(BATCH_TOKENS / longest), Math.floor(BATCH_COMPLETIONS / job.numGenerations)),
  );
  const shape: PolicyShape = {
    ...shapeFor(prompts, batch),
    groupSize: job.numGenerations,
    completionLength: Math.max(2, job.maxNewTokens),
  };
  const { temperature, topP, minP = 0 } = job;
  const policy = await createPolicy({ model, adapter, shape, sampling: { temperature, topP, minP } });
  const started = performance.now();
  try {
    for (let start = 0; start < total; start += batch) {
      signal?.throwIfAborted();
      const part = prompts.slice(start, start + batch);
      await ensureFeatures(policy, part);
      const rollout = answerBatch(policy, model, part, {
        greedy: false,
        maxNewTokens: job.maxNewTokens,
        uniform: (row, position) => {
          const [place, index] = [start + Math.floor(row / job.numGenerations), row % job.numGenerations];
          return samplingUniform(job.seed, place + 1, index, position);
        },
      });
      const groups = job.samples.slice(start, start + part.length).map(({ id }, offset): SampledGroup => {
        const first = offset * job.numGenerations;
        return {
          sampleId: id,
          completions: rollout.tokens.slice(first, first + job.numGenerations).map((tokens, index) => ({
            text: model.processor.tokenizer.decode(tokens, { skipSpecialTokens: true }),
            tokens: tokens.length,
            truncated: rollout.truncated[first + index] ?? false,
          })),
        };
      });
      yield { type: 'groups', groups };
      const done = Math.min(total, start + batch);
      const secondsLeft = ((performance.now() - started) / 1000 / done) * (total - done);
      yield { type: 'progress', progress: { phase: 'answer', done, total, secondsLeft } };
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    policy.dispose();
  }
}
