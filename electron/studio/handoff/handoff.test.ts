/** @file Job folders: what is in them, what is not, and what cannot be handed off. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HandoffRequest } from '../../contract/model/handoffs.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { Recipe } from '../../contract/model/recipe.ts';
import { DEFAULT_GRPO, DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { betaCurve } from '../../method/kl-curve.ts';
import { localPictures } from '../../pictures/work.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { buildJudge } from '../../tools/setup/judge-bundle.mjs';
import { editSamples } from '../datasets/edit/edit.ts';
import { makeSmallRun, type SmallRunOptions } from '../exports/fixtures/small-run.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { createHandoff } from './create-handoff.ts';

const judgeBundle = join(temporaryFolder(), 'judge.mjs');
let folder: string;
let store: Store;
let runId: RunId;

beforeAll(() => buildJudge(judgeBundle), 60_000);
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => store.close());

async function open(options: SmallRunOptions = {}): Promise<void> {
  store = await openStore(join(folder, 'home'));
  // The run of the fixture warms up for longer than it lasts, which a new run may not.
  runId = await makeSmallRun(store, folder, {
    recipe: { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 } },
    ...options,
  });
}

function handOff(request: Partial<HandoffRequest> = {}): ReturnType<typeof createHandoff> {
  const whole = { destination: join(folder, 'job'), ...(request.recipe === undefined ? { runId } : {}), ...request };
  return createHandoff(store, HandoffRequest.parse(whole), { version: '0.0.0-test', judgeBundle });
}

/** A new recipe on the small run's model and data. */
async function recipeWith(fields: Record<string, unknown>): Promise<Partial<HandoffRequest>> {
  const { recipe } = await store.runs.recipeOf(runId);
  const { modelSha256: _model, datasetSha256: _dataset, ...rest } = recipe;
  return { recipe: { ...rest, ...fields } };
}

const job = (name: string): string => join(folder, 'job', name);
const json = (name: string): Record<string, unknown> => JSON.parse(readFileSync(job(name), 'utf8')) as never;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function filesUnder(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(root, name) : [name];
  });
}

describe('a job folder', () => {
  it('holds the recipe, the planned KL weights and a manifest of every file', async () => {
    await open();
    const handoff = await handOff();
    const { recipe, sha256: recipeSha256 } = await store.runs.recipeOf(runId);
    expect(Recipe.parse((parse(readFileSync(job('recipe.yaml'), 'utf8')) as { recipe: unknown }).recipe)).toEqual(
      recipe,
    );
    expect(json('plan.json')['beta']).toEqual([...betaCurve(recipe.klSchedule, recipe.steps)]);
    const { files, ...manifest } = json('manifest.json') as { files: { name: string; sha256: string }[] };
    expect(manifest).toMatchObject({ handoffId: handoff.id, recipeSha256, datasetSha256: recipe.datasetSha256 });
    expect(files.map(({ name }) => name).sort()).toEqual(
      filesUnder(job(''))
        .filter((name) => name !== 'manifest.json')
        .sort(),
    );
    for (const each of files) expect(sha256(readFileSync(job(each.name))), each.name).toBe(each.sha256);
    expect(handoff.manifestSha256).toBe(sha256(readFileSync(job('manifest.json'))));
    expect(statSync(job('run.sh')).mode & 0o100).toBe(0o100);
    expect(await store.handoffs.list()).toEqual([handoff]);
    expect(await store.audit.verify()).toMatchObject({ intact: true });
    expect((await store.audit.all()).at(-1)).toMatchObject({ action: 'handoff.created' });
  });

  it('holds the original bytes of the training images, and none that opted out', async () => {
    await open({ optedOut: [1] });
    const handoff = await handOff();
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(job('data/train.parquet')), utf8: false });
    const used = (await store.datasets.allSamples((await store.runs.recipeOf(runId)).recipe.datasetId, 'train')).filter(
      ({ excluded }) => excluded === null,
    );
    expect(rows.map(({ id }) => String(id))).toEqual(used.map(({ id }) => id));
    expect(rows).toHaveLength(3);
    expect(handoff).toMatchObject({ samples: 3, images: 3 });
    rows.forEach(({ image, image_sha256: hash, answer }, index) => {
      expect(sha256((image as { bytes: Uint8Array }).bytes)).toBe(used[index]?.imageSha256);
      expect([String(hash), String(answer)]).toEqual([used[index]?.imageSha256, '3']);
    });
    const leftOut = Buffer.from('image 1');
    for (const name of filesUnder(job(''))) expect(readFileSync(job(name)).includes(leftOut), name).toBe(false);
  });

  it('takes an adapter on merger and vision tower, which it trains too', async () => {
    await open();
    const layers = ['language', 'merger', 'vision'] as const;
    const adapter = {
      kind: 'lora' as const,
      r: 2,
      loraAlpha: 4,
      targetModules: ['q_proj' as const],
      layers: [...layers],
    };
    await handOff(await recipeWith({ adapter }));
    const { recipe } = parse(readFileSync(job('recipe.yaml'), 'utf8')) as { recipe: unknown };
    expect(Recipe.parse(recipe).adapter).toEqual(adapter);
  });

  it('names no path, host or user of this machine', async () => {
    await open();
    await handOff({ launcher: 'ray' });
    const own = [folder, tmpdir(), homedir(), process.cwd(), hostname()].filter((text) => text.length > 3);
    for (const name of filesUnder(job(''))) {
      const text = readFileSync(job(name), 'latin1');
      for (const secret of own) expect(text.includes(secret), `${name} names ${secret}`).toBe(false);
      expect(text, name).not.toMatch(/PRIVATE KEY|ATELIER_HOME|(password|token|secret)\s*[:=]\s*['"][^'"]{8}/i);
    }
  });

  it('scores with the same code as the studio, own rewards in their sandbox', async () => {
    await open();
    const source = 'export function score(completion) { return completion.length > 3 ? 1 : null; }\n';
    const params = { label: 'long', file: 'long.js', source, sha256: sha256(Buffer.from(source)) };
    await handOff(
      await recipeWith({
        rewards: [
          { name: 'accuracy', weight: 1 },
          { name: 'custom', weight: 0.5, params },
        ],
      }),
    );
    const items = ['<answer>3</answer>', '4'].map((completion) => ({ completion, answer: '3', task: 'counting' }));
    const asked = [
      { id: 1, op: 'score', items },
      { id: 2, op: 'order', steps: 2, samples: 4 },
      { id: 3, op: 'nothing' },
    ];
    const said = execFileSync(process.execPath, [job('rewards/judge.mjs'), job('rewards/rewards.json')], {
      input: asked.map((each) => `${JSON.stringify(each)}\n`).join(''),
      cwd: tmpdir(),
      env: {},
      encoding: 'utf8',
    });
    const answers = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers[0]).toEqual({
      id: 1,
      scores: [
        [1, 1],
        [0, null],
      ],
      verdicts: ['correct', 'unparsed'],
      thoughts: [false, false],
    });
    expect((answers[1]!['order'] as number[][]).map(({ length }) => length)).toEqual([2, 2]);
    expect(answers[2]).toMatchObject({ id: 3, error: expect.any(String) as string });
  });

  it('can leave the base model out, and says which one it was', async () => {
    await open();
    await handOff({ model: 'reference' });
    const { modelSha256 } = (await store.runs.recipeOf(runId)).recipe;
    expect(readdirSync(job('model'))).toEqual(['reference.json']);
    expect(json('model/reference.json')).toMatchObject({ name: 'atelier/tiny', sha256: modelSha256 });
  });

  it.each([
    ['shell', []],
    ['slurm', ['job.sbatch']],
    ['skypilot', ['sky.yaml']],
    ['ray', ['fetch.py', 'ray_train.py', 'submit.sh']],
  ] as const)('for %s has its launcher', async (launcher, files) => {
    await open();
    await handOff({ launcher });
    expect(existsSync(job('launch')) ? readdirSync(job('launch')).sort() : []).toEqual(files);
    expect(readFileSync(job('requirements.txt'), 'utf8').includes('\nray==')).toBe(launcher === 'ray');
  });
});

