/**
 * @file For tests: a process that works on an experiment until it is killed. It writes the experiment's id while the
 * second child is training.
 */
import { DatasetId } from '../../../contract/model/primitives.ts';
import { clientOf, openTestStudio } from '../../fixtures/test-studio.ts';

const [home] = process.argv.slice(2);
const [first, second] = (process.env['TASKS'] ?? '').split(',').map((id) => DatasetId.parse(id));
if (home === undefined || first === undefined || second === undefined)
  throw new Error('Usage: TASKS=A,B child.ts HOME');
const client = clientOf(await openTestStudio(home));
const model = (await client.models.list()).find(({ starter }) => !starter);
if (model === undefined) throw new Error('There is no model.');
const { id } = await client.experiments.start({
  kind: 'exam',
  modelId: model.id,
  recipe: { steps: 20, checkpointEvery: 2 },
  arms: ['grpo-d'],
  tasks: [{ datasetId: first }, { datasetId: second }],
});
for (;;) {
  const { children } = await client.experiments.get({ experimentId: id });
  if ((children[1]?.step ?? 0) > 3) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write(`${id}\n`);
setInterval(() => undefined, 1000);
