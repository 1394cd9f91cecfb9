/**
 * @file croissant.json: the dataset in Croissant 1.1 with RAI 1.0. Its records are the lines of manifest.jsonl (one per
 * image) and of ATTRIBUTION.csv; questions, answers and the images themselves stay with their maker.
 */
import {
  NAMESPACE,
  creatorsOf,
  imageCounts,
  ORIENTATION_TEXT,
  isPartUnknown,
  licencesOf,
  makerName,
  optOutText,
  optOutsOf,
  skewsOf,
  sourceAddresses,
  statedLicence,
} from './bundle-description.ts';
import type { BundleDescription } from './bundle-description.ts';
import { compareCodePoints } from '../signing/canonical-json.ts';
import { oneLine } from '../ledger/credits.ts';
import { urlOf } from '../ledger/licence-facts.ts';
import { NOT_STATED, NOT_UNDERSTOOD, wordsOfId } from '../../contract/model/stated-licence.ts';
import { licenceWithSources } from './manifest.ts';
import type { ManifestRow } from './manifest.ts';
import { licenceIdsOf } from './spdx.ts';
import { counted } from '../../method/counted.ts';

type Json = Record<string, unknown>;

export const CROISSANT_VERSIONS = ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'];

/** The context that Croissant 1.1 prescribes, with PROV. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  prov: 'http://www.w3.org/ns/prov#',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  odrl: 'http://www.w3.org/ns/odrl/2/',
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

/** The document as an object; equal facts give equal bytes via `stableJson`. */
export function buildCroissant(description: BundleDescription): Json {
  const { dataset, recipe, manifest, manifestFile, attributionFile } = description;
  const { all, training, evaluation, used } = imageCounts(manifest);
  const addresses = sourceAddresses(manifest);
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: CROISSANT_VERSIONS,
    name: oneLine(dataset.name),
    description:
      `${counted(all, 'image')} with a question and an answer each, of which ${used} ${used === 1 ? 'was' : 'were'} used: ${training} for training, ${evaluation} for evaluation. ` +
      'The images, questions and answers stay with their maker. These records state what each image is, who made it and what it was used for.',
    identifier: `sha256:${recipe.datasetSha256}`,
    url: `${NAMESPACE}/datasets/${recipe.datasetSha256}`,
    version: '1.0.0',
    citeAs: `${oneLine(dataset.name)}, dataset snapshot sha256 ${recipe.datasetSha256}, imported ${dataset.importedAt.slice(0, 10)}`,
    datePublished: dataset.importedAt.slice(0, 10),
    license: licenceTexts(description),
    creator: creators(description),
    isLiveDataset: false,
    ...(addresses.length === 0 ? {} : { 'prov:wasDerivedFrom': addresses.map((address) => ({ '@id': address })) }),
    ...responsibleAi(description),
    distribution: [
      fileObject('manifest', manifestFile.name, 'application/jsonlines', manifestFile.sha256),
      fileObject('attribution', attributionFile.name, 'text/csv', attributionFile.sha256),
    ],
    recordSet: [
      recordSet('images', 'manifest', 'One record per image, by its hash.', 'imageSha256', [
        ['imageSha256', 'sc:Text', 'SHA-256 of the image file.'],
        ['names', 'sc:Text', 'Its file names.', REPEATED],
        ['authors', 'sc:Text', 'Who made it, and the works in it; empty if nobody is named.', REPEATED],
        [
          'sources',
          'sc:Text',
          'Titles of the works in it, or of the image itself.',
          { ...REPEATED, jsonPath: '$[*].title' },
        ],
        ['sourceUrls', 'sc:Text', 'Where they came from.', { ...REPEATED, column: 'sources', jsonPath: '$[*].url' }],
        ['width', 'sc:Integer', 'Width in pixels.'],
        ['height', 'sc:Integer', 'Height in pixels.'],
        ['use', 'sc:Text', 'training, evaluation, training-and-evaluation or not-used.'],
        ['why', 'sc:Text', 'Why it counts as used or unused.'],
        ['licence', 'sc:Text', 'SPDX expression over everything in the image; empty if unknown.'],
        ...(optOutsOf(manifest) === null
          ? []
          : [['verdict', 'sc:Text', 'Result of its own signals: opted-out, allowed or unknown.'] as const]),
      ]),
      recordSet('credits', 'attribution', 'One record per work in the images that were used.', null, [
        ['title', 'sc:Text', 'Title of the work.'],
        ['author', 'sc:Text', 'Its author.'],
        ['source', 'sc:Text', 'Where it came from.'],
        ['notice', 'sc:Text', 'Its copyright notice; empty if it states none.'],
        ['credit_line', 'sc:Text', 'How it asks to be credited; empty if it does not.'],
        ['credit_url', 'sc:Text', 'Where it asks its credit to lead; empty if it does not.'],
        ['licence', 'sc:Text', 'Its licence.'],
        ['licence_url', 'sc:Text', 'Address of the licence text.'],
        ['used_for', 'sc:Text', 'What it was used for.'],
        ['images', 'sc:Integer', 'Images that contain it.'],
      ]),
    ],
  };
}

