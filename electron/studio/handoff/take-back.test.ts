/** @file Folders that come back: steps, answers and adapters become a run; what is damaged or foreign changes nothing. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Handoff, ReturnedRun } from '../../contract/model/handoffs.ts';
import { HandoffRequest } from '../../contract/model/handoffs.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { betaCurve } from '../../method/kl-curve.ts';
import { makeTemporary, removeTemporary } from '../../formats/temporary-folder.ts';
import { makeSmallRun } from '../exports/fixtures/small-run.ts';
import { clientOf, openTestStudio, temporaryFolder } from '../fixtures/test-studio.ts';
import { openStore } from '../../store/connection/open.ts';
import type { Studio } from '../studio.ts';
import { createHandoff } from './create-handoff.ts';
import { fakeResults, line, type Changes } from './testing/fake-results.ts';

const STEPS = 4;
let folder: string;
let job: string;
let studio: Studio;
let client: ReturnType<typeof clientOf>;
let handoff: Handoff;
let recipe: Recipe;
let fake: ReturnType<typeof fakeResults>;

beforeEach(async () => {
  folder = temporaryFolder();
  job = join(folder, 'job');
  const home = join(folder, 'home');
  const store = await openStore(home);
  const settings = { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 }, steps: STEPS };
  const runId = await makeSmallRun(store, folder, { recipe: settings });
  const judgeBundle = join(folder, 'judge.mjs');
  writeFileSync(judgeBundle, '// the rewards\n');
  const request = HandoffRequest.parse({ runId, destination: job, model: 'reference' });
  handoff = await createHandoff(store, request, { version: '0.0.0-test', judgeBundle });
  recipe = (await store.runs.recipeOf(runId)).recipe;
  const samples = await store.datasets.allSamples(recipe.datasetId, 'train');
  await store.close();
  studio = await openTestStudio(home);
  client = clientOf(studio);
  fake = fakeResults({ results: results(), recipe, recipeSha256: handoff.recipeSha256, samples });
});
afterEach(() => studio.close());

const results = (...names: string[]): string => join(job, 'results', ...names);
const metrics = (step: number, changes?: Changes): Changes => fake.metrics(step, changes);
const completions = (step: number, changes?: Changes): Changes => fake.completions(step, changes);
const addSteps = (from: number, to: number): void => fake.addSteps(from, to);
const addCheckpoint = (step: number): string => fake.addCheckpoint(step);
const status = (word: string): void => fake.status(word);

const environment = { device: 'cuda', torch: '2.13.0', trl: '1.16.0', workers: 1 };
const write = (name: string, value: unknown): void => writeFileSync(results(name), JSON.stringify(value));

async function takeRun(path: string): Promise<ReturnedRun> {
  const taken = await client.handoffs.takeBack({ path });
  if ('runs' in taken) throw new Error('This is an experiment.');
  return taken;
}

/** The beginning of a PNG that says it is this wide and high. */
function pngHeader(pixels: number): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000', 'hex');
  header.writeUInt32BE(pixels, 16);
  header.writeUInt32BE(pixels, 20);
  return header;
}

const runsNow = async (): Promise<string[]> => (await client.runs.list()).map(({ id }) => id);

