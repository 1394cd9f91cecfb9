/**
 * @file sbom.spdx3.json: an SPDX 3.0.1 document with the AI and Dataset profiles. When the base model was released is
 * not known here, so its package has no release time, although the AI profile asks for one.
 */
import type { Proportion } from '../../contract/api/index.ts';
import {
  LIMITATION,
  NAMESPACE,
  architectureOf,
  bundleUuid,
  imageCounts,
  licencesOf,
  makerName,
  ORIENTATION_TEXT,
  optOutText,
  recipePairs,
  skewsOf,
  statedLicence,
  weightsOf,
} from './bundle-description.ts';
import type { BundleDescription } from './bundle-description.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { creditLine, creditsOf, oneLine } from '../ledger/credits.ts';
import type { ManifestRow } from './manifest.ts';
import { factsOf } from '../ledger/licence-facts.ts';
import { NOT_STATED, NOT_UNDERSTOOD, wordsOfId } from '../../contract/model/stated-licence.ts';
import type { FileDigest } from '../signing/model-signing.ts';
import { licenceIdsOf } from './spdx.ts';

type Json = Record<string, unknown>;

export const SPDX_CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld';
export const SPDX_VERSION = '3.0.1';
/** The last address segment of the elements used for comparison with other documents. */
export const SPDX_ID = {
  model: 'model',
  base: 'base-model',
  dataset: 'dataset',
  training: 'dataset-training',
  evaluation: 'dataset-evaluation',
} as const;
/** SPDX's own element for "nothing is said about the licence". */
const NO_ASSERTION = 'expandedlicensing_NoAssertionLicense';

/** The document as an object; equal facts give equal bytes via `stableJson`. */
export function buildSpdx3(description: BundleDescription): Json {
  const prefix = `${NAMESPACE}/spdx/${bundleUuid(description)}#`;
  const at = (part: string): string => `${prefix}${part}`;
  const element = (type: string, part: string, fields: Json): Json => ({
    type,
    spdxId: at(part),
    creationInfo: '_:creation',
    ...fields,
  });
  const body = [
    element('Agent', 'maker', { name: makerName(description) }),
    element('Tool', 'atelier', { name: `Atelier ${description.atelierVersion}` }),
    modelPackage(description, element, at),
    element('Agent', 'base-maker', { name: baseMakerName(description) }),
    basePackage(description, element, at),
    datasetPackage(description, element, at),
    ...splitsOf(description).map((split) => splitPackage(split, description, element, at)),
    ...description.results.map((file, index) => fileElement(file, `result-${index}`, element)),
    ...datasetFiles(description).map((file, index) => fileElement(file, `dataset-file-${index}`, element)),
    ...licenceElements(description, element, at),
    ...relationships(description, element, at),
  ];
  const profiles = ['core', 'software', 'ai', 'dataset', 'simpleLicensing', 'expandedLicensing'];
  return {
    '@context': SPDX_CONTEXT,
    '@graph': [
      {
        '@id': '_:creation',
        type: 'CreationInfo',
        specVersion: SPDX_VERSION,
        created: secondsOf(description.at),
        createdBy: [at('maker')],
        createdUsing: [at('atelier')],
      },
      element('SpdxDocument', 'document', {
        name: oneLine(description.recipe.name),
        profileConformance: profiles,
        rootElement: [at('sbom')],
        element: body.map((entry) => entry['spdxId']),
      }),
      element('software_Sbom', 'sbom', {
        software_sbomType: ['build'],
        rootElement: [at(SPDX_ID.model)],
        element: body.map((entry) => entry['spdxId']),
        profileConformance: profiles,
      }),
      ...body,
    ],
  };
}

type ElementMaker = (type: string, part: string, fields: Json) => Json;
type Address = (part: string) => string;