/** Legal forms and kinds of bodies: a name with one of these is not a person's. */
const ORGANISATION =
  /(?:^|\s)(?:LLC|Inc\.?|Ltd\.?|GmbH|AG|Corp\.?|Corporation|Company|S\.?A\.?|B\.?V\.?|University|Museum|Foundation|Institute|e\.\s?V\.)(?=$|[\s,])/;

/**
 * Croissant demands a creator, and its readers take only a person or an organisation. Nothing says whether a name is a
 * person's, a company's or a program's, so names that are not clearly an organisation's are the members, without a type,
 * of one group, for which schema.org has no other type than Organization. Where nobody is named, the holder of the key
 * stands for whoever put it together.
 */
function creators(description: BundleDescription): Json[] {
  const authors = creatorsOf(description.manifest);
  const names = (authors.length === 0 ? [makerName(description)] : authors).map(oneLine);
  const others = names.filter((name) => !ORGANISATION.test(name)).map((name) => ({ name }));
  const group = {
    '@type': 'sc:Organization',
    name: authors.length === 0 ? 'The maker of the dataset' : 'The authors of the images',
    description: 'Whether its members are people, companies or programs was not recorded.',
    member: others,
  };
  return [
    ...(others.length === 0 ? [] : [group]),
    ...names.filter((name) => ORGANISATION.test(name)).map((name) => ({ '@type': 'sc:Organization', name })),
  ];
}

function responsibleAi({ manifest, dataset, recipe, ledger }: BundleDescription): Json {
  const used = manifest.filter((row) => row.use !== 'not-used');
  return {
    'rai:dataCollection':
      'The maker imported files into Atelier. Beyond author, source and licence, it was not recorded how each image was made.',
    'rai:dataCollectionType': ['Others'],
    'rai:dataCollectionTimeframe': [dataset.importedAt],
    'rai:dataUseCases': ['Fine Tuning', 'Testing'],
    'rai:dataLimitations': [
      'The dataset contains only what the maker imported. Nothing shows that it is representative of anything else.',
      ...licenceLimits(manifest),
    ],
    'rai:dataBiases': skewsOf(used).map(oneLine),
    'rai:personalSensitiveInformation': ['Not examined: nobody checked the images for people or personal information.'],
    'rai:dataPreprocessingProtocol': [optOutText(manifest, ledger.unknownUse), ORIENTATION_TEXT[dataset.orientation]],
    'rai:dataSocialImpact': 'Not assessed.',
    'rai:dataManipulationProtocol':
      'Images are used as imported: rotated according to their metadata, then resized by the model’s own rule' +
      `${recipe.maxPixels === undefined ? '' : `, to at most ${recipe.maxPixels} pixels`}.`,
    'rai:dataReleaseMaintenancePlan':
      'The snapshot is fixed by its hash and does not change; the images are not released.',
  };
}

/** SPDX's own licence element for "nothing is said about the licence". */
const NO_ASSERTION = 'https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense';

/**
 * The addresses of the licences of images and works in them, or their words if they have none. An unknown licence is
 * stated as SPDX states it; `licenceLimits` counts the images.
 */
function licenceTexts({ manifest }: BundleDescription): string[] {
  const texts = licencesOf(manifest).flatMap(({ licence }) => {
    const stated = statedLicence(licence);
    if (stated.kind === 'not-known') return [NO_ASSERTION];
    const ids = licenceIdsOf(licence);
    return stated.kind === 'words'
      ? [oneLine(stated.text)]
      : ids.map((id) =>
          id === NOT_STATED ? NO_ASSERTION : (urlOf(id) ?? (id.startsWith(NOT_UNDERSTOOD) ? wordsOfId(id) : id)),
        );
  });
  return [...new Set(texts.length === 0 ? [NO_ASSERTION] : texts)].sort(compareCodePoints);
}

/** How many images have a licence that is not known, or not for every work in them. */
function licenceLimits(manifest: readonly ManifestRow[]): string[] {
  const unknown = manifest.filter((row) => isPartUnknown(licenceWithSources(row))).length;
  return unknown === 0
    ? []
    : [
        `For ${unknown} of ${counted(manifest.length, 'image')}, the licence of the image or of a work in it is not known.`,
      ];
}

function fileObject(id: string, name: string, encodingFormat: string, sha256: string): Json {
  return { '@type': 'cr:FileObject', '@id': id, name, contentUrl: name, encodingFormat, sha256 };
}

/** Name, data type and description of a field; then where its value is found, if not in the column of its name. */
type Field = readonly [name: string, dataType: string, description: string, found?: Json];

/** A column with a list of values. */
const REPEATED: Json = { repeated: true };

function recordSet(id: string, file: string, description: string, key: string | null, fields: readonly Field[]): Json {
  return {
    '@type': 'cr:RecordSet',
    '@id': id,
    name: id,
    description,
    ...(key === null ? {} : { key: { '@id': `${id}/${key}` } }),
    field: fields.map(([name, dataType, text, found = {}]) => ({
      '@type': 'cr:Field',
      '@id': `${id}/${name}`,
      name,
      description: text,
      dataType,
      ...(found['repeated'] === true ? REPEATED : {}),
      source: {
        fileObject: { '@id': file },
        extract: { column: found['column'] ?? name },
        ...(found['jsonPath'] === undefined ? {} : { transform: { jsonPath: found['jsonPath'] } }),
      },
    })),
  };
}
