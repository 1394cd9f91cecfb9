/** @file What an export contains and how it is shown: contribution, preview, receipt, export forms, wrapped keys. */
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GgufCheck, MergedCheck } from '../../../contract/model/exports.ts';
import type { Progress } from '../../../contract/model/primitives.ts';
import { Contribution, ExportPreview, Receipt } from '../../../contract/api/index.ts';
import type { ExportSummary, RunId, VerifyReport } from '../../../contract/api/index.ts';
import { readCheckpoint } from '../../../formats/checkpoint.ts';
import { readAdapter } from '../../../formats/peft.ts';
import { createEngineClient, type EngineClient } from '../../engine-client/engine-client.ts';
import { nodeChild } from '../../../processes/node-child.ts';
import { registerModel } from '../../models/register.ts';
import { openCheckpointTensors } from '../../../formats/safetensors.ts';
import { signModel } from '../../../provenance/signing/model-signing.ts';
import { withDatabase } from '../../../store/testing/raw-database.ts';
import { openStore } from '../../../store/connection/open.ts';
import type { Store } from '../../../store/connection/open.ts';
import { contributionReport } from '../../contribution/of-run.ts';
import { createExport } from './create-export.ts';
import { FILE } from './documents.ts';
import { digestFolder } from './folder.ts';
import { FIXTURES, makeSmallRun } from '../fixtures/small-run.ts';
import { previewExport } from './preview.ts';
import { receiptOf } from './receipt.ts';
import { fileKeyVault, loadSigner, ownPublicKey } from './signing-key.ts';
import { verifyBundle } from '../verify/verify.ts';
import { wrappedKeyVault } from './wrapped-key.ts';
import { resultOf } from '../../../contract/model/result-events.ts';

const engine = nodeChild({
  entry: fileURLToPath(new URL('../../../engine/service/main.ts', import.meta.url)),
  execArgv: ['--import', 'tsx'],
});
const context = {
  version: '0.0.0-test',
  openEngine: (): EngineClient => createEngineClient({ spawn: engine }),
};
let home: string;
let store: Store;
let runId: RunId;
let bundle: ExportSummary;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-forms-'));
  store = await openStore(home);
  runId = await makeSmallRun(store, home);
  bundle = await createExport(store, { runId, destination: join(home, 'bundle') }, context);
});
afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

const check = (report: VerifyReport, name: string): VerifyReport['checks'][number] | undefined =>
  report.checks.find((each) => each.check === name);

