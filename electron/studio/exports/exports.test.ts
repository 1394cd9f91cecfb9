/** @file Bundles made from a real store: their own verifier passes them, but never after any change. */
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { idOfWords } from '../../contract/model/stated-licence.ts';
import type { ExportSummary, VerifyReport } from '../../contract/api/index.ts';
import { readAdapter } from '../../formats/peft.ts';
import { auditEntryHash } from '../../provenance/signing/audit-chain.ts';
import { generateSigningKeyPem, signerFromPem } from '../../provenance/signing/dsse.ts';
import { licenceText } from '../../provenance/documents/licence-texts.ts';
import { signModel } from '../../provenance/signing/model-signing.ts';
import { signStatement } from '../../provenance/signing/statement-envelope.ts';
import { auditHash } from '../../store/audit/audit.ts';
import { openStore } from '../../store/connection/open.ts';
import type { Store } from '../../store/connection/open.ts';
import { withDatabase } from '../../store/testing/raw-database.ts';
import { createExport } from './build/create-export.ts';
import { digestFolder } from './build/folder.ts';
import { makeSmallRun } from './fixtures/small-run.ts';
import type { SmallRunOptions } from './fixtures/small-run.ts';
import { fileKeyVault, loadSigner, ownPublicKey } from './build/signing-key.ts';
import { verifyBundle } from './verify/verify.ts';

const context = { version: '0.0.0-test' };
const opened: { store: Store; home: string }[] = [];

async function openTemporary(): Promise<{ store: Store; home: string }> {
  const home = await mkdtemp(join(tmpdir(), 'atelier-exports-'));
  const entry = { store: await openStore(home), home };
  opened.push(entry);
  return entry;
}

async function exported(
  options: SmallRunOptions = {},
  licence?: string,
): Promise<{ store: Store; home: string; bundle: ExportSummary }> {
  const { store, home } = await openTemporary();
  const runId = await makeSmallRun(store, home, options);
  const request = { runId, destination: join(home, 'bundle'), ...(licence === undefined ? {} : { licence }) };
  return { store, home, bundle: await createExport(store, request, context) };
}

afterAll(async () => {
  for (const { store, home } of opened) {
    await store.close();
    await rm(home, { recursive: true, force: true });
  }
});

const outcomeOf = (report: VerifyReport, check: string): string | undefined =>
  report.checks.find((entry) => entry.check === check)?.outcome;
const failures = (report: VerifyReport): string =>
  report.checks
    .filter((c) => c.outcome === 'fail')
    .map((c) => c.detail)
    .join('\n');

describe('a run that began with an earlier adapter', () => {
  it('says so in its card, states no contribution, and passes its verification', async () => {
    const { store, home } = await openTemporary();
    const first = await makeSmallRun(store, home);
    const { recipe } = await store.runs.get(first);
    const earlier = await store.runs.resultCheckpoint(first);
    const startFrom = { runId: first, step: 2, sha256: earlier?.sha256 ?? '' };
    const folder = join(home, 'second');
    const runId = await makeSmallRun(store, folder, { recipe: { startFrom, adapter: recipe.adapter } });
    const bundle = await createExport(store, { runId, destination: join(home, 'bundle') }, context);
    const card = await readFile(join(bundle.path, 'README.md'), 'utf8');
    expect(card).toContain(`It began with the adapter of the run \`${first}\` at step 2`);
    expect(failures(await verifyBundle(bundle.path))).toBe('');
    expect(await readdir(bundle.path)).not.toContain('contribution.json');
  });
});

describe('a run that began with an adapter made elsewhere', () => {
  it('names it, its hash, licence and author in its papers, and keeps to its licence', async () => {
    const { store, home } = await openTemporary();
    const startAdapter = {
      name: 'style-by-ada',
      sha256: 'c'.repeat(64),
      licence: 'CC-BY-NC-4.0',
      author: 'Ada',
      baseModel: 'qwen2vl-tiny',
    };
    const licences = Array.from({ length: 6 }, () => 'CC0-1.0');
    const runId = await makeSmallRun(store, home, { licences, recipe: { startAdapter } });
    const destination = join(home, 'bundle');
    const commercial = createExport(store, { runId, destination, licence: 'Apache-2.0' }, context);
    await expect(commercial).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const bundle = await createExport(store, { runId, destination, licence: 'CC-BY-NC-4.0' }, context);
    const textOf = (name: string): Promise<string> => readFile(join(bundle.path, name), 'utf8');
    expect(await textOf('README.md')).toContain('The weights rest on the adapter `style-by-ada`, made elsewhere');
    expect(await textOf('NOTICE')).toContain('the adapter style-by-ada by Ada (licence: CC-BY-NC-4.0)');
    expect(await textOf('ledger.json')).toContain('style-by-ada');
    expect(await textOf('provenance.slsa.json')).toContain('atelier:adapter/style-by-ada');
    expect(failures(await verifyBundle(bundle.path))).toBe('');
    expect(await readdir(bundle.path)).not.toContain('contribution.json');
  });
});

