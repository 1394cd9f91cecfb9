/** @file Check 4 and related: the bills of materials are valid and agree with the weights and the other documents. */
import { creatorsOf } from '../../../provenance/documents/bundle-description.ts';
import { licenceIdsOf, readLicence } from '../../../provenance/documents/spdx.ts';
import { isRecord, parseObject, textsOf, checkCycloneDxForm } from '../../../provenance/documents/cyclonedx-check.ts';
import type { FormVerdict } from '../../../provenance/documents/cyclonedx-check.ts';
import { CDX_PROPERTY, CDX_REF } from '../../../provenance/documents/cyclonedx.ts';
import { checkCroissantForm, fileObjects } from '../../../provenance/documents/croissant-check.ts';
import { checkSpdx3Form, graphOf } from '../../../provenance/documents/spdx3-check.ts';
import { SPDX_ID } from '../../../provenance/documents/spdx3.ts';
import { SUMMARY_LINE, summaryValue } from '../../../provenance/documents/training-summary.ts';
import { isTrained, licenceWithSources } from '../../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { dependencyOf } from '../../../provenance/documents/slsa.ts';
import type { RunStatement } from '../../../provenance/documents/slsa.ts';
import { FILE } from '../build/documents.ts';
import { cannotTell, fail, pass, readText } from './verify-checks.ts';
import type { Check } from './verify-checks.ts';
import { runIdOf, weightsOf } from './verify-documents.ts';
import type { BundleDocuments } from './verify-documents.ts';

type Json = Record<string, unknown>;

/** `offered`: the licence on the card; null if none was chosen, undefined if it cannot be read. */
export async function verifyMaterials(bundle: BundleDocuments, offered: string | null | undefined): Promise<Check[]> {
  const one = async (
    check: string,
    name: string,
    formOf: (text: string) => FormVerdict | Promise<FormVerdict>,
    faultsOf: (text: string) => string[],
    praise: string,
  ): Promise<Check> => {
    const text = await readText(bundle.folder, name);
    if (text === null) return cannotTell(check, `${name} is not in the bundle.`);
    const form = await formOf(text);
    if (form.kind === 'unknown')
      return cannotTell(check, `${name} has a form that this version does not know (${form.reason}).`);
    if (form.kind === 'faulty') return fail(check, `${name} is invalid: ${form.faults.join('; ')}.`);
    if (bundle.statement.kind !== 'read')
      return cannotTell(check, `${name} is valid, but there is no ${FILE.statement} to compare it with.`);
    const faults = faultsOf(text);
    if (faults.length > 0) return fail(check, `${name} and the other documents disagree about ${faults.join(', ')}.`);
    return pass(check, `${name} ${praise}`);
  };
  return [
    await one(
      'bill of materials',
      FILE.bom,
      checkCycloneDxForm,
      (text) => cycloneDxFaults(parseObject(text) ?? {}, bundle, offered),
      'follows CycloneDX 1.6 strictly. It names these weights, this base model, dataset and licence, and every image that was used (or the list of them).',
    ),
    await one(
      'SPDX document',
      FILE.spdx,
      checkSpdx3Form,
      (text) => spdxFaults(graphOf(parseObject(text) ?? {}), bundle, offered),
      'has what SPDX 3.0.1 and its AI and Dataset profiles require. It names these weights, this base model, dataset and licence.',
    ),
    await one(
      'dataset description',
      FILE.croissant,
      checkCroissantForm,
      (text) => croissantFaults(parseObject(text) ?? {}, bundle),
      'has what Croissant 1.1 requires. The dataset and the hashes of its files match the bundle.',
    ),
    await one(
      'training summary',
      FILE.summary,
      () => ({ kind: 'sound' }),
      (text) => summaryFaults(text, bundle),
      'names the same run, dataset and number of images.',
    ),
  ];
}

/** The values from the statement that every document must repeat. */
interface Expected {
  runId: string;
  step: string;
  recipeSha256: string;
  datasetSha256: string;
  baseSha256: string;
}

