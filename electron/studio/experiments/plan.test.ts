/** @file The children of an experiment: what each run takes over from the request, and what it leaves out. */
import { expect, it } from 'vitest';
import { ExperimentRequest } from '../../contract/model/experiments.ts';
import { DEFAULT_GRPO } from '../../method/defaults.ts';
import { LEARNING_TASKS } from '../../method/learning-tasks.ts';
import { childSpecs } from './plan.ts';

const parsed = (more: object): Parameters<typeof childSpecs>[0] =>
  ExperimentRequest.parse({ modelId: 'model-1', task: { datasetId: 'dataset-1' }, ...more });

it('leaves the correction of the KL term out of SFT, which has none', () => {
  const grpo = { ...DEFAULT_GRPO, useBiasCorrectionKl: true };
  const [sft, tuned] = childSpecs(parsed({ kind: 'contest', arms: ['sft', 'grpo'], recipe: { grpo } }));
  expect(sft?.request?.grpo).toEqual({ ...grpo, useBiasCorrectionKl: undefined });
  expect(tuned?.request?.grpo?.useBiasCorrectionKl).toBe(true);
});

it('gives each task of an exam the rewards and the template of its own', () => {
  const own = (id: 'tags' | 'find-box'): object => ({
    rewards: LEARNING_TASKS[id].rewards,
    promptTemplate: LEARNING_TASKS[id].promptTemplate,
  });
  const children = childSpecs(
    parsed({
      kind: 'exam',
      arms: ['sft', 'grpo-d'],
      tasks: [
        { datasetId: 'dataset-1', ...own('tags') },
        { datasetId: 'dataset-2', ...own('find-box') },
      ],
    }),
  );
  expect(children).toHaveLength(4);
  for (const { request, trainedOn } of children)
    expect(request).toMatchObject(own(trainedOn === 'dataset-1' ? 'tags' : 'find-box'));
});
