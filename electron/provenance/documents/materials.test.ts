/** @file The bills of materials' form: what CycloneDX's own validator and our own checks must refuse. */
import { describe, expect, it } from 'vitest';
import { bundleUuid, statedLicence, uuidFrom, webAddress } from './bundle-description.ts';
import type { BundleDescription } from './bundle-description.ts';
import { checkCycloneDxForm } from './cyclonedx-check.ts';
import { IMAGES_LISTED, buildCycloneDx } from './cyclonedx.ts';
import { checkCroissantForm } from './croissant-check.ts';
import { buildCroissant } from './croissant.ts';
import { Recipe } from '../../contract/api/index.ts';
import { DEFAULT_GRPO, DEFAULT_GRPO_D_SCHEDULE, DEFAULT_OPTIMISER, DEFAULT_REWARDS } from '../../method/defaults.ts';
import { assessLicences } from '../ledger/ledger.ts';
import { changeOf, faultOfSamples, type EvaluationRecord } from './evaluation-record.ts';
import { LICENCE_FACTS, knownIds } from '../ledger/licence-facts.ts';
import { ManifestRow } from './manifest.ts';
import { checkSpdx3Form, graphOf } from './spdx3-check.ts';
import { buildSpdx3 } from './spdx3.ts';
import { computeText, intendedUse, statedSeconds } from './model-card.ts';
import { summaryValue, trainingSummary, SUMMARY_LINE } from './training-summary.ts';

const hash = (digit: string): string => digit.repeat(64);

/** A bundle with one image for each given licence. */
function bundleOf(licences: (string | null)[], more: Partial<BundleDescription> = {}): BundleDescription {
  const manifest = licences.map((licence, index) =>
    ManifestRow.parse({
      imageSha256: index.toString(16).padStart(64, '0'),
      names: [`image ${index}.png`],
      width: 28,
      height: 28,
      samples: [{ id: `s${index}`, split: 'train', task: 'counting', timesSeen: 1 }],
      use: 'training',
      why: 'drawn in training',
      licence,
      authors: ['Ada | <b>'],
      sources: [{ title: 'x', author: 'Ada', licence, url: 'https://example.org/a b?c={d}|"e"' }],
    }),
  );
  return {
    atelierVersion: '0.0.0-test',
    runId: 'run-1',
    step: 2,
    recipe: Recipe.parse({
      name: 'a name',
      modelId: 'm',
      modelSha256: hash('a'),
      datasetId: 'd',
      datasetSha256: hash('b'),
      method: 'grpo-d',
      promptTemplate: '{question}',
      adapter: { kind: 'lora', r: 4, loraAlpha: 8, targetModules: ['q_proj'] },
      rewards: DEFAULT_REWARDS,
      grpo: DEFAULT_GRPO,
      klSchedule: DEFAULT_GRPO_D_SCHEDULE,
      optimiser: DEFAULT_OPTIMISER,
      steps: 2,
      seed: 7,
      checkpointEvery: 2,
      evalSamples: 0,
    }),
    recipeSha256: hash('c'),
    device: 'cpu',
    at: '2026-01-02T03:04:05.678Z',
    base: {
      name: 'group/base',
      licence: 'Apache-2.0',
      sha256: hash('a'),
      files: [{ name: 'config.json', sha256: hash('1') }],
      architecture: 'Qwen2VLForConditionalGeneration',
      hub: null,
    },
    dataset: { name: 'data', importedAt: '2026-01-01T00:00:00.000Z', orientation: 'upright', textBytes: 1200 },
    manifest,
    manifestFile: { name: 'manifest.jsonl', sha256: hash('2') },
    attributionFile: { name: 'ATTRIBUTION.csv', sha256: hash('3') },
    evaluation: { version: 1, base: null, tuned: null, others: [] },
    ledger: assessLicences({ baseLicence: 'Apache-2.0', imageLicences: [] }),
    licence: null,
    results: [{ name: 'adapter_model.safetensors', sha256: hash('4') }],
    makerKey: hash('5'),
    ...more,
  };
}