function modelPackage(description: BundleDescription, element: ElementMaker, at: Address): Json {
  const { recipe, results, runId, step, base } = description;
  const weights = weightsOf(results);
  const metrics = metricPairs(description);
  return element('ai_AIPackage', SPDX_ID.model, {
    name: oneLine(recipe.name),
    summary: `${recipe.method} from ${oneLine(base.name)}`,
    software_packageVersion: `step ${step} of run ${runId}`,
    software_primaryPurpose: 'model',
    software_downloadLocation: `${NAMESPACE}/runs/${encodeURIComponent(runId)}`,
    releaseTime: secondsOf(description.at),
    suppliedBy: at('maker'),
    ...(weights.length === 1 ? { verifiedUsing: weights.map(hashOf) } : {}),
    ai_typeOfModel: [architectureOf(description)],
    ai_domain: ['visual question answering'],
    ai_hyperparameter: recipePairs(recipe).map(pairOf),
    ai_informationAboutTraining: `Recipe: recipe.json (sha256 ${description.recipeSha256}); run: provenance.slsa.json; images: manifest.jsonl.`,
    ai_informationAboutApplication: 'Loaded on top of the base model, it answers questions about an image in text.',
    ai_limitation: LIMITATION,
    ai_useSensitivePersonalInformation: 'noAssertion',
    ...(metrics.length === 0 ? {} : { ai_metric: metrics.map(pairOf) }),
  });
}

function metricPairs({ evaluation }: BundleDescription): { key: string; value: string }[] {
  const pair = (who: string, split: string, p: Proportion): { key: string; value: string } => ({
    key: `accuracy of the ${who} on the ${split} split`,
    value: `${p.correct} of ${p.n} (${p.value}; 95% Wilson interval ${p.low} to ${p.high})`,
  });
  const { base, tuned } = evaluation;
  return [
    ...(tuned === null ? [] : [pair('tuned model', tuned.summary.split, tuned.summary.accuracy)]),
    ...(base === null ? [] : [pair('base model', base.summary.split, base.summary.accuracy)]),
  ];
}

/** Whoever published the base model: the owner of its place on the hub, or nobody who is known. */
function baseMakerName({ base }: BundleDescription): string {
  return base.hub === null ? 'The maker of the base model (not known)' : (base.hub.id.split('/')[0] ?? base.hub.id);
}

function basePackage({ base, recipe }: BundleDescription, element: ElementMaker, at: Address): Json {
  const { hub } = base;
  const revision = (hub?.revision ?? null) === null ? '' : `/tree/${hub?.revision}`;
  return element('ai_AIPackage', SPDX_ID.base, {
    name: oneLine(base.name),
    software_packageVersion: `sha256:${recipe.modelSha256}`,
    software_primaryPurpose: 'model',
    software_downloadLocation:
      hub === null ? `${NAMESPACE}/models/${recipe.modelSha256}` : `https://huggingface.co/${hub.id}${revision}`,
    suppliedBy: at('base-maker'),
    ai_typeOfModel: [base.architecture],
    comment:
      'The hash covers the sorted list of its files’ hashes, which provenance.slsa.json lists individually. When it was released is not known here.' +
      (hub === null ? ' Nor is where it is published: the download location is only a name.' : ''),
    verifiedUsing: [hashOf({ name: base.name, sha256: recipe.modelSha256 })],
  });
}

/** One part of the dataset by what its images were used for. */
interface Split {
  part: string;
  name: string;
  use: string;
  images: number;
}

/** The splits that were used: training always, evaluation if the weights were evaluated. */
function splitsOf({ manifest, evaluation }: BundleDescription): Split[] {
  const counts = imageCounts(manifest);
  const training = { part: SPDX_ID.training, name: 'train split', use: 'Fine-tuning.', images: counts.training };
  if (evaluation.tuned === null) return [training];
  const name = `${evaluation.tuned.summary.split} split`;
  return [training, { part: SPDX_ID.evaluation, name, use: 'Evaluation.', images: counts.evaluation }];
}