function expectedOf(statement: RunStatement): Expected {
  const { externalParameters, internalParameters } = statement.predicate.buildDefinition;
  return {
    runId: runIdOf(statement),
    step: String(internalParameters.step),
    recipeSha256: internalParameters.recipeSha256,
    datasetSha256: externalParameters.recipe.datasetSha256,
    baseSha256: externalParameters.recipe.modelSha256,
  };
}

function statementOf({ statement }: BundleDocuments): RunStatement {
  if (statement.kind !== 'read') throw new Error('There is no statement to compare the documents with.');
  return statement.value;
}

function cycloneDxFaults(bom: Json, bundle: BundleDocuments, offered: string | null | undefined): string[] {
  const statement = statementOf(bundle);
  const expected = expectedOf(statement);
  const model = recordAt(recordAt(bom, 'metadata'), 'component');
  const parts = recordsAt(bom, 'components');
  const base = parts.find((part) => part['bom-ref'] === CDX_REF.base) ?? {};
  const dataset = parts.find((part) => part['bom-ref'] === CDX_REF.dataset) ?? {};
  const faults: string[] = [];
  const keys = ['runId', 'step', 'recipeSha256', 'datasetSha256', 'baseSha256'] as const;
  for (const key of keys) if (propertyOf(model, CDX_PROPERTY[key]) !== expected[key]) faults.push(CDX_PROPERTY[key]);
  const weights = weightsOf(bundle.files);
  const [single] = weights;
  if (weights.length === 1 && single !== undefined && cdxHash(model) !== single.sha256)
    faults.push('the hash of the weights');
  faults.push(...filesFaults(bundle, recordsAt(model, 'components').map(cdxFile)));
  if (propertyOf(base, CDX_PROPERTY.baseSha256) !== expected.baseSha256) faults.push('the base model');
  const baseFiles = statement.predicate.buildDefinition.resolvedDependencies.filter(({ name }) =>
    name.startsWith('base-model/'),
  );
  const statedBase = recordsAt(base, 'components').map(
    (file) => `base-model/${String(file['name'])} ${cdxHash(file) ?? ''}`,
  );
  if (
    !sameSet(
      statedBase,
      baseFiles.map(({ name, digest }) => `${name} ${digest.sha256}`),
    )
  )
    faults.push('the files of the base model');
  if (
    cdxHash(dataset) !== expected.datasetSha256 ||
    propertyOf(dataset, CDX_PROPERTY.datasetSha256) !== expected.datasetSha256
  )
    faults.push('the dataset');
  if (!sameLicence(cdxLicence(base), baseLicenceOf(statement))) faults.push('the licence of the base model');
  if (offered !== undefined && !sameLicence(cdxLicence(model), offered)) faults.push('the licence of the weights');
  if (bundle.manifest.kind === 'read') {
    const files = recordsAt(dataset, 'components');
    const images = files.filter((file) => String(file['bom-ref']).startsWith('image:'));
    // A long list of images appears only in manifest.jsonl, which the document names by its hash.
    const elsewhere = images.length === 0 && propertyOf(dataset, CDX_PROPERTY.listed) !== 'here';
    const stated = images.map((file) =>
      [cdxHash(file), propertyOf(file, CDX_PROPERTY.use), spelled(cdxLicence(file))].join(' '),
    );
    const used = bundle.manifest.value.filter((row) => row.use !== 'not-used');
    const imagesWith = (licenceOf: (row: ManifestRow) => string | null): string[] =>
      used.map((row) => [row.imageSha256, row.use, spelled(licenceOf(row))].join(' '));
    // Earlier versions named only the image's own licence, without those of the works in it.
    const expectedImages = [imagesWith(licenceWithSources), imagesWith(({ licence }) => licence)];
    if (!elsewhere && !expectedImages.some((images) => sameSet(stated, images))) faults.push('the images');
    const manifest = files.find((file) => file['name'] === FILE.manifest) ?? {};
    if (cdxHash(manifest) !== digestIn(bundle, FILE.manifest)) faults.push(FILE.manifest);
  }
  return faults;
}