/** Words that are not a licence, licences without an SPDX id, and nothing at all. */
const ODD = [
  null,
  'LicenseRef-own-work',
  'see the website',
  'CC-BY-4.0 OR LicenseRef-contract',
  '(MIT) AND (CC0-1.0 OR CC-BY-4.0)',
];

type Path = (string | number)[];

/** The document as text, with the value at `path` replaced, or removed if none is given. */
function edited(document: unknown, path: Path, value?: unknown): string {
  const copy: unknown = structuredClone(document);
  let inside = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) inside = inside[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(inside, last);
  else inside[last] = value;
  return JSON.stringify(copy);
}

describe('CycloneDX', () => {
  it('is accepted by the strict validator under every licence that the table knows, and under odd ones', async () => {
    const licences = [...knownIds(), ...ODD];
    expect(await checkCycloneDxForm(JSON.stringify(buildCycloneDx(bundleOf(licences))))).toEqual({ kind: 'sound' });
    for (const licence of ['Apache-2.0', 'LicenseRef-Qwen'])
      expect(await checkCycloneDxForm(JSON.stringify(buildCycloneDx(bundleOf([null], { licence }))))).toEqual({
        kind: 'sound',
      });
  });

  it.each<[string, Path, unknown, RegExp]>([
    [
      'a way of learning that the format does not know',
      ['metadata', 'component', 'modelCard', 'modelParameters', 'approach'],
      { type: 'finetune' },
      /approach/,
    ],
    ['a short hash', ['components', 1, 'hashes', 0, 'content'], 'abc', /hashes/],
    ['a field that the format does not know', ['author'], 'me', /additional/],
    [
      'a licence id that SPDX does not know',
      ['components', 0, 'licenses'],
      [{ license: { id: 'CC-BY-9.0' } }],
      /licenses/,
    ],
    ['a dependency that leads nowhere', ['dependencies', 0, 'dependsOn'], ['nobody'], /"nobody" leads nowhere/],
    [
      'a dataset of the model that leads nowhere',
      ['metadata', 'component', 'modelCard', 'modelParameters', 'datasets'],
      [{ ref: 'gone' }],
      /"gone" leads nowhere/,
    ],
    ['two components of one name', ['components', 0, 'bom-ref'], 'dataset', /"dataset" names two components/],
    [
      'an expression without grammar',
      ['components', 1, 'licenses'],
      [{ expression: 'MIT AND AND' }],
      /not a licence expression/,
    ],
  ])('is refused with %s', async (_what, path, value, fault) => {
    const verdict = await checkCycloneDxForm(edited(buildCycloneDx(bundleOf(['MIT'])), path, value));
    expect(verdict.kind === 'faulty' ? verdict.faults.join('; ') : verdict.kind).toMatch(fault);
  });

  it('of another version cannot be judged', async () => {
    const text = edited(buildCycloneDx(bundleOf(['MIT'])), ['specVersion'], '1.9');
    expect((await checkCycloneDxForm(text)).kind).toBe('unknown');
  });
});

describe('a dataset of many images', () => {
  it('is listed by its manifest alone, so that validators end in time', async () => {
    const many = Array.from({ length: IMAGES_LISTED + 1 }, () => 'MIT');
    const text = JSON.stringify(buildCycloneDx(bundleOf(many)));
    expect(text).not.toContain('image:');
    expect(text).toContain('in manifest.jsonl');
    expect(await checkCycloneDxForm(text)).toEqual({ kind: 'sound' });
  });

  it('of a stranger, listed one by one, is not checked for hours but left untold', async () => {
    const components = Array.from({ length: 20_000 }, (_entry, index) => ({ type: 'file', name: String(index) }));
    const verdict = await checkCycloneDxForm(edited(buildCycloneDx(bundleOf([])), ['components'], components));
    expect(verdict).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('20000') as string });
  });
});

