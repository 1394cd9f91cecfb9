/**
 * @file bom.cdx.json: a CycloneDX 1.6 bill of materials for a machine-learning model. Its subject is the adapter; the
 * base model and the dataset are components, with every file and image used, by hash.
 */
import type { Proportion } from '../../contract/api/index.ts';
import {
  LIMITATION,
  architectureOf,
  bundleUuid,
  imageCounts,
  isPartUnknown,
  licencesOf,
  makerName,
  optOutText,
  statedLicence,
  webAddress,
  weightsOf,
} from './bundle-description.ts';
import type { BundleDescription } from './bundle-description.ts';
import { oneLine } from '../ledger/credits.ts';
import { RULE_TEXT } from '../ledger/ledger-rules.ts';
import { licenceWithSources } from './manifest.ts';
import type { ManifestRow } from './manifest.ts';
import type { FileDigest } from '../signing/model-signing.ts';
import { urlOf } from '../ledger/licence-facts.ts';

type Json = Record<string, unknown>;

/** Names of the properties used to compare other documents with this one. */
export const CDX_PROPERTY = {
  runId: 'atelier:run-id',
  step: 'atelier:step',
  recipeSha256: 'atelier:recipe-sha256',
  datasetSha256: 'atelier:dataset-sha256',
  baseSha256: 'atelier:base-sha256',
  use: 'atelier:use',
  listed: 'atelier:images-listed',
} as const;

/**
 * Up to this many images are listed individually in the document. Beyond that, only manifest.jsonl lists them, and the
 * document names it by hash. Validators compare parts pairwise (`uniqueItems`), so 50,000 would take many minutes.
 */
export const IMAGES_LISTED = 2000;

/** The references between the parts of the document. */
export const CDX_REF = { model: 'model', base: 'base-model', dataset: 'dataset' } as const;