describe('a bundle of images with works under stricter licences', () => {
  const RAIL = 'LicenseRef-CreativeML-OpenRAIL-M';
  let folder: string;
  let report: VerifyReport;
  beforeAll(async () => {
    const { bundle, store } = await exported({
      licences: ['CC0-1.0', 'CC0-1.0', RAIL, 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'],
      sourceLicences: ['CC0-1.0', 'CC-BY-NC-4.0', RAIL, 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'],
      maxPixels: 50_176,
    });
    folder = bundle.path;
    report = await verifyBundle(folder, { images: store.blobs });
  });
  const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  it('names those licences on its card, and passes', async () => {
    expect(failures(report)).toBe('');
    expect(await textOf('README.md')).toContain(`under: CC-BY-NC-4.0 AND CC0-1.0, CC0-1.0, ${RAIL}.`);
    expect(await textOf('provenance.slsa.json')).toContain('CC-BY-NC-4.0 AND CC0-1.0; ');
  });

  it('says which text it must pass on but does not have, and where to get it', async () => {
    expect(report.checks.find(({ check }) => check === 'licences to pass on')).toMatchObject({
      outcome: 'cannot-tell',
      detail: expect.stringContaining(`${RAIL} (published at https://www.licenses.ai/ai-licenses)`) as string,
    });
    expect(await textOf('README.md')).toContain(`${RAIL} (published at https://www.licenses.ai/ai-licenses) must be`);
  });

  it('loads the picture settings with the limit of pixels of the run, not those of the base model', async () => {
    expect(await textOf('README.md')).toContain('images = AutoImageProcessor.from_pretrained(FOLDER)');
    expect(JSON.parse(await textOf('preprocessor_config.json'))).toMatchObject({
      image_processor_type: expect.stringContaining('Qwen2VLImageProcessor') as string,
      max_pixels: 50_176,
    });
  });
});

describe('a bundle of images under terms that Atelier does not understand', () => {
  it('has the terms in their own words in card, notice, ledger, SPDX and dataset description, and passes', async () => {
    const terms = idOfWords('Ask my aunt; she is nice!');
    const { bundle } = await exported({
      licences: ['CC0-1.0', terms, 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0'],
    });
    for (const name of ['README.md', 'NOTICE', 'ledger.json', 'sbom.spdx3.json', 'croissant.json'])
      expect((await readFile(join(bundle.path, name), 'utf8')).replaceAll('\\', ''), name).toContain(
        'Ask my aunt; she is nice!',
      );
    const spdx = await readFile(join(bundle.path, 'sbom.spdx3.json'), 'utf8');
    expect(spdx).toContain('This identifier stands for them and permits nothing.');
    const report = await verifyBundle(bundle.path);
    expect(failures(report)).toBe('');
    expect(report.checks.find(({ check }) => check === 'licences')?.detail).toContain('needs decision');
  });
});

describe('a bundle', () => {
  let made: Awaited<ReturnType<typeof exported>>;
  beforeAll(async () => {
    made = await exported({}, 'cc-by-sa-4.0');
  });

  it('passes where its key and images are known', async () => {
    const key = await ownPublicKey(fileKeyVault(made.home));
    const report = await verifyBundle(made.bundle.path, { publicKey: key ?? '', images: made.store.blobs });
    expect(failures(report)).toBe('');
    expect(report.outcome).toBe('pass');
  });

  it('says, anywhere else, that it cannot tell who signed', async () => {
    const report = await verifyBundle(made.bundle.path);
    expect(report.outcome).toBe('cannot-tell');
    expect(report.checks.filter((c) => c.outcome === 'cannot-tell').map((c) => c.check)).toEqual([
      'signer',
      'dataset',
      'images',
    ]);
  });

  it('loads as an adapter with the same values as the checkpoint, and names its run in the header', async () => {
    const [checkpoint] = await made.store.runs.checkpoints(made.bundle.runId);
    const before = await readAdapter(checkpoint?.path ?? '');
    const after = await readAdapter(made.bundle.path);
    expect([...after.weights]).toEqual([...before.weights]);
    expect(after.metadata['atelier.run_id']).toBe(made.bundle.runId);
  });

  it('names its base model by the folder that PEFT finds, by its hub id where that is known, and says which', async () => {
    const own = await exported();
    const config = async (folder: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
    const base = join(own.home, 'base');
    expect(await config(own.bundle.path)).toMatchObject({ base_model_name_or_path: base, revision: null });
    const LOCAL = 'The base model has no known hub id';
    expect(await readFile(join(own.bundle.path, 'README.md'), 'utf8')).toContain(LOCAL);
    await writeFile(join(base, 'atelier.json'), JSON.stringify({ hubId: 'atelier/tiny' }));
    const path = join(own.home, 'published');
    await createExport(own.store, { runId: own.bundle.runId, destination: path }, context);
    await rm(join(base, 'atelier.json'));
    expect(await config(path)).toMatchObject({ base_model_name_or_path: 'atelier/tiny' });
    expect(await readFile(join(path, 'README.md'), 'utf8')).not.toContain(LOCAL);
  });

  it('says on its card what guessing without looking gets, and that the model is not better than that', async () => {
    const card = await readFile(join(made.bundle.path, 'README.md'), 'utf8');
    expect(card).toContain('Without looking, always answering “3” gets 2 of 2 right (100%).');
    expect(card).toContain('The tuned model is not better than guessing without looking');
    expect(card).toContain('| no model: guessing without looking | 2 of 2 |');
  });

  it('leaves optimiser state, images and paths of this machine at home', async () => {
    const names = (await digestFolder(made.bundle.path)).map(({ name }) => name);
    expect(names).not.toContain('optimiser.safetensors');
    for (const name of names) {
      // The config names the base model's folder where no hub id is known.
      if (name === 'adapter_config.json') continue;
      expect((await readFile(join(made.bundle.path, name))).includes(made.home), name).toBe(false);
    }
  });

  it('is not made from a checkpoint that has changed since the run wrote it', async () => {
    const changed = await exported();
    const checkpoint = await changed.store.runs.lastCheckpoint(changed.bundle.runId);
    await appendFile(join(checkpoint?.path ?? '', 'adapter_model.safetensors'), 'x');
    const request = { runId: changed.bundle.runId, destination: join(changed.home, 'second') };
    await expect(createExport(changed.store, request, context)).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    await expect(stat(request.destination)).rejects.toThrow('ENOENT');
  });

  it.each<[string, string, RegExp]>([
    [
      'the recipe',
      `DROP TRIGGER recipe_is_immutable;
       UPDATE recipe SET canonical_json = replace(canonical_json, '"seed":7', '"seed":8')`,
      /recipe of run-/,
    ],
    [
      'the counts of an evaluation',
      `UPDATE evaluation SET summary_json = json_set(summary_json, '$.accuracy.correct', 2) WHERE run_id IS NOT NULL`,
      /states 2 of 2 right, and its answers are 1 of 2/,
    ],
    [
      'its answers too',
      `UPDATE evaluation SET summary_json = json_set(summary_json, '$.accuracy.correct', 2) WHERE run_id IS NOT NULL;
       UPDATE evaluation_item SET verdict = 'correct'
         WHERE evaluation_id IN (SELECT id FROM evaluation WHERE run_id IS NOT NULL)`,
      /states 2 of 2 right, and the audit log recorded 1 of 2/,
    ],
    [
      'the audit log too',
      `DROP TRIGGER audit_is_never_updated;
       UPDATE audit SET body_json = replace(body_json, '"correct":1', '"correct":2') WHERE action = 'evaluation.recorded'`,
      /Entry \d+ of the audit log was altered/,
    ],
  ])('is not made where %s was changed in the store', async (_, sql, words) => {
    const changed = await exported();
    await changed.store.close();
    await withDatabase(changed.store.home, (database) => database.exec(sql));
    const store = await openStore(changed.store.home);
    const request = { runId: changed.bundle.runId, destination: join(changed.home, 'second') };
    try {
      await expect(createExport(store, request, context)).rejects.toMatchObject({
        code: 'VERIFICATION_FAILED',
        message: expect.stringMatching(words) as string,
      });
    } finally {
      await store.close();
    }
    await expect(stat(request.destination)).rejects.toThrow('ENOENT');
  });

  it('is recorded with its files, and the log says so', async () => {
    const [recorded] = await made.store.exports.list();
    expect(recorded).toEqual(made.bundle);
    expect((await digestFolder(made.bundle.path)).map((file) => file.name)).toEqual(
      made.bundle.files.map((file) => file.name),
    );
    expect((await made.store.audit.verify()).intact).toBe(true);
  });

  it('differs from a second export of the same run only by signing time and signatures', async () => {
    const again = await createExport(
      made.store,
      { runId: made.bundle.runId, destination: join(made.home, 'again'), licence: 'CC-BY-SA-4.0' },
      context,
    );
    const digests = new Map(again.files.map((file) => [file.name, file.sha256]));
    const differing = made.bundle.files
      .filter((file) => digests.get(file.name) !== file.sha256)
      .map((file) => file.name);
    expect(differing).toEqual(['audit.head.json', 'model.sig', 'provenance.intoto.jsonl']);
  });

  it('names an image that the trainer never drew as not used, and keeps it out of the credits', async () => {
    const rows = (await readFile(join(made.bundle.path, 'manifest.jsonl'), 'utf8')).trim().split('\n');
    const uses = rows.map((line) => (JSON.parse(line) as { use: string }).use).sort();
    expect(uses).toEqual(['evaluation', 'evaluation', 'not-used', 'training', 'training', 'training']);
    expect(await readFile(join(made.bundle.path, 'ATTRIBUTION.csv'), 'utf8')).not.toContain('Icon 3');
  });

  it('does not let names become markup, front matter or formulas', async () => {
    const card = await readFile(join(made.bundle.path, 'README.md'), 'utf8');
    expect(card.match(/^---$/gm)).toHaveLength(2);
    expect(card.slice(card.indexOf('\n---\n'))).not.toContain('<b>');
    expect(await readFile(join(made.bundle.path, 'ATTRIBUTION.csv'), 'utf8')).toContain(`"'=HYPERLINK(""x""),`);
  });

  it('is compared with the dataset itself where that is at hand', async () => {
    const [dataset] = await made.store.datasets.list();
    const samples = await made.store.datasets.allSamples(dataset!.id);
    const samplesOf = (): Promise<typeof samples> => Promise.resolve(samples);
    expect(outcomeOf(await verifyBundle(made.bundle.path, { samplesOf }), 'dataset')).toBe('pass');
    expect(outcomeOf(await verifyBundle(made.bundle.path, { samplesOf: () => Promise.resolve(null) }), 'dataset')).toBe(
      'cannot-tell',
    );
  });

  it('fails with another key, and when an image at home was changed', async () => {
    const other = signerFromPem(generateSigningKeyPem()).publicKeyPem;
    expect((await verifyBundle(made.bundle.path, { publicKey: other })).outcome).toBe('fail');
    const images = { has: () => Promise.resolve(true), verify: () => Promise.resolve(false) };
    expect(outcomeOf(await verifyBundle(made.bundle.path, { images }), 'images')).toBe('fail');
  });
});

describe('a changed bundle', () => {
  let made: Awaited<ReturnType<typeof exported>>;
  let copy = '';
  beforeAll(async () => {
    made = await exported({}, 'CC-BY-SA-4.0');
  });
  afterEach(async () => {
    await rm(copy, { recursive: true, force: true });
  });
  async function fresh(): Promise<string> {
    copy = join(made.home, 'copy');
    await rm(copy, { recursive: true, force: true });
    await cp(made.bundle.path, copy, { recursive: true });
    return copy;
  }

  it('never passes after one flipped bit, in any file, and the file is named', async () => {
    // A fixed sequence, so that failures are reproducible: a linear congruential generator (Numerical Recipes).
    let state = 12345;
    const random = (n: number): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % n;
    for (const { name } of made.bundle.files) {
      const folder = await fresh();
      const path = join(folder, name);
      const bytes = await readFile(path);
      const at = random(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      await writeFile(path, bytes);
      const report = await verifyBundle(folder);
      const detail = failures(report);
      // One flipped bit in the PEM's base64 can make the key unreadable; the file list must still name the file.
      expect(report.outcome, `${name} byte ${at}`).toBe('fail');
      expect(detail, `${name} byte ${at}`).toContain(name);
    }
  });

  it('names files that were added, taken away, renamed or replaced by a link', async () => {
    let folder = await fresh();
    await writeFile(join(folder, 'extra\n.txt'), 'x');
    expect(failures(await verifyBundle(folder))).toContain('extra\\n.txt');
    folder = await fresh();
    await rm(join(folder, 'NOTICE'));
    expect(failures(await verifyBundle(folder))).toContain('missing: "NOTICE"');
    folder = await fresh();
    await rename(join(folder, 'NOTICE'), join(folder, 'NOTICE.txt'));
    expect(failures(await verifyBundle(folder))).toMatch(/missing: "NOTICE"; added since signing: "NOTICE.txt"/);
    folder = await fresh();
    await rm(join(folder, 'NOTICE'));
    await symlink(join(made.bundle.path, 'NOTICE'), join(folder, 'NOTICE'));
    expect(failures(await verifyBundle(folder))).toContain('Symbolic links');
    folder = await fresh();
    await rm(join(folder, 'model.sig'));
    expect((await verifyBundle(folder)).outcome).toBe('fail');
  });

  it('does not pass when the key alone is swapped, nor when everything is signed again by somebody else', async () => {
    const folder = await fresh();
    const thief = signerFromPem(generateSigningKeyPem());
    await writeFile(join(folder, 'atelier.pub.pem'), thief.publicKeyPem);
    expect((await verifyBundle(folder)).outcome).toBe('fail');
    await signAgain(folder, thief);
    const report = await verifyBundle(folder);
    expect(outcomeOf(report, 'signature')).toBe('pass');
    expect(outcomeOf(report, 'signer')).toBe('cannot-tell');
    // The log's head is signed with the maker's key, which the thief does not have.
    expect(outcomeOf(report, 'audit log')).toBe('fail');
    const own = (await ownPublicKey(fileKeyVault(made.home))) ?? '';
    expect((await verifyBundle(folder, { publicKey: own })).outcome).toBe('fail');
  });

  /** Edits that makers could make before signing again with their own key: the documents must still agree. */
  it.each<[string, string, (text: string) => string, string]>([
    ['manifest.jsonl', 'a licence', (text) => text.replace('"CC-BY-SA-4.0"', '"CC0-1.0"'), 'licences'],
    ['manifest.jsonl', 'an author', (text) => text.replaceAll('Author 2', 'Somebody'), 'credits'],
    ['ledger.json', 'a verdict', (text) => text.replace('allowed-with-duties', 'allowed'), 'licences'],
    ['README.md', 'the licence', (text) => text.replace('license: cc-by-sa-4.0', 'license: apache-2.0'), 'licences'],
    [
      'evaluation.json',
      'guessing',
      (text) => text.replace(/("constant": \{\s+"accuracy": \{\s+"correct": )2/, '$11'),
      'evaluation',
    ],
    ['README.md', 'a figure', (text) => text.replace('correct: 1', 'correct: 2'), 'model card'],
    ['README.md', 'the table', (text) => text.replace('| tuned | 1 of 2', '| tuned | 2 of 2'), 'model card'],
    ['README.md', 'the base', (text) => text.replace('license:', 'base_model: other/model\nlicense:'), 'model card'],
    ['README.md', 'the hash of the base', (text) => text.replace(/files sha256 `./, 'files sha256 `x'), 'model card'],
    [
      'provenance.intoto.jsonl',
      'the payload',
      (text) => text.replace('"payload":"e', '"payload":"E'),
      'signed run statement',
    ],
    ['provenance.slsa.json', 'a space', (text) => text.replace('{', '{ '), 'signed run statement'],
    [
      'evaluation.json',
      'a verdict',
      (text) => text.replace('"verdict": "correct"', '"verdict": "wrong"'),
      'evaluation',
    ],
    ['evaluation.json', 'an interval', (text) => text.replace('0.0945', '0.4945'), 'evaluation'],
    ['recipe.json', 'the seed', (text) => text.replace('"seed": 7', '"seed": 8'), 'recipe'],
    ['provenance.slsa.json', 'the seed', (text) => text.replace('"seed": 7', '"seed": 8'), 'recipe'],
    ['provenance.slsa.json', 'the step', (text) => text.replace('"step": 2', '"step": 1'), 'weights'],
    [
      'provenance.slsa.json',
      'a base file',
      (text) => text.replace('base-model/config.json', 'base-model/confug.json'),
      'run statement',
    ],
    ['audit.jsonl', 'an entry', (text) => text.replace('"samples":6', '"samples":5'), 'audit log'],
    ['audit.jsonl', 'its end', (text) => text.trim().split('\n').slice(0, -1).join('\n') + '\n', 'audit log'],
    ['ATTRIBUTION.csv', 'a line', (text) => text.replace(/^.*Icon 2.*\r\n/m, ''), 'credits'],
    ['LICENSE', 'the licence', () => licenceText('MIT') ?? '', 'licence text'],
    ['LICENSE', 'one word of it', (text) => text.replace('You must', 'You may'), 'licence text'],
    [
      'LICENSES/MIT.txt',
      'a duty',
      (text) => text.replace('shall be included', 'may be included'),
      'licences to pass on',
    ],
    ['NOTICE', 'a credit (named by the weights’ header)', (text) => text.replace('Author 2', 'Nobody'), 'records'],
    [
      'bom.cdx.json',
      'the schema',
      (text) => text.replace('"reinforcement-learning"', '"guessing"'),
      'bill of materials',
    ],
    [
      'bom.cdx.json',
      'the dataset',
      (text) => text.replace(/("atelier:dataset-sha256",\s+"value": ")./, '$1x'),
      'bill of materials',
    ],
    [
      'bom.cdx.json',
      'the licence of an image',
      (text) => text.replace(/"id": "MIT"/, '"id": "CC0-1.0"'),
      'bill of materials',
    ],
    ['sbom.spdx3.json', 'a profile minimum', (text) => text.replace('"suppliedBy"', '"comment"'), 'SPDX document'],
    [
      'sbom.spdx3.json',
      'what was done with the data',
      (text) => text.replace('"trainedOn"', '"hasTest"'),
      'SPDX document',
    ],
    ['sbom.spdx3.json', 'the run', (text) => text.replace('"step 2 of run', '"step 1 of run'), 'SPDX document'],
    [
      'croissant.json',
      'the hash of the list of images',
      (text) => text.replace(/("manifest\.jsonl",\s+"sha256": ")./, '$1f'),
      'dataset description',
    ],
    [
      'croissant.json',
      'what is required',
      (text) => text.replace('"datePublished"', '"dateHidden"'),
      'dataset description',
    ],
    ['croissant.json', 'an author', (text) => text.replace('"Author 2"', '"Somebody"'), 'dataset description'],
    [
      'training-summary.md',
      'the number of images',
      (text) => text.replace('| Images used for training | 3 |', '| Images used for training | 4 |'),
      'training summary',
    ],
    [
      'training-summary.md',
      'the number of opt-outs',
      (text) => text.replace(/0 opted out of training/, '4 opted out of training'),
      'words of the documents',
    ],
    [
      'training-summary.md',
      'a row that no export writes',
      (text) => text.replace('| Audio and video | None |', '| Audio and video | None |\n| Rights | All cleared |'),
      'words of the documents',
    ],
    [
      'README.md',
      'the licence in its text',
      (text) => text.replace('these weights under **CC-BY-SA-4.0**', 'these weights under **MIT**'),
      'words of the documents',
    ],
    [
      'README.md',
      'what may be done',
      (text) => text.replace(/publish commercially: \*\*[a-z ]+\*\*/, 'publish commercially: **allowed**'),
      'words of the documents',
    ],
    ['README.md', 'an author', (text) => text.replace(/^- .*Author 2.*\n/m, ''), 'words of the documents'],
    ['README.md', 'a duty', (text) => text.replace(/(Duties:\n\n)- .*\n/, '$1'), 'words of the documents'],
    ['sbom.spdx3.json', 'a credit', (text) => text.replaceAll('Author 2', 'Nobody'), 'words of the documents'],
    ['base-model/LICENSE', 'the base licence', () => 'MIT License. Do what you like.\n', 'licence files'],
    ['adapter_model.safetensors', 'the run in the header', (text) => text.replace('run-', 'ruN-'), 'weights'],
  ])('%s: %s is found even when its maker signs again', async (name, _what, edit, check) => {
    const folder = await fresh();
    const path = join(folder, name);
    const before = await readFile(path, 'latin1');
    const after = edit(before);
    expect(after).not.toBe(before);
    await writeFile(path, after, 'latin1');
    await signAgain(folder, await loadSigner(fileKeyVault(made.home)));
    const report = await verifyBundle(folder);
    expect(outcomeOf(report, 'signature')).toBe('pass');
    expect(outcomeOf(report, 'files')).toBe('pass');
    expect(report.checks.filter((entry) => entry.check === check && entry.outcome === 'fail')).toHaveLength(1);
  });

  it.each<[string, string, string | null, VerifyReport['outcome']]>([
    ['the base licence taken away', 'base-model/LICENSE', null, 'fail'],
    [
      'the base licence in other words',
      'base-model/LICENSE',
      'Apache License 2.0\n\nDo what you like.\n',
      'cannot-tell',
    ],
    ['the base licence emptied', 'base-model/LICENSE', '\n', 'fail'],
    ['a second licence', 'COPYING', 'WTFPL\n', 'fail'],
    ['a second licence, whole', 'LICENSE.txt', licenceText('MIT'), 'fail'],
    ['the same licence again', 'LICENSE.md', licenceText('CC-BY-SA-4.0'), 'pass'],
    ['a second notice', 'NOTICE.txt', 'You may do anything.\n', 'cannot-tell'],
    ['a licence under the name of another', 'LICENSES/GPL-3.0-only.txt', licenceText('Apache-2.0'), 'fail'],
    ['a licence that nobody knows', 'LICENSES/LicenseRef-mine.txt', 'Mine.\n', 'cannot-tell'],
  ])('%s is found even when its maker signs again', async (_what, name, text, outcome) => {
    const folder = await fresh();
    await mkdir(join(folder, 'LICENSES'), { recursive: true });
    if (text === null) await rm(join(folder, name));
    else await writeFile(join(folder, name), text);
    await signAgain(folder, await loadSigner(fileKeyVault(made.home)));
    const found = (await verifyBundle(folder)).checks.find(({ check }) => check === 'licence files');
    expect(found).toMatchObject({ outcome });
    if (outcome !== 'pass') expect(found?.detail).toContain(text === null ? 'base-model/' : name);
  });

  it('by another version, with other words, is not called wrong', async () => {
    const folder = await fresh();
    const path = join(folder, 'README.md');
    await writeFile(path, (await readFile(path, 'utf8')).replace('## Limits', '## What it cannot do'));
    await signAgain(folder, await loadSigner(fileKeyVault(made.home)));
    const wordsFor = async (version: string): Promise<unknown> =>
      (await verifyBundle(folder, { version })).checks.find(({ check }) => check === 'words of the documents');
    expect(await wordsFor(context.version)).toMatchObject({
      outcome: 'fail',
      detail: expect.stringMatching(/README\.md, line \d+ says "## What it cannot do", where "## Limits"/) as string,
    });
    expect(await wordsFor('99.0.0')).toMatchObject({ outcome: 'cannot-tell' });
  });

  it('made with earlier rules holds on licences if they decided as today, and says what differs if not', async () => {
    const licencesOf = async (edit: (text: string) => string): Promise<unknown> => {
      const folder = await fresh();
      const path = join(folder, 'ledger.json');
      await writeFile(
        path,
        edit((await readFile(path, 'utf8')).replace(/("factsSha256": ")[0-9a-f]{64}/, `$1${'0'.repeat(64)}`)),
      );
      await signAgain(folder, await loadSigner(fileKeyVault(made.home)));
      return (await verifyBundle(folder)).checks.find((entry) => entry.check === 'licences');
    };
    expect(await licencesOf((text) => text.replace('"Any use.', '"In other words, any use.'))).toMatchObject({
      outcome: 'pass',
      detail: expect.stringContaining("another version's facts and rules; today's give the same verdicts") as string,
    });
    expect(await licencesOf((text) => text.replace('"allowed-with-duties"', '"allowed"'))).toMatchObject({
      outcome: 'cannot-tell',
      detail: expect.stringMatching(/today's decide otherwise \(.*: allowed there, .* here\)/) as string,
    });
  });

  async function signAgain(folder: string, signer: ReturnType<typeof signerFromPem>): Promise<void> {
    await writeFile(
      join(folder, 'model.sig'),
      signModel('copy', await digestFolder(folder, ['model.sig']), signer).text,
    );
  }
});

describe('what verification mentions without calling it wrong', () => {
  it('a clock that was set back before the signing', async () => {
    const { store, home } = await openTemporary();
    const runId = await makeSmallRun(store, home);
    const now = (): Date => new Date('2001-02-03T04:05:06Z');
    const bundle = await createExport(store, { runId, destination: join(home, 'bundle') }, { ...context, now });
    const publicKey = (await loadSigner(fileKeyVault(home))).publicKeyPem;
    const report = await verifyBundle(bundle.path, { publicKey });
    expect(failures(report)).toBe('');
    expect(report.checks.find(({ check }) => check === 'times')).toMatchObject({
      outcome: 'cannot-tell',
      detail: expect.stringContaining('the clock was set back') as string,
    });
    expect(report.outcome).toBe('pass');
  });

  it('an end of the run before its start, which is not called good', async () => {
    const { bundle, home } = await exported();
    const path = join(bundle.path, 'provenance.slsa.json');
    const edited = (await readFile(path, 'utf8')).replace(/"finishedOn": "\d{4}/, '"finishedOn": "2001');
    await writeFile(path, edited);
    const signer = await loadSigner(fileKeyVault(home));
    await writeFile(join(bundle.path, 'provenance.intoto.jsonl'), signStatement(edited, signer));
    const digests = await digestFolder(bundle.path, ['model.sig']);
    await writeFile(join(bundle.path, 'model.sig'), signModel('bundle', digests, signer).text);
    const report = await verifyBundle(bundle.path, { publicKey: signer.publicKeyPem });
    // Only the statement was changed here, so the documents that repeat its time contradict it.
    expect(report.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).toEqual([
      'words of the documents',
    ]);
    expect(outcomeOf(report, 'times')).toBe('cannot-tell');
  });

  it('programs and pickles that were added and signed again', async () => {
    const { bundle, home } = await exported();
    await writeFile(join(bundle.path, 'modeling_atelier.py'), 'print("hello")');
    await writeFile(join(bundle.path, 'pytorch_model.bin'), 'pickle');
    await writeFile(join(bundle.path, 'optimizer.pkl'), 'pickle');
    const signer = await loadSigner(fileKeyVault(home));
    const digests = await digestFolder(bundle.path, ['model.sig']);
    await writeFile(join(bundle.path, 'model.sig'), signModel('bundle', digests, signer).text);
    const report = await verifyBundle(bundle.path, { publicKey: signer.publicKeyPem });
    expect(failures(report)).toBe('');
    const programs = report.checks.find(({ check }) => check === 'programs');
    expect(programs?.outcome).toBe('cannot-tell');
    for (const name of ['modeling_atelier.py', 'pytorch_model.bin', 'optimizer.pkl'])
      expect(programs?.detail).toContain(name);
    expect(report.outcome).toBe('cannot-tell');
    expect(outcomeOf(await verifyBundle((await exported()).bundle.path), 'programs')).toBeUndefined();
  });

  it.each(['recipe.json', 'adapter_model.safetensors'])(
    '%s is broken, and nothing is said about use/',
    async (name) => {
      const { bundle } = await exported();
      await writeFile(join(bundle.path, name), 'broken');
      const { checks } = await verifyBundle(bundle.path);
      const programs = checks.filter(({ check }) => check === 'programs');
      expect(programs).toMatchObject([
        {
          outcome: 'cannot-tell',
          detail: expect.stringMatching(/^The records from which use.* cannot all be read/) as string,
        },
      ]);
    },
  );

  it('a program in use/ that was changed and signed again', async () => {
    const { bundle, home } = await exported({ hubId: 'org/tiny' });
    const name = 'use/ask_with_transformers.py';
    await appendFile(join(bundle.path, name), 'print("hello")\n');
    const signer = await loadSigner(fileKeyVault(home));
    const digests = await digestFolder(bundle.path, ['model.sig']);
    await writeFile(join(bundle.path, 'model.sig'), signModel('bundle', digests, signer).text);
    const report = await verifyBundle(bundle.path, { publicKey: signer.publicKeyPem });
    expect(report.outcome).toBe('fail');
    expect(failures(report)).toContain(name);
    expect(report.checks.find(({ check }) => check === 'programs')?.detail).toContain(name);
  });
});

describe('a document that cannot be told', () => {
  it.each<[string, ((text: string) => string) | null, string]>([
    ['bom.cdx.json', (text) => text.replace('"specVersion": "1.6"', '"specVersion": "1.9"'), 'bill of materials'],
    ['sbom.spdx3.json', (text) => text.replace('rdf/3.0.1/spdx-context', 'rdf/4.0.0/spdx-context'), 'SPDX document'],
    ['croissant.json', (text) => text.replace('croissant/1.1', 'croissant/2.0'), 'dataset description'],
    ['bom.cdx.json', null, 'bill of materials'],
    ['training-summary.md', null, 'training summary'],
  ])('%s of an unknown version, or missing, is not called good', async (name, edit, check) => {
    const { bundle, home } = await exported({}, 'CC-BY-SA-4.0');
    const path = join(bundle.path, name);
    if (edit === null) await rm(path);
    else await writeFile(path, edit(await readFile(path, 'utf8')));
    // The statement names these files by hash, so the maker would have to leave them out there too.
    const statementPath = join(bundle.path, 'provenance.slsa.json');
    const statement = JSON.parse(await readFile(statementPath, 'utf8')) as {
      predicate: { runDetails: { byproducts: { name: string }[] } };
    };
    const { runDetails } = statement.predicate;
    runDetails.byproducts = runDetails.byproducts.filter((entry) => entry.name !== name);
    await writeFile(statementPath, JSON.stringify(statement));
    const signer = await loadSigner(fileKeyVault(home));
    await writeFile(join(bundle.path, 'provenance.intoto.jsonl'), signStatement(JSON.stringify(statement), signer));
    const digests = await digestFolder(bundle.path, ['model.sig']);
    await writeFile(join(bundle.path, 'model.sig'), signModel('bundle', digests, signer).text);
    const report = await verifyBundle(bundle.path, { publicKey: signer.publicKeyPem });
    expect(failures(report)).toBe('');
    expect(outcomeOf(report, check)).toBe('cannot-tell');
    expect(report.outcome).toBe('cannot-tell');
  });
});

describe('what stands in the way', () => {
  it('refuses a destination that exists, and leaves it as it was', async () => {
    const { store, home, bundle } = await exported();
    const before = await digestFolder(bundle.path);
    await expect(createExport(store, { runId: bundle.runId, destination: bundle.path }, context)).rejects.toMatchObject(
      { code: 'CONFLICT' },
    );
    expect(await digestFolder(bundle.path)).toEqual(before);
    expect((await readdir(home)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('refuses a run that still works, a base model that changed, and a licence that the ledger does not allow', async () => {
    const busy = await openTemporary();
    const runId = await makeSmallRun(busy.store, busy.home, { unfinished: true });
    await expect(createExport(busy.store, { runId, destination: join(busy.home, 'x') }, context)).rejects.toMatchObject(
      { code: 'CONFLICT' },
    );

    const { store, home, bundle } = await exported();
    const request = { runId: bundle.runId, destination: join(home, 'new', 'folder') };
    await expect(createExport(store, { ...request, licence: 'Apache-2.0' }, context)).rejects.toThrow(/CC-BY-SA-4\.0/);
    await appendFile(join(home, 'base', 'config.json'), ' ');
    await expect(createExport(store, request, context)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readdir(home)).not.toContain('new');
  });

  it('leaves nothing behind when it fails half-way', async () => {
    const { store, home } = await openTemporary();
    const runId = await makeSmallRun(store, home, {
      prepare: (checkpoint) => writeFile(join(checkpoint, 'adapter_model.safetensors'), 'damaged'),
    });
    const request = { runId, destination: join(home, 'new', 'folder') };
    await expect(createExport(store, request, context)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await readdir(home)).not.toContain('new');
    expect(await store.exports.list()).toHaveLength(0);
  });

  it('stops when asked, and leaves nothing', async () => {
    const { store, home, bundle } = await exported();
    const stop = new AbortController();
    stop.abort();
    const request = { runId: bundle.runId, destination: join(home, 'stopped') };
    await expect(createExport(store, request, { ...context, signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect((await readdir(home)).filter((name) => name.includes('stopped'))).toEqual([]);
  });
});

describe('other kinds of bundle', () => {
  it('reserves all rights while no licence is chosen, and says what is unknown', async () => {
    const { bundle } = await exported({ licences: ['CC-BY-4.0', null, 'MIT', 'MIT', 'MIT', 'MIT'], baseLicence: null });
    const card = await readFile(join(bundle.path, 'README.md'), 'utf8');
    expect(card).toContain('license: other\nlicense_name: not-chosen');
    expect(await readFile(join(bundle.path, 'LICENSE'), 'utf8')).toContain('all rights are reserved');
    const report = await verifyBundle(bundle.path);
    expect(failures(report)).toBe('');
    expect(report.checks.find((c) => c.check === 'licences')?.detail).toContain('needs decision');
  });

  it('names a hub id where the base model came from the hub, and nowhere else', async () => {
    const onHub = await exported({ hubId: 'someone/model' });
    const unknown = await exported();
    const read = (bundle: ExportSummary, name: string): Promise<string> => readFile(join(bundle.path, name), 'utf8');
    expect(await read(onHub.bundle, 'README.md')).toContain(
      'base_model: someone/model\nbase_model_relation: adapter\n',
    );
    expect(await read(onHub.bundle, 'sbom.spdx3.json')).toContain('https://huggingface.co/someone/model');
    const card = await read(unknown.bundle, 'README.md');
    expect(card.slice(0, card.indexOf('\n---\n'))).not.toMatch(/base_model|datasets|language/);
    expect(await read(unknown.bundle, 'sbom.spdx3.json')).not.toContain('huggingface.co');
    for (const { bundle } of [onHub, unknown])
      expect(outcomeOf(await verifyBundle(bundle.path), 'model card')).toBe('pass');
  });

  it('states use, hardware and time as recorded, and neither energy nor emissions', async () => {
    const { bundle } = await exported();
    const card = await readFile(join(bundle.path, 'README.md'), 'utf8');
    expect(card).toContain('## Intended use\n\nIt answers a question about one image in a short text.');
    expect(card).toContain('Device, as the engine named it: cpu. The 2 steps took 6.0 s together');
    expect(card).toContain('Neither the energy nor the emissions were measured.');
    expect(card).not.toContain('co2');
  });

  it.each([
    ['upright', 'Photographs were turned as their EXIF orientation says.'],
    [undefined, 'Photographs were used as they are stored,'],
  ] as const)('names the orientation of photographs (%s) on the card and in the papers', async (orientation, said) => {
    const { bundle } = await exported(orientation === undefined ? {} : { orientation });
    for (const name of ['README.md', 'croissant.json', 'sbom.spdx3.json'])
      expect(await readFile(join(bundle.path, name), 'utf8'), name).toContain(said);
    const card = await readFile(join(bundle.path, 'README.md'), 'utf8');
    expect(card.includes('ImageOps.exif_transpose(Image.open(PICTURE))')).toBe(orientation === 'upright');
    expect(failures(await verifyBundle(bundle.path))).toBe('');
  });

  it('exports all weights with what transformers needs from the base, and verifies', async () => {
    const { bundle, home } = await exported({ adapter: 'full' });
    const names = bundle.files.map((file) => file.name);
    expect(names).toEqual(
      expect.arrayContaining(['model.safetensors', 'config.json', 'tokenizer.json', 'preprocessor_config.json']),
    );
    const report = await verifyBundle(bundle.path, { publicKey: (await ownPublicKey(fileKeyVault(home))) ?? '' });
    expect(failures(report)).toBe('');
    expect(report.outcome).toBe('pass');
  });

  it('warns on the card when the adapter changes nothing', async () => {
    const { store, home } = await openTemporary();
    const runId = await makeSmallRun(store, home, {
      prepare: async (checkpoint) => {
        const path = join(checkpoint, 'adapter_model.safetensors');
        const bytes = await readFile(path);
        bytes.fill(0, 8 + Number(bytes.readBigUInt64LE(0)));
        await writeFile(path, bytes);
      },
    });
    const bundle = await createExport(store, { runId, destination: join(home, 'zero') }, context);
    expect(await readFile(join(bundle.path, 'README.md'), 'utf8')).toContain('Every B matrix of this adapter is zero');
  });

  it('withholds what the log says about other work, and keeps the chain', async () => {
    const { store, home } = await openTemporary();
    const other = await makeSmallRun(store, home, { name: 'a secret project' });
    const runId = await makeSmallRun(store, home, { name: 'this one' });
    const bundle = await createExport(store, { runId, destination: join(home, 'bundle') }, context);
    const log = await readFile(join(bundle.path, 'audit.jsonl'), 'utf8');
    expect(log).not.toContain(`"${other}"`);
    expect(log).toContain('"withheld":true');
    expect(outcomeOf(await verifyBundle(bundle.path), 'audit log')).toBe('pass');
  });
});

describe('the key', () => {
  it('is made once, is for its owner only, and two first calls at once get the same', async () => {
    const home = await mkdtemp(join(tmpdir(), 'atelier-key-'));
    const vault = fileKeyVault(home);
    expect(await ownPublicKey(vault)).toBeNull();
    const [one, two] = await Promise.all([loadSigner(vault), loadSigner(fileKeyVault(home))]);
    expect(one.publicKeyPem).toBe(two.publicKeyPem);
    expect((await stat(join(home, 'keys', 'signing.pem'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(home, 'keys'))).toEqual(['signing.pem']);
    await chmod(join(home, 'keys', 'signing.pem'), 0o600);
    if (process.platform !== 'win32') {
      await chmod(join(home, 'keys', 'signing.pem'), 0o640);
      await expect(loadSigner(vault)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(/Other users .*Nothing was signed/) as string,
      });
      // Who made a bundle can still be told.
      expect(await ownPublicKey(vault)).toBe(one.publicKeyPem);
      await chmod(join(home, 'keys', 'signing.pem'), 0o600);
    }
    await writeFile(join(home, 'keys', 'signing.pem'), 'not a key');
    await expect(loadSigner(vault)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await rm(home, { recursive: true });
  });
});

it('hashes audit entries as the store does', () => {
  const entry = {
    seq: 3,
    at: '2026-01-01T00:00:00.000Z',
    action: 'run.created',
    body: { b: 1, a: ['ü'] },
    prev: 'f'.repeat(64),
  };
  expect(auditEntryHash(entry)).toBe(auditHash(entry));
});