describe('SPDX 3', () => {
  it('has what its profiles ask for, under every licence', () => {
    const document = buildSpdx3(bundleOf([...knownIds(), ...ODD], { licence: 'LicenseRef-Qwen' }));
    expect(checkSpdx3Form(JSON.stringify(document))).toEqual({ kind: 'sound' });
  });

  /** The document with one field replaced or removed in its first element of a type. */
  function editedElement(document: Record<string, unknown>, type: string, field: string, value?: unknown): string {
    const index = graphOf(document).findIndex((element) => element['type'] === type);
    return edited(document, ['@graph', index, field], value);
  }

  it.each<[string, string, string, unknown, RegExp]>([
    ['a model without a supplier', 'ai_AIPackage', 'suppliedBy', undefined, /lacks suppliedBy/],
    ['a dataset without a time of building', 'dataset_DatasetPackage', 'builtTime', undefined, /lacks builtTime/],
    ['a dataset of no known type', 'dataset_DatasetPackage', 'dataset_datasetType', ['pictures'], /pictures/],
    ['two originators', 'dataset_DatasetPackage', 'originatedBy', ['a', 'b'], /one originator/],
    ['a relationship that leads nowhere', 'Relationship', 'to', ['https://example.org/x'], /which does not exist/],
    [
      'an own licence without its text',
      'simplelicensing_LicenseExpression',
      'simplelicensing_customIdToUri',
      undefined,
      /text of LicenseRef/,
    ],
    ['no AI package', 'ai_AIPackage', 'type', 'software_Package', /no ai_AIPackage/],
    ['a fraction of a second', 'CreationInfo', 'created', '2026-01-02T03:04:05.6Z', /whole seconds/],
  ])('is refused with %s', (_what, type, field, value, fault) => {
    const unlicensed = { ...bundleOf([]).base, licence: null };
    const document = buildSpdx3(bundleOf(['LicenseRef-own-work'], { base: unlicensed }));
    const verdict = checkSpdx3Form(editedElement(document, type, field, value));
    expect(verdict.kind === 'faulty' ? verdict.faults.join('; ') : verdict.kind).toMatch(fault);
  });

  const elements = (document: Record<string, unknown>): Record<string, unknown>[] => graphOf(document);
  const relation = (document: Record<string, unknown>, type: string): unknown[] =>
    elements(document).flatMap((entry) => (entry['relationshipType'] === type ? [entry['to']].flat() : []));

  it('names the split that the model was trained on and the one it was tested on, each with its images', () => {
    const [trained, ...rest] = bundleOf(['MIT', 'MIT', 'MIT']).manifest;
    const manifest = [trained!, { ...rest[0]!, use: 'evaluation' as const }, { ...rest[1]!, use: 'not-used' as const }];
    const accuracy = { correct: 1, n: 1, value: 1, low: 0.2, high: 1 };
    const tuned = { summary: { split: 'test', accuracy }, items: [] } as unknown as EvaluationRecord;
    const document = buildSpdx3(bundleOf([], { manifest, evaluation: { version: 1, base: null, tuned, others: [] } }));
    expect(checkSpdx3Form(JSON.stringify(document))).toEqual({ kind: 'sound' });
    const named = (id: unknown): unknown[] =>
      elements(document).flatMap((entry) =>
        entry['spdxId'] === id ? [[entry['name'], entry['dataset_datasetSize']]] : [],
      );
    expect(relation(document, 'trainedOn').flatMap(named)).toEqual([['data, train split', 1]]);
    expect(relation(document, 'testedOn').flatMap(named)).toEqual([['data, test split', 1]]);
    expect(relation(document, 'contains').flatMap(named)).toEqual(
      expect.arrayContaining([
        ['data, train split', 1],
        ['data, test split', 1],
      ]),
    );
  });

  it('takes the base for an AI package, and invents neither its maker nor its release', () => {
    const base = (description: BundleDescription): Record<string, unknown> | undefined =>
      elements(buildSpdx3(description)).find(({ spdxId }) => String(spdxId).endsWith('#base-model'));
    const unknown = bundleOf(['MIT']);
    expect(base(unknown)).toMatchObject({ type: 'ai_AIPackage', software_primaryPurpose: 'model' });
    expect(base(unknown)).not.toHaveProperty('releaseTime');
    const hub = { id: 'owner/model', revision: 'abc' };
    expect(base({ ...unknown, base: { ...unknown.base, hub } })).toMatchObject({
      software_downloadLocation: 'https://huggingface.co/owner/model/tree/abc',
    });
  });

  it('never has advice to the maker as the text of a licence', () => {
    const refs = knownIds().filter((id) => id.startsWith('LicenseRef-'));
    const document = buildSpdx3(bundleOf([...refs, 'LicenseRef-house-rules']));
    const texts = elements(document).flatMap((entry) => [entry['simplelicensing_licenseText'] ?? []].flat());
    expect(texts).toHaveLength(refs.length + 1);
    for (const text of texts) {
      expect(LICENCE_FACTS.map(({ reading }) => reading)).not.toContain(text);
      expect(text).toMatch(/not in this document|no published licence text/);
    }
  });

  it('of another version cannot be judged', () => {
    const document = buildSpdx3(bundleOf(['MIT']));
    expect(checkSpdx3Form(edited(document, ['@context'], 'https://spdx.org/rdf/4.0/context.jsonld')).kind).toBe(
      'unknown',
    );
    expect(checkSpdx3Form(editedElement(document, 'CreationInfo', 'specVersion', '3.1')).kind).toBe('unknown');
  });
});