function splitPackage(
  { part, name, use, images }: Split,
  { dataset, recipe, at: made }: BundleDescription,
  element: ElementMaker,
  at: Address,
): Json {
  return element('dataset_DatasetPackage', part, {
    name: `${oneLine(dataset.name)}, ${name}`,
    software_packageVersion: `sha256:${recipe.datasetSha256}`,
    software_primaryPurpose: 'data',
    software_downloadLocation: `${NAMESPACE}/datasets/${recipe.datasetSha256}#${encodeURIComponent(name)}`,
    builtTime: secondsOf(dataset.importedAt),
    releaseTime: secondsOf(made),
    originatedBy: [at('maker')],
    dataset_datasetType: ['image', 'text'],
    dataset_datasetSize: images,
    dataset_intendedUse: use,
    comment: 'manifest.jsonl states of every image in which split it was and what it was used for.',
  });
}

function datasetPackage(description: BundleDescription, element: ElementMaker, at: Address): Json {
  const { dataset, recipe, manifest } = description;
  const { all, training, evaluation, used } = imageCounts(manifest);
  const skews = skewsOf(manifest.filter((row) => row.use !== 'not-used'));
  return element('dataset_DatasetPackage', SPDX_ID.dataset, {
    name: oneLine(dataset.name),
    software_packageVersion: `sha256:${recipe.datasetSha256}`,
    software_primaryPurpose: 'data',
    software_downloadLocation: `${NAMESPACE}/datasets/${recipe.datasetSha256}`,
    builtTime: secondsOf(dataset.importedAt),
    releaseTime: secondsOf(description.at),
    originatedBy: [at('maker')],
    dataset_datasetType: ['image', 'text'],
    dataset_datasetSize: all,
    dataset_intendedUse: 'Fine-tuning and evaluation of the model in this document.',
    dataset_dataCollectionProcess: `Imported from files of the maker: ${all} images, ${used} used (${training} for training, ${evaluation} for evaluation). The images stay with their maker; manifest.jsonl states who made each one.`,
    dataset_dataPreprocessing: [
      optOutText(manifest, description.ledger.unknownUse),
      ORIENTATION_TEXT[dataset.orientation],
    ],
    dataset_hasSensitivePersonalInformation: 'noAssertion',
    ...(skews.length === 0 ? {} : { dataset_knownBias: skews.map(oneLine) }),
    ...attribution(manifest),
    comment:
      'The hash covers the sorted records of its samples. The download location is only a name: the data is not published.',
    verifiedUsing: [hashOf({ name: dataset.name, sha256: recipe.datasetSha256 })],
  });
}

/** Longer lists stay in NOTICE and ATTRIBUTION.csv, as those of images do. */
const CREDITS_LISTED = 2000;

/** The credits that licences require, as text that must be shown. */
function attribution(manifest: readonly ManifestRow[]): Json {
  const credits = creditsOf(manifest);
  if (credits.length === 0) return {};
  const lines = credits.length > CREDITS_LISTED ? ['NOTICE lists the credits of all works.'] : credits.map(creditLine);
  return { software_attributionText: [...new Set(lines)] };
}

function datasetFiles({ manifestFile, attributionFile }: BundleDescription): FileDigest[] {
  return [manifestFile, attributionFile];
}

function fileElement(file: FileDigest, part: string, element: ElementMaker): Json {
  return element('software_File', part, { name: file.name, verifiedUsing: [hashOf(file)] });
}

/** One element per distinct licence, and a text for every `LicenseRef-` that an expression uses. */
function licenceElements(description: BundleDescription, element: ElementMaker, at: Address): Json[] {
  const expressions = licenceExpressions(description);
  const refs = [...new Set(expressions.flatMap(licenceIdsOf))].filter((id) => id.startsWith('LicenseRef-'));
  return [
    ...expressions.map((expression, index) => {
      const own = licenceIdsOf(expression).filter((id) => id.startsWith('LicenseRef-'));
      return element('simplelicensing_LicenseExpression', `licence-${index}`, {
        simplelicensing_licenseExpression: expression,
        ...(own.length === 0
          ? {}
          : { simplelicensing_customIdToUri: own.map((id) => pairOf({ key: id, value: at(id) })) }),
      });
    }),
    ...refs.map((id) =>
      element('simplelicensing_SimpleLicensingText', id, {
        name: factsOf(id)?.name ?? (id.startsWith(NOT_UNDERSTOOD) ? wordsOfId(id) : id),
        simplelicensing_licenseText: ownLicenceText(id),
      }),
    ),
  ];
}