function spdxFaults(graph: readonly Json[], bundle: BundleDocuments, offered: string | null | undefined): string[] {
  const statement = statementOf(bundle);
  const expected = expectedOf(statement);
  const partOf = (part: string): Json => graph.find((element) => String(element['spdxId']).endsWith(`#${part}`)) ?? {};
  const [model, base, dataset] = [partOf(SPDX_ID.model), partOf(SPDX_ID.base), partOf(SPDX_ID.dataset)];
  const faults: string[] = [];
  const weights = weightsOf(bundle.files);
  const [single] = weights;
  if (weights.length === 1 && single !== undefined && spdxHash(model) !== single.sha256)
    faults.push('the hash of the weights');
  if (model['software_packageVersion'] !== `step ${expected.step} of run ${expected.runId}`) faults.push('the run');
  if (spdxHash(base) !== expected.baseSha256) faults.push('the base model');
  if (spdxHash(dataset) !== expected.datasetSha256) faults.push('the dataset');
  if (!String(model['ai_informationAboutTraining']).includes(expected.recipeSha256)) faults.push('the recipe');
  const related = (from: Json, type: string): string[] =>
    graph
      .filter(
        (element) =>
          element['type'] === 'Relationship' &&
          element['relationshipType'] === type &&
          element['from'] === from['spdxId'],
      )
      .flatMap((element) => textsOf(element['to']));
  // Earlier versions named the whole dataset; now the model is trained on its train split.
  const splits = related(dataset, 'contains');
  const isPart = (id: string): boolean => id === dataset['spdxId'] || splits.includes(id);
  const trainedOn = related(model, 'trainedOn');
  if (trainedOn.length !== 1 || !trainedOn.every(isPart)) faults.push('what it was trained on');
  if (!related(model, 'testedOn').every(isPart)) faults.push('what it was tested on');
  if (!related(base, 'ancestorOf').includes(String(model['spdxId']))) faults.push('what it was made from');
  const fileAt = (id: string): { name: string; sha256: string | undefined } => {
    const file = graph.find((element) => element['spdxId'] === id) ?? {};
    return { name: String(file['name']), sha256: spdxHash(file) };
  };
  faults.push(...filesFaults(bundle, related(model, 'contains').map(fileAt)));
  for (const { name, sha256 } of related(dataset, 'hasMetadata').map(fileAt))
    if (digestIn(bundle, name) !== sha256) faults.push(name);
  const licenceAt = (part: Json): string | null => {
    const element = graph.find((entry) => entry['spdxId'] === related(part, 'hasDeclaredLicense')[0]);
    return textsOf(element?.['simplelicensing_licenseExpression'])[0] ?? null;
  };
  if (offered !== undefined && !sameLicence(licenceAt(model), offered)) faults.push('the licence of the weights');
  if (!sameLicence(licenceAt(base), baseLicenceOf(statement))) faults.push('the licence of the base model');
  if (bundle.manifest.kind === 'read') {
    if (dataset['dataset_datasetSize'] !== bundle.manifest.value.length) faults.push('the number of images');
    const training = partOf(SPDX_ID.training)['dataset_datasetSize'];
    if (training !== undefined && training !== bundle.manifest.value.filter(isTrained).length)
      faults.push('the number of images for training');
  }
  return faults;
}