describe('Croissant', () => {
  it('has what the specification requires', () => {
    expect(checkCroissantForm(JSON.stringify(buildCroissant(bundleOf(ODD))))).toEqual({ kind: 'sound' });
    expect(checkCroissantForm(JSON.stringify(buildCroissant(bundleOf([]))))).toEqual({ kind: 'sound' });
  });

  it.each<[string, Path, unknown, RegExp]>([
    ['without a licence', ['license'], undefined, /lacks license/],
    ['with a file without a hash', ['distribution', 0, 'sha256'], undefined, /no sha256/],
    [
      'with a field from a file that is not there',
      ['recordSet', 0, 'field', 0, 'source', 'fileObject', '@id'],
      'gone',
      /"gone" leads nowhere/,
    ],
  ])('is refused %s', (_what, path, value, fault) => {
    const verdict = checkCroissantForm(edited(buildCroissant(bundleOf(['MIT'])), path, value));
    expect(verdict.kind === 'faulty' ? verdict.faults.join('; ') : verdict.kind).toMatch(fault);
  });

  it('of another version cannot be judged', () => {
    const text = edited(buildCroissant(bundleOf(['MIT'])), ['conformsTo'], ['http://mlcommons.org/croissant/2.0']);
    expect(checkCroissantForm(text).kind).toBe('unknown');
  });
});

