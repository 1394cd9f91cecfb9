/**
 * @file Checks whether a document is valid SPDX 3.0.1 by the minimum requirements of the AI and Dataset profiles. The
 * published shapes do not enforce these; `npm run validate:provenance` applies the shapes and the schema as well.
 */
import { isRecord, parseObject, textsOf } from './cyclonedx-check.ts';
import type { FormVerdict } from './cyclonedx-check.ts';
import { SPDX_CONTEXT, SPDX_VERSION } from './spdx3.ts';
import { licenceIdsOf, readLicence } from './spdx.ts';

type Json = Record<string, unknown>;

/** Fields that an element of the type must have; from the model's classes and their profiles. */
const REQUIRED: Record<string, readonly string[]> = {
  CreationInfo: ['specVersion', 'created', 'createdBy'],
  SpdxDocument: ['rootElement', 'profileConformance'],
  software_Sbom: ['rootElement', 'element'],
  software_File: ['name'],
  Relationship: ['from', 'to', 'relationshipType'],
  simplelicensing_LicenseExpression: ['simplelicensing_licenseExpression'],
  simplelicensing_SimpleLicensingText: ['simplelicensing_licenseText'],
  ai_AIPackage: [
    'name',
    'suppliedBy',
    'software_downloadLocation',
    'software_packageVersion',
    'software_primaryPurpose',
  ],
  dataset_DatasetPackage: [
    'name',
    'originatedBy',
    'software_downloadLocation',
    'software_primaryPurpose',
    'builtTime',
    'releaseTime',
    'dataset_datasetType',
  ],
};
/** Fields that name other elements. */
const REFERENCES = [
  'creationInfo',
  'createdBy',
  'createdUsing',
  'rootElement',
  'element',
  'suppliedBy',
  'originatedBy',
  'from',
  'to',
];
/** Elements that SPDX itself defines. */
const DEFINED = new Set([
  'expandedlicensing_NoAssertionLicense',
  'expandedlicensing_NoneLicense',
  'NoAssertionElement',
  'NoneElement',
]);
const DATASET_TYPES = new Set(
  'audio categorical graph image noAssertion numeric other sensor structured syntactic text timeseries timestamp video'.split(
    ' ',
  ),
);
const FAULTS_SHOWN = 3;

export function checkSpdx3Form(text: string): FormVerdict {
  const document = parseObject(text);
  if (document === null) return { kind: 'faulty', faults: ['it is not a JSON object'] };
  if (document['@context'] !== SPDX_CONTEXT) return { kind: 'unknown', reason: `its context is not ${SPDX_CONTEXT}` };
  const graph = graphOf(document);
  const version = graph.find(({ type }) => type === 'CreationInfo')?.['specVersion'];
  if (version !== undefined && version !== SPDX_VERSION) {
    return { kind: 'unknown', reason: `it is SPDX ${JSON.stringify(version)}, not ${SPDX_VERSION}` };
  }
  const faults = [...elementFaults(graph), ...referenceFaults(graph), ...licenceFaults(graph)];
  const roots = graph.filter(({ type }) => type === 'software_Sbom').flatMap((sbom) => textsOf(sbom['rootElement']));
  if (!graph.some(({ type, spdxId }) => type === 'ai_AIPackage' && roots.includes(String(spdxId))))
    faults.push('there is no ai_AIPackage at its root');
  for (const type of ['CreationInfo', 'SpdxDocument', 'ai_AIPackage', 'dataset_DatasetPackage'])
    if (!graph.some((element) => element['type'] === type)) faults.push(`there is no ${type}`);
  return faults.length === 0 ? { kind: 'sound' } : { kind: 'faulty', faults: faults.slice(0, FAULTS_SHOWN) };
}

/** The elements of a document. */
export function graphOf(document: Json): Json[] {
  const graph = document['@graph'];
  return Array.isArray(graph) ? graph.filter(isRecord) : [];
}

function nameOf(element: Json): string {
  return textsOf(element['spdxId'] ?? element['@id'] ?? element['type'])[0] ?? 'an element';
}

function elementFaults(graph: readonly Json[]): string[] {
  return graph.flatMap((element) => {
    const faults: string[] = [];
    const type = String(element['type']);
    if (type !== 'CreationInfo' && typeof element['spdxId'] !== 'string') faults.push(`a ${type} has no spdxId`);
    if (type !== 'CreationInfo' && typeof element['creationInfo'] !== 'string')
      faults.push(`${nameOf(element)} does not state who made it`);
    const missing = (REQUIRED[type] ?? []).filter((field) => isEmpty(element[field]));
    if (missing.length > 0) faults.push(`${nameOf(element)} lacks ${missing.join(', ')}`);
    for (const field of ['created', 'builtTime', 'releaseTime']) {
      const time = element[field];
      if (time !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(textsOf(time)[0] ?? ''))
        faults.push(`${nameOf(element)}: ${field} is not a time in whole seconds`);
    }
    const unknown = textsOf(element['dataset_datasetType']).filter((value) => !DATASET_TYPES.has(value));
    if (unknown.length > 0) faults.push(`${nameOf(element)}: ${JSON.stringify(unknown[0])} is not a dataset type`);
    if (type === 'dataset_DatasetPackage' && textsOf(element['originatedBy']).length !== 1)
      faults.push(`${nameOf(element)} does not have exactly one originator`);
    return faults;
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function referenceFaults(graph: readonly Json[]): string[] {
  const names = graph.flatMap((element) => textsOf(element['spdxId'] ?? element['@id']));
  const known = new Set(names);
  const faults = known.size === names.length ? [] : ['two elements have the same spdxId'];
  for (const element of graph) {
    const lost = REFERENCES.flatMap((field) => textsOf(element[field])).find(
      (name) => !known.has(name) && !DEFINED.has(name),
    );
    if (lost !== undefined) faults.push(`${nameOf(element)} names ${lost}, which does not exist`);
  }
  return faults;
}

function licenceFaults(graph: readonly Json[]): string[] {
  return graph.flatMap((element) => {
    const [expression] = textsOf(element['simplelicensing_licenseExpression']);
    if (expression === undefined) return [];
    if (readLicence(expression).kind !== 'stated') return [`${JSON.stringify(expression)} is not a licence expression`];
    const own = element['simplelicensing_customIdToUri'];
    const explained = new Set(
      (Array.isArray(own) ? own : []).filter(isRecord).flatMap((entry) => textsOf(entry['key'])),
    );
    const bare = licenceIdsOf(expression).filter((id) => id.startsWith('LicenseRef-') && !explained.has(id));
    return bare.length === 0 ? [] : [`the text of ${bare[0] ?? ''} is missing`];
  });
}