/** What stands for the text of a licence without an SPDX id. Atelier's reading of it is advice to the maker, not its text. */
function ownLicenceText(id: string): string {
  const facts = factsOf(id);
  if (id === NOT_STATED)
    return 'The licence of the image, or of a work in it, is not known. This identifier stands for it and permits nothing.';
  if (id.startsWith(NOT_UNDERSTOOD))
    return `These terms were stated for a work: “${wordsOfId(id)}”. The maker's tool does not understand them. This identifier stands for them and permits nothing.`;
  if (facts === undefined) return `${id} is the maker's own name for a licence. Its text is not in this document.`;
  if (facts.url !== null) return `${facts.name}. Its text is published at ${facts.url} and not in this document.`;
  return `${facts.name}. This is a statement of the maker. There is no published licence text.`;
}

/** Every licence that a relationship names, as an expression, sorted. */
function licenceExpressions(description: BundleDescription): string[] {
  const stated = [description.licence, description.base.licence, ...datasetLicences(description)].map(statedLicence);
  const texts = stated.flatMap((entry) => (entry.kind === 'id' || entry.kind === 'expression' ? [entry.text] : []));
  return [...new Set(texts)].sort(compareCodePoints);
}

function datasetLicences({ manifest }: BundleDescription): (string | null)[] {
  return licencesOf(manifest.filter((row) => row.use !== 'not-used')).map(({ licence }) => licence);
}

function relationships(description: BundleDescription, element: ElementMaker, at: Address): Json[] {
  const expressions = licenceExpressions(description);
  /** Unknown licences, and those that cannot be written as an expression, become NoAssertion. */
  const addressOf = (licence: string | null): string => {
    const stated = statedLicence(licence);
    const index = stated.kind === 'id' || stated.kind === 'expression' ? expressions.indexOf(stated.text) : -1;
    return index < 0 ? NO_ASSERTION : at(`licence-${index}`);
  };
  const { results, evaluation } = description;
  const licencesOfData = [...new Set(datasetLicences(description).map(addressOf))].sort(compareCodePoints);
  const relate = (part: string, from: string, relationshipType: string, to: string[], more: Json = {}): Json =>
    element('Relationship', part, { from: at(from), relationshipType, to, ...more });
  return [
    relate('trained-on', SPDX_ID.model, 'trainedOn', [at(SPDX_ID.training)]),
    ...(evaluation.tuned === null ? [] : [relate('tested-on', SPDX_ID.model, 'testedOn', [at(SPDX_ID.evaluation)])]),
    relate(
      'splits',
      SPDX_ID.dataset,
      'contains',
      splitsOf(description).map(({ part }) => at(part)),
    ),
    relate('base', SPDX_ID.base, 'ancestorOf', [at(SPDX_ID.model)]),
    relate(
      'files',
      SPDX_ID.model,
      'contains',
      results.map((_file, index) => at(`result-${index}`)),
      { completeness: 'complete' },
    ),
    relate(
      'records',
      SPDX_ID.dataset,
      'hasMetadata',
      datasetFiles(description).map((_file, index) => at(`dataset-file-${index}`)),
    ),
    relate('model-licence', SPDX_ID.model, 'hasDeclaredLicense', [addressOf(description.licence)]),
    relate('base-licence', SPDX_ID.base, 'hasDeclaredLicense', [addressOf(description.base.licence)]),
    ...(licencesOfData.length === 0
      ? []
      : [
          relate('dataset-licences', SPDX_ID.dataset, 'hasDeclaredLicense', licencesOfData, {
            comment: 'Each image has one of these; manifest.jsonl states which.',
          }),
        ]),
  ];
}

function pairOf({ key, value }: { key: string; value: string }): Json {
  return { type: 'DictionaryEntry', key, value };
}

function hashOf(file: FileDigest): Json {
  return { type: 'Hash', algorithm: 'sha256', hashValue: file.sha256 };
}

/** SPDX supports whole seconds only. */
function secondsOf(at: string): string {
  return at.replace(/\.\d+Z$/, 'Z');
}