describe('works in the images', () => {
  /** CC0 images: one of a non-commercial work, one of a work whose licence is not known, one of a contract's. */
  const sources = ['CC-BY-NC-4.0', null, 'LicenseRef-contract-ai-granted'];
  const manifest = bundleOf(['CC0-1.0', 'CC0-1.0', 'CC0-1.0']).manifest.map((row, index) => ({
    ...row,
    sources: row.sources.map((source) => ({ ...source, licence: sources[index] ?? null })),
  }));
  const unknown = 'https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense';

  it('count in the licences of the dataset in every document', async () => {
    const [known] = manifest;
    const bom = buildCycloneDx(bundleOf([], { manifest: [known!] }));
    expect((bom['components'] as Record<string, unknown>[])[1]).toMatchObject({
      licenses: [{ expression: 'CC-BY-NC-4.0 AND CC0-1.0' }],
    });
    const all = buildCycloneDx(bundleOf([], { manifest }));
    expect(await checkCycloneDxForm(JSON.stringify(all))).toEqual({ kind: 'sound' });
    // What is not known of all images together is not claimed.
    expect((all['components'] as Record<string, unknown>[])[1]).not.toHaveProperty('licenses');

    const croissant = buildCroissant(bundleOf([], { manifest }));
    expect(croissant['license']).toEqual([
      'LicenseRef-contract-ai-granted',
      'https://creativecommons.org/licenses/by-nc/4.0/',
      'https://creativecommons.org/publicdomain/zero/1.0/legalcode',
      unknown,
    ]);
    expect(croissant['rai:dataLimitations']).toContain(
      'For 1 of 3 images, the licence of the image or of a work in it is not known.',
    );

    const spdx = buildSpdx3(bundleOf([], { manifest }));
    expect(checkSpdx3Form(JSON.stringify(spdx))).toEqual({ kind: 'sound' });
    const expressions = graphOf(spdx).flatMap((element) => element['simplelicensing_licenseExpression'] ?? []);
    expect(expressions).toContain('CC-BY-NC-4.0 AND CC0-1.0');
    expect(expressions).not.toContain('CC0-1.0');
    expect(JSON.stringify(spdx)).toContain('is not known. This identifier stands for it and permits nothing.');
  });

  it('decide where the training summary puts an image', () => {
    const text = trainingSummary(bundleOf([], { manifest }));
    expect(text).toContain('Yes: 1 image (1 under CC-BY-NC-4.0 AND CC0-1.0). Modality: image.');
    expect(text).toContain(
      'Licensed by rightsholders. Yes: 1 image (1 under CC0-1.0 AND LicenseRef-contract-ai-granted).',
    );
    expect(text).toContain('an unknown licence. Yes: 1 image (1 under CC0-1.0 AND an unknown licence).');
    expect(trainingSummary(bundleOf(['LicenseRef-CreativeML-OpenRAIL-M']))).toContain(
      'works with an unknown licence. No: none of the images.',
    );
  });
});

describe('who is named as a creator', () => {
  it('has a type only if the name is clearly an organisation’s', () => {
    const [row] = bundleOf(['MIT']).manifest;
    const authors = ['Ada', 'Anonymous', 'DALL-E', 'Google LLC'];
    expect(buildCroissant(bundleOf([], { manifest: [{ ...row!, authors }] }))['creator']).toEqual([
      {
        '@type': 'sc:Organization',
        name: 'The authors of the images',
        description: 'Whether its members are people, companies or programs was not recorded.',
        member: [{ name: 'Ada' }, { name: 'Anonymous' }, { name: 'DALL-E' }],
      },
      { '@type': 'sc:Organization', name: 'Google LLC' },
    ]);
  });

  it('made an image that was not opted out; nobody is named in their place', () => {
    const [row] = bundleOf(['MIT']).manifest;
    const manifest = [
      { ...row!, authors: ['Ada'] },
      { ...row!, authors: ['Ben'], verdict: 'opted-out' as const },
      { ...row!, authors: ['Ada', 'Cem'], verdict: 'unknown' as const },
    ];
    const names = (more: Partial<BundleDescription>): unknown =>
      (buildCroissant(bundleOf([], more))['creator'] as { member: { name: string }[] }[]).flatMap(({ member }) =>
        member.map(({ name }) => name),
      );
    expect(names({ manifest })).toEqual(['Ada', 'Cem']);
    expect(names({ manifest: [manifest[1]!] })).toEqual([expect.stringContaining('Holder of the signing key')]);
  });
});

