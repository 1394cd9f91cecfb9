/** @file The licence of a base model: from its folder, by hand, and again when the folder is added again. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { licenceText } from '../../provenance/documents/licence-texts.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { registerModel, setModelLicence } from './register.ts';

const MODEL = fileURLToPath(new URL('../../engine/fixtures/qwen2vl-tiny/model/', import.meta.url));

let work: string;
let store: Store;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'atelier-model-'));
  store = await openStore(join(work, 'home'));
  await cp(MODEL, join(work, 'model'), { recursive: true });
});
afterEach(async () => {
  await store.close();
  await rm(work, { recursive: true, force: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(work, 'model', name), text);
const card = (front: string): Promise<void> => write('README.md', `---\n${front}\n---\n\n# A model\n`);
const textOf = (id: string): string => licenceText(id) ?? '';
const add = () => registerModel({ store }, { path: join(work, 'model') });
const addShipped = () => registerModel({ store }, { path: join(work, 'model'), starter: true });
const licence = async (): Promise<string | null> => (await add()).licence;

describe('the licence that a folder states', () => {
  it('is unknown where nothing is stated', async () => {
    expect(await add()).toMatchObject({ licence: null, licenceEvidence: [], licenceStated: null });
  });

  it('is read from the card, also where the hub has no id for it', async () => {
    await card('license: apache-2.0\npipeline_tag: image-text-to-text');
    expect(await add()).toMatchObject({
      licence: 'Apache-2.0',
      licenceEvidence: [{ place: 'README.md, license', words: 'apache-2.0', licence: 'Apache-2.0' }],
    });
    // As Qwen2.5-VL-3B-Instruct and Qwen2-VL-72B-Instruct have it.
    await card(
      'license_name: qwen-research\nlicense_link: https://huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct/blob/main/LICENSE',
    );
    expect(await licence()).toBe('LicenseRef-Qwen-Research');
    await card('license: other\nlicense_name: tongyi-qianwen\nlicense_link: LICENSE');
    expect(await licence()).toBe('LicenseRef-Tongyi-Qianwen');
    await card('license: other\nlicense_name: my-own-terms');
    expect(await add()).toMatchObject({
      licence: null,
      licenceEvidence: [{ place: 'README.md, license_name', words: 'my-own-terms', licence: null }],
    });
    // A name beside the id counts as well.
    await card('license: mit\nlicense_name: "MIT NC"');
    expect(await add()).toMatchObject({
      licence: 'MIT AND LicenseRef-not-stated',
      licenceEvidence: [
        { place: 'README.md, license', words: 'mit', licence: 'MIT' },
        { place: 'README.md, license_name', words: 'MIT NC', licence: null },
      ],
    });
    await card('license: cc-by-4.0\nlicense_name: CC BY-NC 4.0');
    expect(await licence()).toBe('CC-BY-NC-4.0');
    await card('license: cc-by-4.0\nlicense_link: https://creativecommons.org/licenses/by-nc/4.0/');
    expect(await licence()).toBe('CC-BY-NC-4.0');
    await card('license: apache-2.0\nlicense_name: Apache License 2.0\nlicense_link: LICENSE');
    expect(await licence()).toBe('Apache-2.0');
    await card('license: [cc-by-4.0, cc-by-nc-4.0]');
    expect(await licence()).toBe('CC-BY-NC-4.0');
    await card('license: "unclosed');
    expect(await licence()).toBeNull();
  });

  it('is read from LICENSE files, word for word where the licence is permissive', async () => {
    const apache = textOf('Apache-2.0');
    await write('LICENSE', apache.replace(/Copyright \[yyyy\].*/, 'Copyright 2024 Alibaba Cloud'));
    expect(await licence()).toBe('Apache-2.0');
    // As Apache publishes it, wrapped and indented.
    await write('LICENSE', await readFile(new URL('../../../LICENSE', import.meta.url), 'utf8'));
    expect(await licence()).toBe('Apache-2.0');
    const mit = textOf('MIT').replaceAll('<year>', '2024').replaceAll('<copyright holders>', 'Ada Example');
    await write('LICENSE', `${mit.replaceAll('\n', '\r\n')}\n`);
    expect(await licence()).toBe('MIT');
    // Somebody added a clause.
    await write('LICENSE', `${mit}\nYou must not use it for commerce.\n`);
    expect(await licence()).toBeNull();
    await write('LICENSE', `${apache}\nCommons Clause: you must not sell it.\n`);
    expect(await licence()).toBeNull();
    await write('LICENSE', '# Qwen RESEARCH LICENSE AGREEMENT\n\nQwen RESEARCH LICENSE AGREEMENT Release Date: …\n');
    expect(await licence()).toBe('LicenseRef-Qwen-Research');
    await write(
      'LICENSE',
      'LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nLlama 3.2 Version Release Date: September 25, 2024\n',
    );
    expect(await licence()).toBe('LicenseRef-Llama-3.2');
  });

  it('is the stricter where card and file contradict each other, and unknown in part where a file is not understood', async () => {
    await card('license: apache-2.0');
    await write('LICENSE.md', 'Qwen RESEARCH LICENSE AGREEMENT\n');
    const model = await add();
    expect(model.licence).toContain('LicenseRef-Qwen-Research');
    expect(model.licenceEvidence).toHaveLength(2);
    await write('LICENSE.md', 'You may look at the weights on Sundays.\n');
    expect(await licence()).toBe('Apache-2.0 AND LicenseRef-not-stated');
  });

  it('is read again when the folder is added again', async () => {
    const first = await add();
    expect(first.licence).toBeNull();
    await card('license: mit');
    const second = await add();
    expect(second).toMatchObject({ id: first.id, licence: 'MIT' });
    const { entries } = await store.audit.page({ offset: 0, limit: 10 });
    expect(entries.map(({ action }) => action)).toContain('model.licence');
  });
});

