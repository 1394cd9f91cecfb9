/** @file The example of every learning task can be drawn, imported, and learned with the task's own rewards. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { TaskStarter } from '../../../contract/model/primitives.ts';
import { LEARNING_TASKS } from '../../../method/learning-tasks.ts';
import { honestCompletion, rightAnswer, wrongAnswers } from '../../../rewards/hack-probes.ts';
import { accuracyParamsOf } from '../../../contract/model/rewards.ts';
import { scoreCompletion } from '../../../rewards/registry.ts';
import { perceptualHashOf } from '../../../formats/look-of-picture.ts';
import { hashDistance, NEAR_BITS, tonesAgree, type PerceptualHash } from '../../../formats/perceptual-hash.ts';
import { loadArt } from '../../../starter/art.ts';
import { SIDE } from '../../../starter/raster.ts';
import { drawExamples, EXAMPLE_ROWS } from '../../../starter/task-examples.ts';
import { checkRewardSpecs } from '../../recipes/check-rewards.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { importStarter } from './starter.ts';

const on = freshDataFolder();
const art = await loadArt();
const resources = fileURLToPath(new URL('../../../../resources', import.meta.url));

it.each(TaskStarter.options)('%s fits its rewards, and wrong answers earn less', (task) => {
  const rows = drawExamples(task, art);
  const { rewards } = LEARNING_TASKS[task];
  const answers = rows.map(({ answer }) => ({ answer, task: 'other' as const }));
  checkRewardSpecs(rewards, { datasetName: task, answers });
  const kind = accuracyParamsOf(rewards).kind ?? 'auto';
  for (const { answer } of answers) {
    const sample = { answer, task: 'other' as const };
    expect(scoreCompletion(rewards, honestCompletion(rightAnswer(answer, kind)), sample)[0], answer).toBe(1);
    const [wrong = ''] = wrongAnswers(rightAnswer(answer, kind));
    expect(scoreCompletion(rewards, honestCompletion(wrong), sample)[0], answer).toBeLessThan(1);
  }
  expect(new Set(rows.map(({ answer }) => answer)).size).toBeGreaterThan(1);
  expect(rows.filter(({ split }) => split === 'test')).toHaveLength(EXAMPLE_ROWS / 3);
  for (const { credit } of rows) expect(credit.licence).not.toContain('SA');
  const again = drawExamples(task, art);
  expect(again.map(({ canvas }) => Buffer.from(canvas).toString('base64'))).toEqual(
    rows.map(({ canvas }) => Buffer.from(canvas).toString('base64')),
  );
});

it.each(TaskStarter.options)('%s has no test picture that looks like one of training', async (task) => {
  const looks = { train: [] as PerceptualHash[], test: [] as PerceptualHash[] };
  for (const { split, canvas } of drawExamples(task, art))
    looks[split].push(
      await perceptualHashOf({ rgb: new Uint8Array(canvas), width: SIDE, height: SIDE, orientation: 1 }),
    );
  const isNear = (one: PerceptualHash, other: PerceptualHash): boolean =>
    hashDistance(one.dhash, other.dhash) <= NEAR_BITS && tonesAgree(one.tones, other.tones);
  expect(looks.test.filter((one) => looks.train.some((other) => isNear(one, other)))).toEqual([]);
});

it('is drawn and imported once, and comes back after it was removed', async () => {
  const first = await importStarter(on.store, resources, 'extract-fields');
  expect(first).toMatchObject({ name: 'Fields of labels (example)', samples: EXAMPLE_ROWS, train: 24, test: 12 });
  expect((await importStarter(on.store, resources, 'extract-fields')).id).toBe(first.id);
  await on.store.datasets.remove(first.id);
  expect((await importStarter(on.store, resources, 'extract-fields')).id).toBe(first.id);
  const away = importStarter(on.store, on.work, 'tags');
  await expect(away).rejects.toMatchObject({ code: 'NOT_FOUND', place: { field: 'data' } });
});
