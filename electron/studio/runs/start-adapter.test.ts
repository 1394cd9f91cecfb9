/** @file A run that begins with a PEFT folder made elsewhere: what is recorded, what is refused, and what it resumes from. */
import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { RunRequest, RunSummary } from '../../contract/model/runs.ts';
import { recipeFromYaml, recipeToYaml } from '../../reporting/recipe-yaml.ts';
import { prepareStudio, temporaryFolder, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const ADAPTERS = fileURLToPath(new URL('../../engine/fixtures/adapters/', import.meta.url));
const CARD = `---\nbase_model: qwen2vl-tiny\nlicense: cc-by-nc-4.0\n---\n\n- **Developed by:** [Ada](https://ada.example)\n`;

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function ready(): Promise<TestStudio> {
  const prepared = await prepareStudio();
  open.push(prepared.studio);
  return prepared;
}

function adapter(name: string, card = CARD): string {
  const folder = join(temporaryFolder(), `${name}-by-ada`);
  cpSync(join(ADAPTERS, name), folder, { recursive: true });
  writeFileSync(join(folder, 'README.md'), card);
  return folder;
}

function start(on: TestStudio, name: string, request: Partial<RunRequest>): Promise<RunSummary> {
  const { modelId, datasetId } = on;
  return on.client.runs.start({ modelId, datasetId, name, steps: 2, checkpointEvery: 2, ...request });
}

const failure = async (promise: Promise<unknown>) =>
  decodeError(
    await promise.then(
      () => null,
      (caught: unknown) => caught,
    ),
  );

describe('an adapter made elsewhere', () => {
  it('gives the run its settings, its statements and a copy of itself', async () => {
    const on = await ready();
    const path = adapter('rslora');
    // As in a folder that Atelier exported.
    mkdirSync(join(path, 'LICENSES'));
    const run = await start(on, 'on', { startAdapter: { path } });
    rmSync(path, { recursive: true });
    await untilEnded(on.client, run);
    const { summary, recipe } = await on.client.runs.get({ runId: run.id });
    expect(summary.status).toBe('completed');
    expect(recipe.startAdapter).toEqual({
      name: 'rslora-by-ada',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      licence: 'CC-BY-NC-4.0',
      author: 'Ada',
      baseModel: 'qwen2vl-tiny',
    });
    expect(recipe.adapter).toMatchObject({ kind: 'lora', targetModules: ['q_proj', 'down_proj'], r: 4, loraAlpha: 12 });
    expect(existsSync(join(on.home, 'runs', run.id, 'start', 'README.md'))).toBe(true);

    const ledger = await on.client.ledger.forRun({ runId: run.id });
    expect(ledger.startAdapter).toMatchObject({ name: 'rslora-by-ada', licence: 'CC-BY-NC-4.0' });
    const commercially = ledger.purposes.find(({ purpose }) => purpose === 'publish-commercially');
    expect(commercially?.sentence).toContain('The adapter “rslora-by-ada”, with which training began');

    // Its recipe alone begins with the same adapter, and a run that goes on from it rests on it.
    const { modelSha256: _m, datasetSha256: _d, name: _n, ...rest } = recipe;
    const read = recipeFromYaml(recipeToYaml(rest, { model: 'tiny', dataset: 'images' }));
    const startAdapter = 'recipe' in read ? read.recipe.startAdapter : undefined;
    const again = await start(on, 'again', startAdapter === undefined ? {} : { startAdapter });
    await untilEnded(on.client, again);
    expect((await on.client.runs.get({ runId: again.id })).recipe.startAdapter).toEqual(recipe.startAdapter);
    const branch = await start(on, 'branch', { startFrom: { runId: run.id } });
    await untilEnded(on.client, branch);
    const { recipe: branched } = await on.client.runs.get({ runId: branch.id });
    expect(branched).toMatchObject({ startFrom: { runId: run.id }, startAdapter: recipe.startAdapter });
  });

  it('that states no licence needs a decision', async () => {
    const on = await ready();
    const run = await start(on, 'on', { startAdapter: { path: adapter('gaussian', 'A card without front matter.') } });
    await untilEnded(on.client, run);
    const { recipe } = await on.client.runs.get({ runId: run.id });
    expect(recipe.startAdapter).toMatchObject({ licence: null, author: null });
    const { purposes } = await on.client.ledger.forRun({ runId: run.id });
    expect(purposes.map(({ verdict }) => verdict)).toEqual(['needs-decision', 'needs-decision', 'needs-decision']);
  });

  it('may change merger and vision tower, and the run then trains them too', async () => {
    const on = await ready();
    const path = fileURLToPath(new URL('../../engine/fixtures/tower-lora/qwen2-vl', import.meta.url));
    const { recipe } = await on.client.runs.get({ runId: (await start(on, 'on', { startAdapter: { path } })).id });
    const targetModules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
    const layers = ['language', 'merger', 'vision'];
    expect(recipe.adapter).toEqual({ kind: 'lora', r: 2, loraAlpha: 3, targetModules, layers });
  });

  it.each([
    ['patterns', 'rank_pattern'],
    // Some layers of the vision tower only.
    ['vision', 'layers_to_transform'],
    ['excluded', 'layers_to_transform'],
    ['narrow', 'target_modules'],
    ['missing', 'target_modules'],
  ])('is refused where training cannot go on exactly: %s', async (name, field) => {
    const on = await ready();
    const error = await failure(start(on, name, { startAdapter: { path: adapter(name) } }));
    expect(error).toMatchObject({ code: 'BAD_INPUT', place: { field } });
    expect(await on.client.runs.list()).toEqual([]);
  });

  it('is refused beside another start, with other settings, damaged, or not there', async () => {
    const on = await ready();
    const path = adapter('rslora');
    const refused = (request: Partial<RunRequest>) => failure(start(on, 'x', { startAdapter: { path }, ...request }));
    const other = { kind: 'lora', r: 3, loraAlpha: 8, targetModules: ['q_proj'] } as const;
    expect(await refused({ adapter: { ...other, targetModules: ['q_proj'] } })).toMatchObject({
      place: { field: 'adapter' },
    });
    expect(await refused({ startAdapter: { path, sha256: '0'.repeat(64) } })).toMatchObject({
      place: { field: 'startAdapter.sha256' },
    });
    expect(await refused({ startAdapter: { path: join(path, 'nowhere') } })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refused({ startAdapter: {} })).toMatchObject({ code: 'NOT_FOUND' });
    const run = await start(on, 'first', { startAdapter: { path } });
    expect(await refused({ startFrom: { runId: run.id } })).toMatchObject({ place: { field: 'startAdapter' } });
    await untilEnded(on.client, run);
    appendFileSync(join(on.home, 'runs', run.id, 'start', 'README.md'), 'More.');
    const { recipe } = await on.client.runs.get({ runId: run.id });
    const gone = await failure(start(on, 'y', { startAdapter: { sha256: recipe.startAdapter?.sha256 ?? '' } }));
    expect(gone).toMatchObject({ place: { field: 'startAdapter.sha256' } });
  });
});