it('refuses a step without a checkpoint, names those there are, and writes nothing', async () => {
  const destination = join(home, 'no-such-step');
  await expect(createExport(store, { runId, step: 7, destination }, context)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    place: { field: 'step' },
    remedy: 'Its only checkpoint is of step 2.',
  });
  await expect(readFile(join(destination, 'README.md'))).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('contribution', () => {
  it('is in the bundle, on the card, and names every trained image with shares that add up', async () => {
    const file = Contribution.parse(JSON.parse(await readFile(join(bundle.path, 'contribution.json'), 'utf8')));
    expect(file).toMatchObject({ runId, step: 2, method: 'advantages', stepsCovered: 2, reproduced: null });
    // Two groups in each of two steps, with sample 1 in both steps: half of the signal is its own.
    expect(file.images.map(({ name, share, timesSeen }) => [name, share, timesSeen])).toEqual([
      ['scene-1.png', 0.5, 2],
      ...file.images.slice(1).map(({ name }) => [name, 0.25, 1]),
    ]);
    expect(file.images[0]).toMatchObject({ tokens: 12, rewardFirst: 0.5, rewardLast: 0.5, stepFirst: 1, stepLast: 2 });
    expect(file.byLicence.map(({ key, share }) => [key, share])).toEqual([
      ['CC-BY-SA-4.0', 0.5],
      ['CC-BY-4.0', 0.25],
      ['MIT', 0.25],
    ]);
    expect(await readFile(join(bundle.path, 'README.md'), 'utf8')).toContain('## Who taught it');
    expect(check(await verifyBundle(bundle.path), 'contribution')?.outcome).toBe('pass');
  });

  it.each([
    [
      'a share that was raised',
      (file: Contribution) => void ((file.images[0] ?? file.byAuthor[0])!.share += 0.1),
      'add up',
    ],
    ['a sum that was raised', (file: Contribution) => void (file.byAuthor[0]!.share += 0.1), 'sums do not follow'],
    ['an image that was left out', (file: Contribution) => void file.images.pop(), 'training used'],
    ['another author', (file: Contribution) => void (file.images[0]!.authors = ['Nobody']), 'its authors or licence'],
    ['another count', (file: Contribution) => void (file.images[0]!.timesSeen = 9), 'seen 9 times'],
    ['another run', (file: Contribution) => void (file.runId = 'run-x' as RunId), 'another run'],
    ['a method that sounds better', (file: Contribution) => void (file.method = 'exact'), 'description does not match'],
  ])('is refused with %s, also where everything is signed again', async (_, spoil, words) => {
    const path = join(home, `spoilt-${Math.random()}`);
    await createExport(store, { runId, destination: path }, context);
    const file = Contribution.parse(JSON.parse(await readFile(join(path, 'contribution.json'), 'utf8')));
    spoil(file);
    await writeFile(join(path, 'contribution.json'), JSON.stringify(file));
    const files = await digestFolder(path, ['model.sig']);
    await writeFile(join(path, 'model.sig'), signModel('spoilt', files, await loadSigner(fileKeyVault(home))).text);
    const found = check(await verifyBundle(path), 'contribution');
    expect(found).toMatchObject({ outcome: 'fail' });
    expect(found?.detail).toContain(words);
  });

  it('prefers what a replay found, signed shares included', async () => {
    const [train] = await store.datasets.list();
    const samples = (await store.datasets.allSamples(train!.id)).filter(({ split }) => split === 'train');
    const projection = (at: number, value: number) => ({ sampleId: samples[at]!.id, projection: value });
    const steps = new Map([
      [1, [projection(0, 3), projection(1, -1)]],
      [2, [projection(1, 1), projection(2, 1)]],
    ]);
    const record = { finishedAt: '2026-11-23T12:00:00.000Z', steps: 2, reproduced: false, difference: null };
    await store.contributions.saveReplay(runId, record, steps);
    const report = await contributionReport(store, { runId });
    expect(report.available).toEqual(['exact', 'advantages', 'draws']);
    expect(report.methodText).toContain('did not give the logged losses again');
    // Step 1: 3/4 and -1/4; step 2: 1/2 each. Net is the mean of the two; shares come from its positive part.
    expect(report.images.map(({ net }) => net)).toEqual([0.375, 0.25, 0.125]);
    expect(report.images.map(({ share }) => share)).toEqual([0.5, 1 / 3, 1 / 6]);
    // Sample 1 was drawn in both steps and the others in one: ranks 1.5, 3, 1.5 against 3, 1, 2.
    expect(report.agreement).toEqual([
      { method: 'advantages', spearman: -0.866 },
      { method: 'draws', spearman: -0.866 },
    ]);
    const path = join(home, 'with-replay');
    await createExport(store, { runId, destination: path }, context);
    const card = await readFile(join(path, 'README.md'), 'utf8');
    expect(card).toContain('Rank agreement with the exact replay (Spearman): estimated from advantages ρ = -0.87');
    expect(check(await verifyBundle(path), 'contribution')?.outcome).toBe('pass');
    expect((await contributionReport(store, { runId, method: 'draws' })).images[0]?.share).toBe(0.5);
    await withDatabase(store.home, (database) => database.run("DELETE FROM attribution WHERE method = 'exact'"));
  });
});

describe('an image of a work under another licence', () => {
  it('has both licences in contribution and receipt, and one that states its own alone still passes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-works-'));
    const own = await openStore(folder);
    try {
      const sourceLicences = ['CC0-1.0', 'CC-BY-NC-4.0', null, 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'];
      const licences = sourceLicences.map(() => 'CC0-1.0');
      const worked = await makeSmallRun(own, folder, { licences, sourceLicences });
      const path = join(folder, 'bundle');
      await createExport(own, { runId: worked, destination: path }, context);
      const expected = ['CC-BY-NC-4.0 AND CC0-1.0', 'CC0-1.0', 'CC0-1.0 AND LicenseRef-not-stated'];
      const file = Contribution.parse(JSON.parse(await readFile(join(path, 'contribution.json'), 'utf8')));
      expect(file.images.map(({ licence }) => licence).sort()).toEqual(expected);
      expect(file.byLicence.map(({ key }) => key).sort()).toEqual(expected);
      const receipt = await receiptOf(own, { of: { path } }, {});
      expect(
        receipt.images
          .filter(({ share }) => share !== null)
          .map(({ licence }) => licence)
          .sort(),
      ).toEqual(expected);
      expect(check(await verifyBundle(path), 'contribution')?.outcome).toBe('pass');

      // As earlier versions wrote it.
      for (const image of file.images) image.licence = 'CC0-1.0';
      const { key: _, ...whole } = file.byLicence.reduce((sum, each) => ({
        key: null,
        images: sum.images + each.images,
        timesSeen: sum.timesSeen + each.timesSeen,
        tokens: sum.tokens + each.tokens,
        share: sum.share + each.share,
        net: sum.net + each.net,
      }));
      file.byLicence = [{ key: 'CC0-1.0', ...whole }];
      await writeFile(join(path, 'contribution.json'), JSON.stringify(file));
      expect(check(await verifyBundle(path), 'contribution')?.outcome).toBe('pass');
      file.images[0]!.licence = 'MIT';
      await writeFile(join(path, 'contribution.json'), JSON.stringify(file));
      expect(check(await verifyBundle(path), 'contribution')?.detail).toContain('authors or licence');
    } finally {
      await own.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a step that moved no weight', () => {
  const setRate = (rate: number, steps: string): Promise<unknown> =>
    withDatabase(store.home, (database) =>
      database.run(
        `UPDATE step SET metrics_json = json_set(metrics_json, '$.learningRate', ${rate}) WHERE step IN (${steps})`,
      ),
    );
  // Step 2 drew samples 1 and 2; sample 0 was only in step 1.
  const OF_STEP_2 = [
    [0.5, 2],
    [0.5, 1],
    [0, 1],
  ];
  const sharesBy = async (method: 'advantages' | 'draws'): Promise<unknown[]> => {
    const report = await contributionReport(store, { runId, method });
    expect(report.stepsCovered).toBe(1);
    return report.images.map(({ share, timesSeen }) => [share, timesSeen]);
  };

  it.each([0, 1e-12, 1e-10])('at learning rate %f counts nothing by any method; its images were seen', async (rate) => {
    await setRate(rate, '1');
    for (const method of ['advantages', 'draws'] as const) {
      const found = await sharesBy(method);
      expect(found).toHaveLength(3);
      expect(found).toEqual(expect.arrayContaining(OF_STEP_2));
    }
    await setRate(0.001, '1');
  });

  it('counts nothing where it was measured that nothing moved', async () => {
    const [train] = await store.datasets.list();
    const [sample] = await store.datasets.allSamples(train!.id);
    await withDatabase(store.home, (database) =>
      database.run(
        `INSERT INTO attribution (run_id, method, step, position, sample_id, projection)
         VALUES ('${runId}', 'measured', 1, 0, '${sample!.id}', 0)`,
      ),
    );
    expect(await sharesBy('advantages')).toEqual(expect.arrayContaining(OF_STEP_2));
    await withDatabase(store.home, (database) => database.run('DELETE FROM attribution'));
  });

  it('leaves a signed bundle without shares if all steps are like that, and the card says so', async () => {
    await setRate(1e-12, '1, 2');
    const path = join(home, 'idle');
    await createExport(store, { runId, destination: path }, context);
    const file = Contribution.parse(JSON.parse(await readFile(join(path, 'contribution.json'), 'utf8')));
    expect(file.stepsCovered).toBe(0);
    expect(file.images.map(({ share, net }) => [share, net])).toEqual([0, 1, 2].map(() => [0, 0]));
    expect(await readFile(join(path, 'README.md'), 'utf8')).toMatch(/## Who taught it\n\nNo step of this run both/);
    expect(check(await verifyBundle(path), 'contribution')?.outcome).toBe('pass');
    await setRate(0.001, '1, 2');
  });
});

describe('before and after an export', () => {
  it('the preview shows the very card and records that are then written, and writes nothing', async () => {
    const preview = ExportPreview.parse(await previewExport(store, { runId }, context));
    expect(preview.card).toBe(await readFile(join(bundle.path, 'README.md'), 'utf8'));
    for (const { name, text } of preview.documents) {
      if (text !== null) expect(text, name).toBe(await readFile(join(bundle.path, name), 'utf8'));
    }
    const written = (await digestFolder(bundle.path))
      .map(({ name }) => name)
      .filter((name) => name !== 'adapter_config.json' && !name.startsWith('base-model/'));
    expect(preview.documents.map(({ name }) => name).sort()).toEqual(written.sort());
    expect(preview.documents.every(({ about }) => about !== '')).toBe(true);
  });

  it('the receipt leads from the weights to the images, those that taught most first', async () => {
    const options = { images: store.blobs };
    const receipt = Receipt.parse(await receiptOf(store, { of: { exportId: bundle.id } }, options));
    expect(receipt).toMatchObject({ runId, step: 2, licence: null, counts: { images: 6, used: 5 } });
    expect(receipt.links.map(({ kind }) => kind)).toEqual([
      'weights',
      'signature',
      'run',
      'recipe',
      'base-model',
      'dataset',
      'images',
      'audit-log',
    ]);
    expect(receipt.images[0]).toMatchObject({ name: 'scene-1.png', share: 0.5, atHand: true });
    expect(receipt.images.at(-1)?.share).toBeNull();
    expect((await receiptOf(store, { of: { path: bundle.path }, limit: 2 }, options)).images).toHaveLength(2);
  });
});

describe('forms of an export', () => {
  it('merges the adapter into the base: W + alpha/r · B A, all else byte for byte, and verifies', async () => {
    const path = join(home, 'merged');
    const told: Progress[] = [];
    const onProgress = (progress: Progress): void => void told.push(progress);
    await createExport(store, { runId, destination: path, form: 'merged' }, { ...context, onProgress });
    expect(told.at(-1)).toMatchObject({ done: expect.any(Number) as number, total: 1, secondsLeft: 0 });
    const base = await openCheckpointTensors(join(home, 'base'));
    const merged = await openCheckpointTensors(path);
    const [checkpoint] = await store.runs.checkpoints(runId);
    const adapter = await readAdapter(checkpoint?.path ?? '');
    expect(merged.names()).toEqual(base.names());
    const check: unknown = JSON.parse(await readFile(join(path, 'merged-check.json'), 'utf8'));
    expect(check).toEqual({ tensors: base.names().length, files: 1, silent: [] });
    const { documents } = await previewExport(store, { runId, form: 'merged' }, context);
    expect(documents.some(({ name, about }) => name === 'merged-check.json' && about !== '')).toBe(true);
    for (const name of base.names()) {
      const lora = adapter.weights.get(name.replace(/\.weight$/, ''));
      const [before, after] = [await base.readFloat32(name), await merged.readFloat32(name)];
      if (lora === undefined || !name.endsWith('.weight')) expect(after, name).toEqual(before);
      else {
        let product = 0;
        for (let k = 0; k < adapter.r; k++) product += lora.b[k]! * lora.a[k * lora.inFeatures]!;
        expect(after[0]).toBeCloseTo(before[0]! + (adapter.loraAlpha / adapter.r) * product, 5);
      }
    }
    await base.close();
    await merged.close();
    await (await readCheckpoint(path)).tensors.close();
    const report = await verifyBundle(path, { publicKey: (await ownPublicKey(fileKeyVault(home))) ?? '' });
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(await readFile(join(path, 'README.md'), 'utf8')).toContain('library_name: transformers');
  });

  it('writes GGUF files for llama.cpp, which name the run, with a Modelfile and what their check found', async () => {
    const path = join(home, 'gguf');
    await createExport(store, { runId, destination: path, form: 'gguf', ggufWeights: 'q8_0' }, context);
    const check = GgufCheck.parse(JSON.parse(await readFile(join(path, 'gguf-check.json'), 'utf8')));
    expect(check.files.map(({ name }) => name)).toEqual(['model-Q8_0.gguf', 'mmproj-Q8_0.gguf']);
    expect(check.adapter?.silent).toEqual([]);
    for (const { largestError } of check.files) expect(largestError).toBeLessThan(0.005);
    const modelfile = await readFile(join(path, 'Modelfile'), 'utf8');
    expect(modelfile).toContain('FROM ./model-Q8_0.gguf\nFROM ./mmproj-Q8_0.gguf');
    expect(modelfile).toContain('{{ .Prompt }}');
    expect(modelfile).not.toContain('image_pad');
    const report = await verifyBundle(path, { publicKey: (await ownPublicKey(fileKeyVault(home))) ?? '' });
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    const card = await readFile(join(path, 'README.md'), 'utf8');
    expect(card).toContain('library_name: llama.cpp');
    expect(card).toContain('llama-mtmd-cli');
    expect(report.checks.find(({ check }) => check === 'programs')).toBeUndefined();
    expect((await readdir(join(path, 'use'))).sort()).toEqual([
      'ask_with_llama_cpp.py',
      'ask_with_ollama.py',
      'conversation.json',
    ]);
    const conversation = JSON.parse(await readFile(join(path, 'use/conversation.json'), 'utf8')) as object;
    expect(conversation).toMatchObject({
      text: expect.stringContaining('<__media__>ATELIER-QUESTION') as string,
      'image-min-tokens': 4,
      'image-max-tokens': 40,
    });
    for (const { name, text } of (await previewExport(store, { runId, form: 'gguf' }, context)).documents)
      if (name.startsWith('use/')) expect(text, name).toBe(await readFile(join(path, name), 'utf8'));
  });

  it.each(['bundle', 'merged'] as const)('has in its %s a program that uses it, named by hash', async (form) => {
    const path = join(home, `use-${form}`);
    await createExport(store, { runId, destination: path, form }, context);
    const name = 'use/ask_with_transformers.py';
    expect((await readFile(join(path, name), 'utf8')).includes('PeftModel')).toBe(form === 'bundle');
    for (const document of ['bom.cdx.json', 'sbom.spdx3.json', 'provenance.slsa.json'])
      expect(await readFile(join(path, document), 'utf8'), document).toContain(name);
    for (const file of await readdir(join(path, 'use')))
      expect(await readFile(join(path, 'use', file), 'utf8'), file).not.toContain(home);
  });

  it('writes a model that mlx-vlm loads as it is, with every document', async () => {
    const path = join(home, 'mlx');
    await createExport(store, { runId, destination: path, form: 'mlx' }, context);
    const check = MergedCheck.parse(JSON.parse(await readFile(join(path, 'mlx-check.json'), 'utf8')));
    const weights = await openCheckpointTensors(path);
    expect(weights.names()).toHaveLength(check.tensors);
    expect(weights.names()).toContain('language_model.model.layers.0.self_attn.q_proj.weight');
    expect(weights.metadata).toMatchObject({ format: 'mlx', 'modelspec.implementation': 'mlx' });
    await weights.close();
    expect(check.silent).toEqual([]);
    const report = await verifyBundle(path, { publicKey: (await ownPublicKey(fileKeyVault(home))) ?? '' });
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    const card = await readFile(join(path, 'README.md'), 'utf8');
    expect(card).toContain('library_name: mlx');
    expect(card).toContain('python use/ask_with_mlx_vlm.py');
    // Without one of its files it is still an export for MLX, whose program is Atelier's own.
    await rm(join(path, 'mlx-check.json'));
    const { checks } = await verifyBundle(path);
    expect(checks.filter(({ check }) => check === 'programs')).toEqual([]);
  });

  it('refuses types of GGUF weights with any other form', async () => {
    const request = { runId, destination: join(home, 'odd'), form: 'merged', ggufWeights: 'f16' } as const;
    await expect(createExport(store, request, context)).rejects.toMatchObject({ place: { field: 'ggufWeights' } });
  });

  it('leaves a merged model that can be added as a model, with its licence and its prompt, and answers alike', async () => {
    const path = join(home, 'again');
    await createExport(store, { runId, destination: path, form: 'merged' }, context);
    const { recipe } = await store.runs.get(runId);
    const added = await registerModel({ store }, { path });
    // Its maker chose no licence for it, and LICENSE says so: it is not free just because its base is.
    const licence = 'Apache-2.0 AND LicenseRef-not-stated';
    expect(added).toMatchObject({ licence, promptTemplate: recipe.promptTemplate, name: recipe.name });
    const [checkpoint] = await store.runs.checkpoints(runId);
    const items = [{ images: [join(FIXTURES, 'images/rgb_70x70.png')], prompt: 'How many?', completion: '3 items' }];
    const client = context.openEngine();
    try {
      const [tuned] = await resultOf(client.score({ model: join(home, 'base'), adapter: checkpoint!.path, items }));
      const [merged] = await resultOf(client.score({ model: path, items }));
      expect(merged!.promptIds).toEqual(tuned!.promptIds);
      merged!.logprobs.forEach((value, index) => expect(value).toBeCloseTo(tuned!.logprobs[index]!, 4));
    } finally {
      await client.close();
    }
  });

  it('leaves nothing behind when it is cancelled in the middle of the weights', async () => {
    const cancel = new AbortController();
    const request = { runId, destination: join(home, 'cancelled'), form: 'merged' as const };
    const onProgress = (): void => cancel.abort();
    const making = createExport(store, request, { ...context, signal: cancel.signal, onProgress });
    await expect(making).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await readdir(home)).filter((name) => name.includes('cancelled'))).toEqual([]);
    expect(await readdir(join(home, 'unfinished-exports'))).toEqual([]);
  });

  it('lets an adapter go with licence and credits alone; checking it says what is not there', async () => {
    const path = join(home, 'alone');
    await createExport(store, { runId, destination: path, form: 'adapter' }, context);
    expect((await readdir(path)).sort()).toEqual([
      'ATTRIBUTION.csv',
      'LICENSE',
      'LICENSES',
      'NOTICE',
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'atelier.pub.pem',
      'base-model',
      'model.sig',
    ]);
    const report = await verifyBundle(path, { publicKey: (await ownPublicKey(fileKeyVault(home))) ?? '' });
    expect(report.outcome).toBe('cannot-tell');
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(check(report, 'records')?.outcome).toBe('pass');
  });
});

describe('files copied out of an export', () => {
  const CHECKS_OF = (report: VerifyReport): unknown[] => report.checks.map((each) => [each.check, each.outcome]);
  async function copied(names: readonly string[]): Promise<VerifyReport> {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-copied-'));
    try {
      for (const name of names) await cp(join(bundle.path, name), join(folder, name));
      return await verifyBundle(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it.each([
    [['adapter_config.json', 'adapter_model.safetensors']],
    [['adapter_config.json', 'adapter_model.safetensors', 'LICENSE', 'README.md', 'NOTICE']],
  ])('%j: nothing is signed here, and nothing is said to differ', async (names) => {
    const report = await copied(names);
    expect(report.outcome).toBe('cannot-tell');
    expect(CHECKS_OF(report)).toEqual([
      ['signature', 'cannot-tell'],
      ['weights', 'pass'],
      ['records', 'cannot-tell'],
    ]);
    expect(check(report, 'signature')?.detail).toMatch(/^Nothing is signed here.*Check the whole folder of the export/);
    expect(check(report, 'records')?.detail).toContain('not all of them are here');
  });

  it('with some of its documents: what is there is checked, and nothing is signed here', async () => {
    const names = ['adapter_config.json', 'adapter_model.safetensors', 'manifest.jsonl', 'NOTICE', 'ATTRIBUTION.csv'];
    const report = await copied(names);
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(check(report, 'signature')?.detail).toContain('Nothing is signed here');
    expect(check(report, 'credits')?.outcome).toBe('pass');
  });

  it('fails where the signature was taken away from what it came with', async () => {
    const report = await copied(['adapter_config.json', 'adapter_model.safetensors', 'atelier.pub.pem']);
    expect(check(report, 'signature')?.outcome).toBe('fail');
  });
});

describe.each(['bundle', 'adapter', 'merged'] as const)('card, notice and licence of a %s', (form) => {
  it('name only files that are there', async () => {
    const path = join(home, `named-${form}`);
    await createExport(store, { runId, destination: path, form }, context);
    const there = await readdir(path);
    const known = [...Object.values(FILE), ...there].filter(
      (name) => name.includes('.') || name === name.toUpperCase(),
    );
    for (const text of ['README.md', 'NOTICE', 'LICENSE'].map((name) => readFile(join(path, name), 'utf8'))) {
      const written = await text;
      expect(known.filter((name) => written.includes(name) && !there.includes(name))).toEqual([]);
    }
  });
});

describe('a key that the system keeps', () => {
  const mirror = (text: string): string => Array.from(text).reverse().join('');
  const wrapper = {
    available: async () => true,
    wrap: async (secret: string) => Buffer.from(mirror(secret)),
    unwrap: async (bytes: Uint8Array) => mirror(Buffer.from(bytes).toString()),
  };

  it('lies wrapped in its file, is made once, and its public half needs no secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-keys-'));
    const vault = wrappedKeyVault(folder, wrapper);
    const [one, other] = await Promise.all([loadSigner(vault), loadSigner(vault)]);
    expect(one.publicKeyPem).toBe(other.publicKeyPem);
    expect((await readdir(join(folder, 'keys'))).sort()).toEqual(['signing.pub.pem', 'signing.wrapped']);
    expect(await readFile(join(folder, 'keys', 'signing.wrapped'), 'utf8')).not.toContain('BEGIN');
    // Without the keychain, signing fails and no second key is made, but verification still knows the first key.
    await expect(loadSigner(fileKeyVault(folder))).rejects.toThrow('keychain protects the signing key');
    expect(await ownPublicKey(fileKeyVault(folder))).toBe(one.publicKeyPem);
    await rm(folder, { recursive: true });
  });

  it('goes on with a plain key that was there before, and falls back to a file where nothing protects', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-keys-'));
    const first = await loadSigner(wrappedKeyVault(folder, { ...wrapper, available: async () => false }));
    expect(await readdir(join(folder, 'keys'))).toEqual(['signing.pem']);
    expect((await loadSigner(wrappedKeyVault(folder, wrapper))).publicKeyPem).toBe(first.publicKeyPem);
    await rm(folder, { recursive: true });
  });
});