function croissantFaults(document: Json, bundle: BundleDocuments): string[] {
  const expected = expectedOf(statementOf(bundle));
  const faults = document['identifier'] === `sha256:${expected.datasetSha256}` ? [] : ['the dataset'];
  const files = fileObjects(document);
  for (const file of files) {
    const name = String(file['contentUrl']);
    if (digestIn(bundle, name) !== file['sha256']) faults.push(name);
  }
  for (const name of [FILE.manifest, FILE.attribution])
    if (!files.some((file) => file['contentUrl'] === name)) faults.push(name);
  if (bundle.manifest.kind === 'read') {
    // Earlier versions named every author as a creator, not as a member of the group of authors.
    const creators = recordsAt(document, 'creator');
    const named = new Set(
      [...creators, ...creators.flatMap((creator) => recordsAt(creator, 'member'))].flatMap(({ name }) =>
        textsOf(name),
      ),
    );
    const authors = creatorsOf(bundle.manifest.value);
    // Control characters in names become spaces there, so compare only names without any.
    if (authors.some((author) => /^[^\p{Cc}\u2028\u2029]+$/u.test(author) && !named.has(author.trim())))
      faults.push('the authors');
  }
  return faults;
}

function summaryFaults(text: string, bundle: BundleDocuments): string[] {
  const expected = expectedOf(statementOf(bundle));
  const faults: string[] = [];
  const plain = (name: string): string => (summaryValue(text, name) ?? '').replace(/\\(.)/g, '$1');
  if (plain(SUMMARY_LINE.run) !== `${expected.runId}, step ${expected.step}`) faults.push('the run');
  if (plain(SUMMARY_LINE.datasetSha256) !== expected.datasetSha256) faults.push('the dataset');
  if (plain(SUMMARY_LINE.manifestSha256) !== digestIn(bundle, FILE.manifest)) faults.push(FILE.manifest);
  if (bundle.manifest.kind === 'read') {
    const trained = bundle.manifest.value.filter(isTrained);
    if (plain(SUMMARY_LINE.images) !== String(trained.length)) faults.push('the number of images');
  }
  return faults;
}

/** Checks the bundle's files as a document names them, and that it names all weights. */
function filesFaults(
  bundle: BundleDocuments,
  stated: readonly { name: string; sha256: string | undefined }[],
): string[] {
  const wrong = stated.filter(({ name, sha256 }) => digestIn(bundle, name) !== sha256).map(({ name }) => name);
  const unnamed = weightsOf(bundle.files).filter((file) => !stated.some(({ name }) => name === file.name));
  return [...wrong, ...unnamed.map((file) => file.name)];
}

function digestIn({ files }: BundleDocuments, name: string): string | undefined {
  return files.find((file) => file.name === name)?.sha256;
}

function baseLicenceOf(statement: RunStatement): string | null {
  const stated = dependencyOf(statement, 'base-model')?.annotations?.['licence'];
  return stated === undefined || stated === 'unknown' ? null : stated;
}

/** A licence in one canonical spelling; one that cannot be written as an expression counts as not stated. */
function spelled(licence: string | null): string {
  const statement = readLicence(licence);
  return statement.kind === 'stated' && licenceIdsOf(licence).length > 0 ? statement.expression : '';
}

function sameLicence(a: string | null, b: string | null): boolean {
  return spelled(a) === spelled(b);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');
}

function recordAt(object: Json, key: string): Json {
  const value = object[key];
  return isRecord(value) ? value : {};
}

function recordsAt(object: Json, key: string): Json[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function propertyOf(part: Json, name: string): string | undefined {
  return textsOf(recordsAt(part, 'properties').find((property) => property['name'] === name)?.['value'])[0];
}

function cdxHash(part: Json): string | undefined {
  return textsOf(recordsAt(part, 'hashes').find((hash) => hash['alg'] === 'SHA-256')?.['content'])[0];
}

function cdxFile(part: Json): { name: string; sha256: string | undefined } {
  return { name: String(part['name']), sha256: cdxHash(part) };
}

function cdxLicence(part: Json): string | null {
  const [entry] = recordsAt(part, 'licenses');
  if (entry === undefined) return null;
  return textsOf(entry['expression'])[0] ?? textsOf(recordAt(entry, 'license')['id'])[0] ?? null;
}

function spdxHash(part: Json): string | undefined {
  return textsOf(recordsAt(part, 'verifiedUsing').find((hash) => hash['algorithm'] === 'sha256')?.['hashValue'])[0];
}