describe('the training summary', () => {
  it('fills the template’s size ranges and types of content, and counts images made by a model', () => {
    const [row] = bundleOf(['MIT']).manifest;
    const origin = (term: string, locator = 'XMP, Iptc4xmpExt:DigitalSourceType'): ManifestRow => ({
      ...row!,
      signals: [
        {
          kind: 'iptc',
          value: 'unknown',
          scope: 'any',
          trust: 'unsigned',
          locator,
          raw: `http://cv.iptc.org/newscodes/digitalsourcetype/${term}`,
          statement: '',
        },
      ],
    });
    const manifest = [
      origin('trainedAlgorithmicMedia'),
      origin('compositeWithTrainedAlgorithmicMedia'),
      origin('trainedAlgorithmicMedia', 'ingredient 1, c2pa.actions, digitalSourceType'),
      origin('digitalCapture'),
      { ...row!, signals: [] },
    ];
    const text = trainingSummary(bundleOf([], { manifest }));
    expect(summaryValue(text, 'Size of the image data')).toBe('Less than 1 million images');
    expect(summaryValue(text, 'Size of the text data')).toContain(
      'Less than 1 billion tokens: the questions and answers have 1200 bytes',
    );
    expect(summaryValue(text, 'Types of content, images')).toContain(
      '1 made by a model, 2 partly, 1 of another origin; 1 say nothing',
    );
    expect(summaryValue(text, 'Types of content, text')).toBe('Questions and short answers, by task: counting 5');
    expect(text).toContain(
      'Yes: 1 of 5 images used for training say that a model made them, and 2 that it made a part of them.',
    );
    expect(text).toContain('Which models these were was not recorded.');
    const none = trainingSummary(bundleOf([], { manifest: [origin('digitalCapture')] }));
    expect(none).toContain('None found: 0 of 1 images');
    expect(none).not.toContain('Which models');
    expect(trainingSummary(bundleOf(['MIT']))).toContain('### 2.5 Synthetic data\n\nNot recorded.');
  });

  it('counts everyone who is credited, and takes a recorded decision for how an image was obtained', () => {
    const [first, second, third] = bundleOf(['CC-BY-4.0', 'CC-BY-4.0', 'CC-BY-4.0']).manifest;
    const decidedAt = '2026-01-01T00:00:00.000Z';
    const manifest = [
      { ...first!, override: { basis: 'own-work' as const, reason: 'I drew it.', decidedAt } },
      { ...second!, override: { basis: 'permission' as const, reason: 'She agreed.', decidedAt } },
      {
        ...third!,
        use: 'evaluation' as const,
        authors: ['Dora'],
        sources: [{ ...third!.sources[0]!, author: 'Eve; Finn' }],
      },
    ];
    const text = trainingSummary(bundleOf([], { manifest }));
    // Ada and “Ada | <b>” of the images for training, Dora, Eve and Finn of the one for evaluation.
    expect(text).toContain(
      '5 authors of the images used for training and evaluation, and of the works in them, are named',
    );
    expect(text).toMatch(/Own work by a recorded decision,.* Yes: 1 image \(1 under CC-BY-4\.0\)\./);
    expect(text).toContain('2.2.1 Licensed by rightsholders. Yes: 1 image');
    expect(text).toContain('### 2.1 Publicly available data\n\nNo: none of the images.');
  });

  it('puts images where their licence puts them, and never reads silence as consent', () => {
    const text = trainingSummary(
      bundleOf(['CC-BY-4.0', 'CC-BY-4.0', 'LicenseRef-contract-ai-granted', 'LicenseRef-own-work', null]),
    );
    expect(summaryValue(text, SUMMARY_LINE.images)).toBe('5');
    expect(text).toContain('Yes: 2 images (2 under CC-BY-4.0)');
    expect(text).toContain('2.2.1 Licensed by rightsholders. Yes: 1 image (1 under LicenseRef-contract-ai-granted).');
    expect(text).toContain('an unknown licence');
    expect(text).toContain('It was not recorded whether the images carry opt-out signals.');
  });

  it('counts opt-outs, and those used against the owner’s word', () => {
    const signal = {
      kind: 'plus',
      value: 'disallow',
      scope: 'any',
      trust: 'unsigned',
      locator: 'XMP',
      raw: 'x',
      statement: 'No.',
    } as const;
    const decided = { reason: 'a reason for it', decidedAt: '2026-01-01T00:00:00.000Z' };
    const [row] = bundleOf(['MIT']).manifest;
    const rows = [
      { ...row!, signals: [signal], verdict: 'opted-out' as const, use: 'not-used' as const, override: null },
      {
        ...row!,
        signals: [signal],
        verdict: 'opted-out' as const,
        override: { basis: 'permission' as const, ...decided },
      },
      { ...row!, signals: [signal], verdict: 'opted-out' as const, override: { basis: 'other' as const, ...decided } },
      { ...row!, signals: [], verdict: 'unknown' as const, override: null },
    ];
    const text = trainingSummary(bundleOf([], { manifest: rows }));
    expect(text).toContain(
      '3 opted out of training, and 1 of these was left out. 2 were trained on by a recorded decision, 1 of them without',
    );
  });
});