describe('a folder that comes back', () => {
  it('becomes a run marked as trained elsewhere, with curves, answers and an adapter to evaluate', async () => {
    addSteps(1, STEPS);
    addCheckpoint(2);
    addCheckpoint(STEPS);
    status('completed');
    const taken = await takeRun(job);
    expect(taken).toMatchObject({
      handoffId: handoff.id,
      stepBefore: 0,
      step: STEPS,
      checkpoints: [2, STEPS],
      isComplete: true,
    });
    const { summary, device, recipe: own } = await client.runs.get({ runId: taken.runId });
    expect(summary).toMatchObject({ status: 'completed', step: STEPS, lastCheckpointStep: STEPS, elsewhere: true });
    expect((await client.runs.list()).map((run) => run.elsewhere)).toEqual([true, undefined]);
    expect(device).toBe(`elsewhere (${handoff.id}): cuda, torch 2.13.0, TRL 1.16.0, 1 worker`);
    expect(own).toEqual(recipe);
    expect((await client.runs.steps({ runId: taken.runId })).map(({ beta }) => beta)).toEqual([
      ...betaCurve(recipe.klSchedule, STEPS),
    ]);
    const [group] = await client.runs.completions({ runId: taken.runId, step: 1 });
    expect(group?.completions.map(({ text }) => text)).toEqual(['<answer>3</answer>', '<answer>x</answer>']);
    expect(taken.evaluations.map((each) => each.runId)).toEqual([taken.runId]);
    const { entries } = await client.system.audit({ limit: 20 });
    expect(entries.some(({ action }) => action === 'handoff.returned')).toBe(true);
  });

  it('says which settings of TRL the job was given beside the recipe', async () => {
    addSteps(1, 1);
    const own = { dtype: 'bfloat16', accumulate: 2, trlSettings: ['use_vllm=true', 'vllm_mode=colocate'] };
    write('environment.json', { ...environment, ...own });
    const { runId } = await takeRun(job);
    expect((await client.runs.get({ runId })).device).toMatch(
      /1 worker, base model in bfloat16, updates in 2 parts, with its own use_vllm, vllm_mode$/,
    );
  });

  it('is exported with papers that say who computed what', async () => {
    addSteps(1, 2);
    addCheckpoint(2);
    const { runId } = await takeRun(job);
    const destination = join(folder, 'bundle');
    for await (const _ of await client.exports.create({ runId, destination }));
    const card = readFileSync(join(destination, 'README.md'), 'utf8');
    expect(card).toMatch(
      /Trained elsewhere .*cuda, torch 2\.13\.0, TRL 1\.16\.0.* the files of that job alone attest them/,
    );
    expect(card).not.toContain('as the engine named it');
    expect(readFileSync(join(destination, 'audit.jsonl'), 'utf8')).toContain('handoff.returned');
    expect(
      (await client.exports.verify({ path: destination })).checks.filter(({ outcome }) => outcome === 'fail'),
    ).toEqual([]);
  });

  it('can be taken back again and again while the job runs, and says when there is nothing new', async () => {
    addSteps(1, 1);
    // Still being written.
    appendFileSync(results('metrics.jsonl'), JSON.stringify(metrics(2)).slice(0, 40));
    const first = await takeRun(job);
    expect(first).toMatchObject({ stepBefore: 0, step: 1, isComplete: false, evaluations: [] });
    expect((await client.runs.get({ runId: first.runId })).summary).toMatchObject({ status: 'interrupted', step: 1 });
    await expect(client.runs.resume({ runId: first.runId })).rejects.toMatchObject({ code: 'CONFLICT' });
    // The job died and resumed: it ends the cut line and repeats its steps.
    appendFileSync(results('metrics.jsonl'), '\n');
    addSteps(1, 3);
    addCheckpoint(2);
    expect(await takeRun(job)).toMatchObject({
      runId: first.runId,
      step: 3,
      checkpoints: [2],
    });
    addSteps(4, STEPS);
    addCheckpoint(STEPS);
    status('completed');
    const last = await takeRun(job);
    expect(last).toMatchObject({ runId: first.runId, step: STEPS, checkpoints: [STEPS], isComplete: true });
    expect(await takeRun(job)).toMatchObject({
      step: STEPS,
      stepBefore: STEPS,
      checkpoints: [],
      evaluations: [],
    });
    expect((await client.runs.steps({ runId: first.runId })).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  it('needs no more than the manifest and the results', async () => {
    addSteps(1, 2);
    const copy = join(folder, 'copy');
    mkdirSync(copy);
    cpSync(join(job, 'manifest.json'), join(copy, 'manifest.json'));
    cpSync(join(job, 'results'), join(copy, 'results'), { recursive: true });
    // What the other machine keeps for itself.
    mkdirSync(join(copy, '.venv', 'bin'), { recursive: true });
    symlinkSync('/usr/bin/python3', join(copy, '.venv', 'bin', 'python'));
    for (const name of ['.venv.lock', 'slurm-17.log', 'slurm-17_2.log']) writeFileSync(join(copy, name), '');
    expect(await takeRun(copy)).toMatchObject({ step: 2 });
  });
});

describe('a process that was killed while it took a folder back', () => {
  /** As `makeTemporary` names it in a process that is gone: Linux gives no number above 4194303. */
  async function leftover(parent: string): Promise<string> {
    const mine = await makeTemporary('handback', folder);
    const [, , , machine = ''] = basename(mine).split('-');
    await removeTemporary(mine);
    const path = join(parent, `atelier-handback-4194304-${machine}-${'a'.repeat(12)}`);
    mkdirSync(join(path, 'step-000002'), { recursive: true });
    writeFileSync(join(path, 'step-000002', 'adapter_model.safetensors'), 'half');
    return path;
  }

  it('leaves nothing after the next start, and takes nothing along that is recorded or in use', async () => {
    addSteps(1, 2);
    addCheckpoint(2);
    const { runId } = await takeRun(job);
    const runs = join(folder, 'home', 'runs');
    const unknown = join(runs, 'run-0a0b0c0d');
    const [own, unrecorded] = [join(runs, runId), join(runs, runId, 'checkpoints', 'step-000004')];
    const gone = [await leftover(runs), await leftover(own), unrecorded, unknown];
    await leftover(unknown);
    for (const place of [unrecorded, join(unknown, 'checkpoints', 'step-000002')])
      mkdirSync(place, { recursive: true });
    const live = await makeTemporary('handback', runs);
    const kept = [live, join(own, 'checkpoints', 'step-000002', 'adapter_model.safetensors')];
    await studio.close();

    studio = await openTestStudio(join(folder, 'home'));
    client = clientOf(studio);
    await vi.waitFor(() => expect(gone.filter(existsSync)).toEqual([]), { timeout: 60_000 });
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
    await removeTemporary(live);
    addSteps(3, STEPS);
    addCheckpoint(STEPS);
    status('completed');
    expect(await takeRun(job)).toMatchObject({ runId, step: STEPS, checkpoints: [STEPS] });
  });
});

describe('is refused with the reason, and changes nothing', () => {
  const cases: [string, () => void, RegExp][] = [
    [
      'a foreign folder',
      () => writeFileSync(join(job, 'manifest.json'), '{"files":[]}'),
      /not one that this data folder handed off/,
    ],
    ['no manifest', () => rmSync(join(job, 'manifest.json')), /manifest\.json is missing/],
    [
      'a manifest that is a link',
      () => {
        cpSync(join(job, 'manifest.json'), join(folder, 'elsewhere.json'));
        rmSync(join(job, 'manifest.json'));
        symlinkSync(join(folder, 'elsewhere.json'), join(job, 'manifest.json'));
      },
      /not an ordinary file/,
    ],
    [
      'changed samples',
      () => truncateSync(join(job, 'data', 'train.parquet'), 100),
      /data\/train\.parquet is not the file/,
    ],
    ['another recipe', () => appendFileSync(join(job, 'recipe.yaml'), '\n'), /recipe\.yaml is not the file/],
    ['a link in the results', () => symlinkSync('/etc', results('checkpoints')), /is a link/],
    ['a pickle', () => writeFileSync(results('optimizer.pt'), 'x'), /may be a pickle/],
    [
      'a pickle in a checkpoint',
      () => writeFileSync(join(addCheckpoint(2), 'adapter_model.bin'), 'x'),
      /may be a pickle/,
    ],
    ['a stray file', () => writeFileSync(join(job, 'notes.html'), 'x'), /notes\.html does not belong/],
    [
      'a picture of 60,000 × 60,000 pixels',
      () => writeFileSync(results('huge.png'), pngHeader(60_000)),
      /huge\.png does not belong/,
    ],
    [
      'pictures of 60,000 pixels in place of the samples',
      () => writeFileSync(join(job, 'data', 'train.parquet'), pngHeader(60_000)),
      /data\/train\.parquet is not the file/,
    ],
    [
      'a manifest with a path that leads out',
      () => {
        const file = join(job, 'manifest.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"recipe.yaml"', '"../../recipe.yaml"'));
      },
      /not one that this data folder handed off/,
    ],
    [
      'a manifest with an absolute path',
      () => {
        const file = join(job, 'manifest.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"recipe.yaml"', '"/etc/passwd"'));
      },
      /not one that this data folder handed off/,
    ],
    [
      'results that are a link out of the folder',
      () => {
        cpSync(results(), join(folder, 'outside'), { recursive: true });
        rmSync(results(), { recursive: true });
        symlinkSync(join(folder, 'outside'), results());
      },
      /results is a link/,
    ],
    [
      'a link in a checkpoint',
      () => {
        const file = join(addCheckpoint(2), 'adapter_model.safetensors');
        cpSync(file, join(folder, 'outside.safetensors'));
        rmSync(file);
        symlinkSync(join(folder, 'outside.safetensors'), file);
      },
      /adapter_model\.safetensors is a link/,
    ],
    ['a pipe', () => execFileSync('mkfifo', [results('status.pipe')]), /is not an ordinary file/],
    [
      'a checkpoint with a strange name',
      () => cpSync(addCheckpoint(2), results('checkpoints', 'step-1e3'), { recursive: true }),
      /step-1e3.* does not belong/,
    ],
    [
      'a sample with an absolute path for its name',
      () => appendFileSync(results('completions.jsonl'), line(completions(2, { sampleId: '/etc/passwd' }))),
      /was not handed off/,
    ],
    [
      'an adapter whose tensors are named after a path',
      () => {
        const place = addCheckpoint(2);
        const file = join(place, 'adapter_model.safetensors');
        const bytes = readFileSync(file);
        // Of the same length, so that the file stays whole.
        const renamed = bytes.toString('latin1').replace('base_model.model.', '../../../../etc/p');
        writeFileSync(file, Buffer.from(renamed, 'latin1'));
        fake.noteCheckpoint(place, 2);
      },
      /not an adapter that can be used/,
    ],
    [
      'an adapter that asks for code of its own',
      () => {
        const place = addCheckpoint(2);
        const file = join(place, 'adapter_config.json');
        const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
        writeFileSync(file, JSON.stringify({ ...config, peft_type: 'X_LORA' }));
        fake.noteCheckpoint(place, 2);
      },
      /not an adapter that can be used/,
    ],
    [
      'steps of another recipe',
      () => appendFileSync(results('metrics.jsonl'), line(metrics(3, { recipeSha256: 'a'.repeat(64) }))),
      /steps of another recipe/,
    ],
    ['a gap', () => appendFileSync(results('metrics.jsonl'), line(metrics(4))), /lacks step 3/],
    [
      'a step too many',
      () => {
        addSteps(3, 4);
        appendFileSync(results('metrics.jsonl'), line(metrics(5, { beta: 0.1 })));
      },
      /the recipe ends at 4/,
    ],
    [
      'another KL weight',
      () => appendFileSync(results('metrics.jsonl'), line(metrics(2, { beta: 0.5 }))),
      /applied the KL weight 0\.5/,
    ],
    [
      'numbers that are none',
      () => appendFileSync(results('metrics.jsonl'), line(metrics(3, { loss: 'NaN' }))),
      /a line that is not a step/,
    ],
    [
      'other rewards',
      () => appendFileSync(results('metrics.jsonl'), line(metrics(3, { rewards: [] }))),
      /names other rewards/,
    ],
    [
      'made-up scores',
      () => appendFileSync(results('completions.jsonl'), line(completions(2, { text: '<answer>9</answer>' }))),
      /scores at step 2 that the recipe's rewards do not give/,
    ],
    [
      'an unknown sample',
      () => appendFileSync(results('completions.jsonl'), line(completions(2, { sampleId: '../../etc/passwd' }))),
      /was not handed off/,
    ],
    [
      'a cut adapter',
      () => truncateSync(join(addCheckpoint(2), 'adapter_model.safetensors'), 200),
      /does not have the size/,
    ],
    [
      'an adapter with another hash',
      () => {
        const file = join(addCheckpoint(2), 'adapter_model.safetensors');
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
      /does not have the hash/,
    ],
    [
      'a checkpoint of another recipe',
      () => {
        const file = join(addCheckpoint(2), 'checkpoint.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(handoff.recipeSha256, 'b'.repeat(64)));
      },
      /belongs to another recipe/,
    ],
    [
      'a checkpoint that names a path',
      () => {
        const file = join(addCheckpoint(2), 'checkpoint.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('adapter_config.json', '../../../x.json'));
      },
      /checkpoint\.json cannot be read/,
    ],
    [
      'an adapter that is none',
      () => {
        const place = addCheckpoint(2);
        const bytes = Buffer.from('not safetensors at all');
        writeFileSync(join(place, 'adapter_model.safetensors'), bytes);
        const note = JSON.parse(readFileSync(join(place, 'checkpoint.json'), 'utf8')) as {
          files: { sha256: string; sizeBytes: number }[];
        };
        Object.assign(note.files[1]!, {
          sha256: createHash('sha256').update(bytes).digest('hex'),
          sizeBytes: bytes.length,
        });
        writeFileSync(join(place, 'checkpoint.json'), JSON.stringify(note));
      },
      /not an adapter that can be used/,
    ],
  ];

  it.each(cases)('%s', async (_, damage, reason) => {
    addSteps(1, 2);
    const before = await runsNow();
    damage();
    await expect(client.handoffs.takeBack({ path: job })).rejects.toMatchObject({
      message: expect.stringMatching(reason) as string,
    });
    expect(await runsNow()).toEqual(before);
    expect(readdirSync(join(folder, 'home', 'runs')).filter((name) => name.includes('handback'))).toEqual([]);
    expect((await client.system.audit({ limit: 50 })).entries.some(({ action }) => action === 'handoff.returned')).toBe(
      false,
    );
  });

  it('a folder that is not there', async () => {
    await expect(client.handoffs.takeBack({ path: join(folder, 'none') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('steps that were final when they were taken back', async () => {
    addSteps(1, 2);
    addCheckpoint(2);
    const { runId } = await takeRun(job);
    appendFileSync(results('metrics.jsonl'), line(metrics(1, { loss: 7 })));
    await expect(client.handoffs.takeBack({ path: job })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await client.runs.steps({ runId })).map(({ loss }) => loss)).toEqual([0.001, 0.002]);
  });
});
