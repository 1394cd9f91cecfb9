/** @file A run and an experiment as one page: what it says, and that it needs nothing but itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';

const SELF_CONTAINED = [/(?:src|href)="(?!data:)/, /url\(|@import|https?:\/\//, /<script/];

describe('a report', () => {
  let on: TestStudio;
  beforeAll(async () => {
    on = await prepareStudio();
  });
  afterAll(() => on.studio.close());

  function expectSelfContained(html: string): void {
    for (const outside of SELF_CONTAINED) expect(html).not.toMatch(outside);
    expect(html).toContain("default-src 'none'");
  }

  it('of a run shows figures, curves, pictures, credits and recipe, and nothing else is needed', async () => {
    const request = { modelId: on.modelId, datasetId: on.datasetId, steps: 4, name: 'Äpfel <b>&</b>' };
    const run = await untilEnded(on.client, await on.client.runs.start(request));
    const { fileName, html } = await on.client.reports.page({ kind: 'run', runId: run.id });
    expect(fileName).toMatch(/^Apfel-b-b-report\.html$/);
    expectSelfContained(html);
    expect(html).toContain('Äpfel &lt;b&gt;&amp;&lt;/b&gt;');
    expect(html.match(/<svg role="img"/g)?.length).toBeGreaterThanOrEqual(3);
    expect(html.match(/<img src="data:image\/webp;base64,/g)).toHaveLength(3);
    expect(html).toContain('4 of 4 ×');
    expect(html).toContain('CC0-1.0');
    expect(html).toContain(`${run.tuned?.correct ?? ''} of ${run.tuned?.n ?? ''}`);
    expect(html).not.toMatch(/NaN|undefined|\bnull<|Infinity/);
  });

  it('of a run without evaluations says that nothing can be said', async () => {
    const stopped = await on.client.runs.start({ modelId: on.modelId, datasetId: on.datasetId, steps: 400 });
    const { html } = await on.client.reports.page({ kind: 'run', runId: stopped.id });
    expectSelfContained(html);
    expect(html).toContain('nothing can be said about what the run changed');
    await on.client.runs.stop({ runId: stopped.id });
  });

  it('of an experiment shows every arm with its interval, the conclusions and the runs', async () => {
    const { id } = await on.client.experiments.start({
      kind: 'contest',
      modelId: on.modelId,
      recipe: { steps: 2, checkpointEvery: 1 },
      seeds: [7],
      task: { datasetId: on.datasetId },
      arms: ['base', 'sft'],
    });
    for await (const _ of await on.client.experiments.watch({ experimentId: id }));
    const { html } = await on.client.reports.page({ kind: 'experiment', experimentId: id });
    expectSelfContained(html);
    expect(html.match(/class="range" role="img"/g)).toHaveLength(2);
    expect(html).toContain('What can be concluded');
    expect(html).toContain('2 of 2 parts done');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('of what does not exist is refused', async () => {
    const unknown = { code: 'NOT_FOUND' };
    await expect(on.client.reports.page({ kind: 'run', runId: 'run-0' })).rejects.toMatchObject(unknown);
    await expect(on.client.reports.page({ kind: 'experiment', experimentId: 'no' })).rejects.toMatchObject(unknown);
  });
});