describe('names made from hashes', () => {
  it('are UUIDs of version 8, equal for equal facts and other for others', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    for (const digit of '0123456789abcdef') expect(uuidFrom(hash(digit))).toMatch(form);
    expect(bundleUuid(bundleOf(['MIT']))).toBe(bundleUuid(bundleOf(['MIT'])));
    expect(bundleUuid(bundleOf(['MIT'], { licence: 'MIT' }))).not.toBe(bundleUuid(bundleOf(['MIT'])));
  });

  it('addresses are only taken from the web, without characters that RDF forbids', () => {
    expect(webAddress('file:///home/me/secret.png')).toBeNull();
    expect(webAddress('not an address')).toBeNull();
    expect(webAddress('https://example.org/a b?c={d}|"e"')).not.toMatch(/[ {}|"<>^`\\]/);
  });

  it('a licence is an id, an expression, words or nothing', () => {
    expect([
      statedLicence('cc-by-4.0'),
      statedLicence('MIT OR CC0-1.0'),
      statedLicence('see the website'),
      statedLicence('unknown'),
    ]).toEqual([
      { kind: 'id', text: 'CC-BY-4.0' },
      { kind: 'expression', text: 'MIT OR CC0-1.0' },
      { kind: 'words', text: 'see the website' },
      { kind: 'not-known' },
    ]);
  });
});

describe('what a card says about the questions', () => {
  it('names the tasks that a table names, and nothing where it names none', () => {
    expect(intendedUse({ dataset: { tasks: ['other'] } })).toContain('What its questions were about was not recorded.');
    expect(intendedUse({ dataset: { tasks: ['counting', 'other'] } })).toContain(
      'questions about: how many there are of something; and on others, whose kind was not recorded.',
    );
  });
});

describe('the time on a card', () => {
  it.each([0, 0.01, 0.04, 6, 59.94, 59.96, 60, 89, 3599, 3600, 7325, 360_000])(
    '%s s can be read back, so that a verifier writes the same sentence',
    (trainingSeconds) => {
      const text = computeText({ device: 'cpu', trainingSeconds, step: 2 });
      expect(computeText({ device: 'cpu', trainingSeconds: statedSeconds(text), step: 2 })).toBe(text);
    },
  );
});

describe('why answers were gained', () => {
  const item = (id: string, isRight: boolean, lenient: boolean) =>
    ({ sampleId: id, verdict: isRight ? 'correct' : 'wrong', lenient, text: '', formatOk: true, tokens: 1 }) as never;
  const record = (items: unknown[]) => ({ summary: {}, items }) as unknown as EvaluationRecord;
  const base = record([item('a', false, true), item('b', false, false), item('c', false, false)]);
  const tuned = record([item('a', true, true), item('b', true, true), item('c', true, true)]);
  const samples = (right: number, sampleId = 'b') => ({
    perQuestion: 4,
    temperature: 1,
    seed: 1,
    right: [{ sampleId: sampleId as never, right }],
  });

  it('follows from the answers and the sampled answers in the bundle', () => {
    const change = changeOf({ version: 1, base, tuned, others: [], baseSamples: samples(2) });
    expect(change?.parts.map(({ part, share }) => [part, share.correct])).toEqual([
      ['form', 1],
      ['selection', 1],
      ['new', 0],
      ['untold', 1],
      ['lost', 0],
    ]);
    expect(changeOf({ version: 1, base: null, tuned, others: [] })).toBeNull();
  });

  it('cannot rest on samples of other questions, or on more right answers than were sampled', () => {
    const fault = (baseSamples: ReturnType<typeof samples>) =>
      faultOfSamples({ version: 1, base, tuned, others: [], baseSamples });
    expect(fault(samples(4))).toBeNull();
    expect(fault(samples(5))).toContain('cannot be right');
    expect(fault(samples(1, 'z'))).toContain('were not asked');
  });
});
