/** @file Exam and contest on tasks whose answers can be partly right: tags, and boxes to find. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, it } from 'vitest';
import type { ExperimentDetail, ExperimentRequest } from '../../contract/model/experiments.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import { LEARNING_TASKS, type LearningTaskId } from '../../method/learning-tasks.ts';
import { experimentPage } from '../../reporting/report/experiment-page.ts';
import { prepareStudio, type TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

const SLOW_MS = 180_000;
const SAMPLES = 20;
const recipe = { steps: 2, checkpointEvery: 2 };

async function datasetOf(on: TestStudio, name: string, answerOf: (at: number) => string): Promise<DatasetId> {
  const folder = join(on.home, name);
  mkdirSync(folder, { recursive: true });
  const rows = [];
  for (let at = 0; at < SAMPLES; at += 1) {
    const background = { r: at * 12, g: 255 - at * 12, b: name.length * 20 };
    await sharp({ create: { width: 56, height: 56, channels: 3, background } })
      .png()
      .toFile(join(folder, `${String(at)}.png`));
    const split = at < SAMPLES / 2 ? 'train' : 'test';
    rows.push({ file_name: `${String(at)}.png`, prompt: 'What?', answer: answerOf(at), task: 'other', split });
  }
  writeFileSync(join(folder, 'metadata.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  for await (const event of await on.client.datasets.import({ path: folder, name, unknownUse: 'use' })) {
    if (event.type === 'done') return event.dataset.id;
  }
  throw new Error('The import ended without a dataset.');
}

async function prepared(): Promise<TestStudio & { tags: DatasetId; boxes: DatasetId }> {
  const on = await prepareStudio();
  open.push(on.studio);
  const tags = await datasetOf(on, 'archive', (at) => ['bird', 'sea', 'dog'].slice(0, 1 + (at % 3)).join(', '));
  const boxes = await datasetOf(on, 'cracks', (at) => `[${String(at)}, 0, ${String(at + 9)}, 9]`);
  return { ...on, tags, boxes };
}

async function resultOf(on: TestStudio, request: ExperimentRequest): Promise<ExperimentDetail> {
  const { id } = await on.client.experiments.start(request);
  for await (const _ of await on.client.experiments.watch({ experimentId: id }));
  return on.client.experiments.get({ experimentId: id });
}

function readingOf(id: LearningTaskId): {
  rewards: [...(typeof LEARNING_TASKS)['tags']['rewards']];
  promptTemplate: string;
} {
  const { rewards, promptTemplate = '{question}' } = LEARNING_TASKS[id];
  return { rewards: [...rewards], promptTemplate };
}

it(
  'an exam reads the answers of each dataset as its own task says, and shows the metrics of both',
  async () => {
    const on = await prepared();
    const detail = await resultOf(on, {
      kind: 'exam',
      modelId: on.modelId,
      recipe,
      arms: ['base', 'sft', 'grpo-d'],
      tasks: [
        { datasetId: on.tags, ...readingOf('tags') },
        { datasetId: on.boxes, ...readingOf('find-box') },
      ],
    });
    expect(detail.summary).toMatchObject({ status: 'completed', failed: 0 });
    for (const { testedOn, arm, mean, metrics = [] } of detail.cells) {
      expect(metrics.map(({ name }) => name)).toEqual(testedOn === on.tags ? ['tag-f1'] : ['box-overlap', 'box-f1']);
      // The engine of this test gets every second question right before training, and all after.
      for (const metric of metrics) expect([arm, metric.mean]).toEqual([arm, mean]);
      expect(mean).toBe(arm === 'base' ? 0.5 : 1);
    }
    const [run] = (await on.client.runs.list()).filter(({ datasetId }) => datasetId === on.tags);
    const { recipe: used } = await on.client.runs.get({ runId: run!.id });
    expect(used.rewards[0]).toMatchObject({ name: 'accuracy', params: { kind: 'tags', partialCredit: true } });
    expect(used.promptTemplate).toBe(LEARNING_TASKS.tags.promptTemplate);
    const page = experimentPage({ atelierVersion: '0', createdAt: '', detail });
    for (const name of ['F1 of tags', 'Overlap of boxes (IoU)']) expect(page).toContain(name);
  },
  SLOW_MS,
);

it(
  'a contest on tags compares the metric of its arms, question by question',
  async () => {
    const on = await prepared();
    const detail = await resultOf(on, {
      kind: 'contest',
      modelId: on.modelId,
      recipe: { ...recipe, ...readingOf('tags') },
      arms: ['base', 'grpo'],
      task: { datasetId: on.tags },
    });
    const [base, tuned] = detail.cells.map(({ seeds }) => seeds[0]!.evaluationId);
    const comparison = await on.client.evaluations.compare({ a: base!, b: tuned! });
    // Five answers changed, which is too few to tell, however large the difference.
    expect(comparison.metrics).toMatchObject([
      { name: 'tag-f1', first: { mean: 0.5 }, second: { mean: 1 }, difference: { changed: 5, verdict: 'undecided' } },
    ]);
    const { metrics } = await on.client.evaluations.get({ evaluationId: tuned! });
    expect(metrics?.[0]?.noLook?.mean).toBeGreaterThan(0.5);
  },
  SLOW_MS,
);