/** The document as an object; equal facts give equal bytes via `stableJson`. */
export function buildCycloneDx(description: BundleDescription): Json {
  const used = description.manifest.filter((row) => row.use !== 'not-used');
  const listed = used.length <= IMAGES_LISTED ? used : [];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${bundleUuid(description)}`,
    version: 1,
    metadata: {
      timestamp: description.at,
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'Atelier', version: description.atelierVersion }] },
      authors: [{ name: makerName(description) }],
      component: modelComponent(description),
    },
    components: [baseComponent(description), datasetComponent(description, used, listed)],
    dependencies: [
      { ref: CDX_REF.model, dependsOn: [CDX_REF.base, CDX_REF.dataset] },
      { ref: CDX_REF.dataset, dependsOn: listed.map(imageRef) },
    ],
  };
}

function modelComponent(description: BundleDescription): Json {
  const { recipe, results, licence, base, runId, step, recipeSha256 } = description;
  const weights = weightsOf(results);
  return {
    type: 'machine-learning-model',
    'bom-ref': CDX_REF.model,
    name: oneLine(recipe.name),
    version: `step ${step} of run ${runId}`,
    description: `${recipe.adapter.kind === 'lora' ? 'LoRA adapter' : 'Fine-tuned weights'} made with ${recipe.method} from ${oneLine(base.name)}`,
    // A set of shards has no hash as a whole; each shard has its own below.
    ...(weights.length === 1 ? { hashes: hashesOf(weights[0]) } : {}),
    licenses: licence === null ? [{ license: { name: 'Not chosen: all rights are reserved' } }] : licencesFor(licence),
    pedigree: {
      ancestors: [{ type: 'machine-learning-model', name: oneLine(base.name), version: `sha256:${base.sha256}` }],
      notes:
        recipe.adapter.kind === 'lora'
          ? 'The adapter modifies the base model, whose weights are not included.'
          : 'All weights were trained, starting from the base model.',
    },
    components: results.map((file) => fileComponent('result', file)),
    modelCard: modelCardOf(description),
    properties: propertiesOf([
      [CDX_PROPERTY.runId, runId],
      [CDX_PROPERTY.step, String(step)],
      [CDX_PROPERTY.recipeSha256, recipeSha256],
      [CDX_PROPERTY.datasetSha256, recipe.datasetSha256],
      [CDX_PROPERTY.baseSha256, recipe.modelSha256],
    ]),
  };
}

function modelCardOf(description: BundleDescription): Json {
  const { recipe, ledger, manifest } = description;
  const metrics = metricsOf(description);
  return {
    modelParameters: {
      approach: { type: recipe.method === 'sft' ? 'supervised' : 'reinforcement-learning' },
      task: 'image-text-to-text',
      architectureFamily: 'transformer',
      modelArchitecture: architectureOf(description),
      datasets: [{ ref: CDX_REF.dataset }],
      inputs: [{ format: 'image' }, { format: 'text' }],
      outputs: [{ format: 'text' }],
    },
    ...(metrics.length === 0 ? {} : { quantitativeAnalysis: { performanceMetrics: metrics } }),
    considerations: {
      technicalLimitations: [LIMITATION],
      ethicalConsiderations: [
        { name: 'Opt-outs of the images', mitigationStrategy: optOutText(manifest, ledger.unknownUse) },
        ...ledger.purposes.map(({ purpose, verdict, reasons }) => ({
          name: `Licences, to ${purpose.replaceAll('-', ' ')}: ${verdict.replaceAll('-', ' ')}`,
          mitigationStrategy:
            [...new Set(reasons.map(({ rule }) => rule))].map((rule) => `${rule}: ${RULE_TEXT[rule]}`).join(' ') ||
            'Nothing to mitigate.',
        })),
      ],
    },
  };
}

function metricsOf({ evaluation }: BundleDescription): Json[] {
  const metric = (who: string, split: string, { value, low, high, correct, n }: Proportion): Json => ({
    type: 'accuracy',
    value: String(value),
    slice: `${who}, greedy answers on the ${split} split, ${correct} of ${n} correct`,
    confidenceInterval: { lowerBound: String(low), upperBound: String(high) },
  });
  const { base, tuned } = evaluation;
  return [
    ...(tuned === null ? [] : [metric('tuned model', tuned.summary.split, tuned.summary.accuracy)]),
    ...(base === null ? [] : [metric('base model', base.summary.split, base.summary.accuracy)]),
  ];
}

function baseComponent({ base, recipe }: BundleDescription): Json {
  const slash = base.name.lastIndexOf('/');
  const group = slash > 0 ? { group: oneLine(base.name.slice(0, slash)) } : {};
  return {
    type: 'machine-learning-model',
    'bom-ref': CDX_REF.base,
    ...group,
    name: oneLine(base.name.slice(slash + 1)),
    version: `sha256:${recipe.modelSha256}`,
    ...licencesOr(base.licence),
    components: base.files.map((file) => fileComponent('base-file', file)),
    properties: propertiesOf([
      [CDX_PROPERTY.baseSha256, recipe.modelSha256],
      ['atelier:sha256-is-over', 'the sorted list of the hashes of its files'],
    ]),
  };
}

function datasetComponent(
  description: BundleDescription,
  used: readonly ManifestRow[],
  listed: readonly ManifestRow[],
): Json {
  const { dataset, recipe, manifestFile, manifest } = description;
  const { all, training, evaluation } = imageCounts(manifest);
  const name = oneLine(dataset.name);
  const licences = licencesOf(used).map(({ licence }) => licence);
  return {
    type: 'data',
    'bom-ref': CDX_REF.dataset,
    name,
    version: `sha256:${recipe.datasetSha256}`,
    description: `${all} images: ${training} used for training, ${evaluation} for evaluation. They stay with their maker.`,
    hashes: [{ alg: 'SHA-256', content: recipe.datasetSha256 }],
    ...allLicences(licences),
    data: [
      {
        type: 'dataset',
        name,
        classification: 'private',
        governance: { owners: [{ contact: { name: makerName(description) } }] },
      },
    ],
    components: [fileComponent('dataset-file', manifestFile), ...listed.map(imageComponent)],
    properties: propertiesOf([
      [CDX_PROPERTY.datasetSha256, recipe.datasetSha256],
      ['atelier:sha256-is-over', 'the sorted records of its samples'],
      [CDX_PROPERTY.listed, listed.length === used.length ? 'here' : 'in manifest.jsonl'],
      ['atelier:images', String(all)],
      ['atelier:images-training', String(training)],
      ['atelier:images-evaluation', String(evaluation)],
    ]),
  };
}

function imageComponent(row: ManifestRow): Json {
  const licence = licenceWithSources(row);
  const addresses = [...new Set(row.sources.flatMap((source) => webAddress(source.url) ?? []))];
  const authors = [...new Set(row.authors.map(oneLine))];
  const notices = [...new Set(row.sources.flatMap(({ notice }) => (notice === undefined ? [] : [oneLine(notice)])))];
  return {
    type: 'file',
    'bom-ref': imageRef(row),
    name: oneLine(row.names.join(', ')),
    hashes: [{ alg: 'SHA-256', content: row.imageSha256 }],
    ...licencesOr(licence),
    ...(authors.length === 0 ? {} : { authors: authors.map((name) => ({ name })) }),
    ...(notices.length === 0 ? {} : { copyright: notices.join('; ') }),
    ...(addresses.length === 0
      ? {}
      : { externalReferences: addresses.map((url) => ({ type: 'distribution', url, comment: 'source' })) }),
    properties: propertiesOf([
      [CDX_PROPERTY.use, row.use],
      ...(row.verdict === 'opted-out'
        ? ([['atelier:opted-out', 'used by a recorded decision']] as [string, string][])
        : []),
      ...(isPartUnknown(licence)
        ? ([['atelier:licence', licence === null ? 'not known' : 'not known for a part']] as [string, string][])
        : []),
    ]),
  };
}

function imageRef(row: ManifestRow): string {
  return `image:${row.imageSha256}`;
}

function fileComponent(kind: string, file: FileDigest): Json {
  return { type: 'file', 'bom-ref': `${kind}:${file.name}`, name: file.name, hashes: hashesOf(file) };
}

function hashesOf(file: FileDigest | undefined): Json[] {
  return file === undefined ? [] : [{ alg: 'SHA-256', content: file.sha256 }];
}

/** `licenses` of a part, or nothing if the licence is unknown: absence is never written as permission. */
function licencesOr(licence: string | null): Json {
  return licence === null || statedLicence(licence).kind === 'not-known' ? {} : { licenses: licencesFor(licence) };
}

/** CycloneDX 1.6 takes either one expression or a list of licences, never both. */
function licencesFor(licence: string): Json[] {
  const stated = statedLicence(licence);
  if (stated.kind === 'not-known') return [];
  if (stated.kind === 'expression') return [{ expression: stated.text, acknowledgement: 'declared' }];
  const name = stated.kind === 'id' ? { id: stated.text } : { name: oneLine(stated.text) };
  const url = stated.kind === 'id' ? urlOf(stated.text) : null;
  return [{ license: { ...name, ...(url === null ? {} : { url }), acknowledgement: 'declared' } }];
}

/** All licences of the images together; omitted if any of them is unknown or cannot be expressed. */
function allLicences(licences: readonly (string | null)[]): Json {
  if (licences.some(isPartUnknown)) return {};
  const stated = licences.map(statedLicence);
  const texts = stated.flatMap((entry) => (entry.kind === 'id' || entry.kind === 'expression' ? [entry.text] : []));
  if (texts.length === 0 || texts.length < stated.length) return {};
  const parts = [...new Set(texts)].sort();
  const expression =
    parts.length === 1 ? parts[0] : parts.map((text) => (text.includes(' ') ? `(${text})` : text)).join(' AND ');
  return { licenses: [{ expression, acknowledgement: 'declared' }] };
}

function propertiesOf(pairs: readonly (readonly [string, string])[]): Json[] {
  return pairs.map(([name, value]) => ({ name, value }));
}