describe('a licence that a person sets', () => {
  it('counts, needs evidence, survives adding the folder again, and can be withdrawn', async () => {
    await card('license: mit');
    const { id: modelId } = await add();
    await expect(setModelLicence({ store }, { modelId, licence: 'CC BY-NC 4.0', evidence: '' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'evidence' },
    });
    await expect(
      setModelLicence({ store }, { modelId, licence: 'whatever', evidence: 'a page' }),
    ).rejects.toMatchObject({
      place: { field: 'licence' },
    });
    const set = await setModelLicence({ store }, { modelId, licence: 'CC BY-NC 4.0', evidence: 'The paper, page 3' });
    expect(set).toMatchObject({
      licence: 'CC-BY-NC-4.0',
      licenceStated: { licence: 'CC-BY-NC-4.0', evidence: 'The paper, page 3' },
      licenceEvidence: [{ licence: 'MIT' }],
    });
    await card('license: apache-2.0');
    expect(await add()).toMatchObject({ licence: 'CC-BY-NC-4.0', licenceEvidence: [{ licence: 'Apache-2.0' }] });
    expect(await setModelLicence({ store }, { modelId, licence: null, evidence: '' })).toMatchObject({
      licence: 'Apache-2.0',
      licenceStated: null,
    });
  });
});

describe('a model that ships with Atelier', () => {
  it('keeps its name and its licence, whoever adds its folder', async () => {
    await card('license: apache-2.0');
    const shipped = await addShipped();
    const named = registerModel({ store }, { path: shipped.path, name: 'other' });
    await expect(named).rejects.toMatchObject({ code: 'CONFLICT', place: { field: 'name' } });
    const licensed = setModelLicence({ store }, { modelId: shipped.id, licence: 'MIT', evidence: 'x' });
    await expect(licensed).rejects.toMatchObject({ code: 'CONFLICT', place: { field: 'licence' } });
    expect(await add()).toEqual(shipped);
    expect(await registerModel({ store }, { path: shipped.path, name: shipped.name })).toEqual(shipped);
  });

  it('is called again as its folder says', async () => {
    await write('atelier.json', JSON.stringify({ name: 'nano' }));
    const shipped = await addShipped();
    await store.models.register({ ...shipped, name: 'renamed earlier' });
    expect((await addShipped()).name).toBe('nano');
  });
});