describe('is refused, and nothing is left', () => {
  async function refused(request: Partial<HandoffRequest>, expected: Record<string, unknown>): Promise<void> {
    await expect(handOff(request)).rejects.toMatchObject(expected);
    expect(readdirSync(folder).filter((name) => /job|partial/.test(name))).toEqual([]);
    expect(await store.handoffs.list()).toEqual([]);
  }

  it.each([
    ['a whole model', { adapter: { kind: 'full' } }, 'adapter'],
    [
      'several updates a step',
      { grpo: { ...DEFAULT_GRPO, promptsPerStep: 2, numGenerations: 2, numIterations: 2 } },
      'grpo.numIterations',
    ],
    [
      'a schedule that measures',
      { klSchedule: { kind: 'accuracy-conditioned', betaMin: 0.02, betaMax: 0.1, smoothing: 0.8 } },
      'klSchedule',
    ],
  ])('%s', async (_, fields, field) => {
    await open();
    await refused(await recipeWith(fields), { code: 'BAD_INPUT', place: { field } });
  });

  it('a run whose data has changed since', async () => {
    await open();
    const { datasetId } = (await store.runs.recipeOf(runId)).recipe;
    const [sample] = await store.datasets.allSamples(datasetId);
    await editSamples(
      { ...store, pictures: localPictures },
      { datasetId, select: { sampleIds: [sample!.id] }, set: { answer: '4' } },
    );
    await refused({}, { code: 'CONFLICT', place: { field: 'datasetSha256' } });
  });

  it('a base model whose files have changed', async () => {
    await open();
    appendFileSync(join(folder, 'base', 'generation_config.json'), '\n');
    await refused({}, { code: 'CONFLICT', place: { file: join(folder, 'base') } });
  });

  it('a model of a family that its programs do not prepare', async () => {
    await open({ family: 'smolvlm' });
    await refused({}, { code: 'BAD_INPUT', place: { field: 'modelId' } });
  });

  it('a folder that exists', async () => {
    await open();
    await expect(handOff({ destination: join(folder, 'base') })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await store.handoffs.list()).toEqual([]);
  });
});