describe('the limit of pixels that a run was trained with', () => {
  it.each(['bundle', 'adapter', 'merged'] as const)(
    'is in the processor files and on the card of a %s',
    async (form) => {
      const folder = await mkdtemp(join(tmpdir(), 'atelier-limits-'));
      const own = await openStore(folder);
      try {
        const nested = { processor_class: 'Qwen2VLProcessor', image_processor: { size: { longest_edge: 31_360 } } };
        const limited = await makeSmallRun(own, folder, { maxPixels: 6272, processorConfig: nested });
        const path = join(folder, form);
        await createExport(own, { runId: limited, destination: path, form }, context);
        const read = async (file: string): Promise<Record<string, unknown>> =>
          JSON.parse(await readFile(join(path, file), 'utf8')) as Record<string, unknown>;
        const limits = { min_pixels: 3136, max_pixels: 6272, size: { shortest_edge: 3136, longest_edge: 6272 } };
        expect(await read('preprocessor_config.json')).toMatchObject({ ...limits, patch_size: 14, merge_size: 2 });
        expect((await read('processor_config.json'))['image_processor']).toMatchObject(limits);
        expect(await readFile(join(path, 'README.md'), 'utf8')).toContain('more than 6,272 pixels were shrunk');
        const { documents } = ExportPreview.parse(await previewExport(own, { runId: limited, form }, context));
        expect(documents.map(({ name }) => name)).toContain('preprocessor_config.json');
        const { checks } = await verifyBundle(path);
        expect(checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      } finally {
        await own.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );

  it('is not invented for a run of an earlier version', async () => {
    expect(await readdir(bundle.path)).not.toContain('preprocessor_config.json');
  });
});

describe('the sentences of an export', () => {
  it('end with one full stop where a licence is refused because publishing is blocked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-blocked-'));
    const own = await openStore(folder);
    try {
      const blocked = await makeSmallRun(own, folder, { licences: Array<string>(6).fill('CC-BY-ND-4.0') });
      const request = { runId: blocked, destination: join(folder, 'refused'), licence: 'MIT' };
      await expect(createExport(own, request, context)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringMatching(/publishing is blocked: R4: .*[^.]\.$/) as unknown,
      });
    } finally {
      await own.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('end with one full stop', async () => {
    for (const name of await readdir(bundle.path)) {
      if (!/\.(md|json|csv)$|^(NOTICE|LICENSE)$/.test(name)) continue;
      expect(await readFile(join(bundle.path, name), 'utf8'), name).not.toMatch(/[^.]\.\.(?![./])(\s|"|$)/);
    }
  });
});
