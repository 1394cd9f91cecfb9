/**
 * @file For tests: a process that works on an evaluation until it is killed. `child.ts HOME enqueue` queues it,
 * `child.ts HOME start` waits for it, `child.ts HOME work` works on what is queued already. It writes `working` once it works on it.
 */
import { clientOf, openTestStudio } from '../../fixtures/test-studio.ts';

const [home, mode] = process.argv.slice(2);
if (home === undefined) throw new Error('Usage: child.ts HOME enqueue|start|work');
const studio = await openTestStudio(home);
const client = clientOf(studio);
const model = (await client.models.list()).find(({ starter }) => !starter);
const [dataset] = await client.datasets.list();
if (model === undefined || dataset === undefined) throw new Error('There is no model or no dataset.');
const request = { modelId: model.id, datasetId: dataset.id, limit: 2 };
if (mode === 'enqueue') await client.evaluations.enqueue(request);
else if (mode === 'work') studio.workOnQueue();
else {
  const events = await client.evaluations.start(request);
  void (async () => {
    for await (const _ of events);
  })();
}
while ((await client.queue.list())[0]?.status !== 'working') await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write('working\n');
setInterval(() => undefined, 1000);
