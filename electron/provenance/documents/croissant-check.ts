/** @file Checks whether a document is a valid Croissant 1.1 description: its required fields and its references. */
import { isRecord, objectsIn, parseObject, textsOf } from './cyclonedx-check.ts';
import type { FormVerdict } from './cyclonedx-check.ts';
import { CROISSANT_VERSIONS } from './croissant.ts';

type Json = Record<string, unknown>;

/** The specification requires these; mlcroissant itself does not enforce most of them. */
const REQUIRED = [
  '@context',
  '@type',
  'name',
  'description',
  'license',
  'url',
  'creator',
  'datePublished',
  'distribution',
];
const FAULTS_SHOWN = 3;

export function checkCroissantForm(text: string): FormVerdict {
  const document = parseObject(text);
  if (document === null) return { kind: 'faulty', faults: ['it is not a JSON object'] };
  const versions = textsOf(document['conformsTo']);
  if (versions.length === 0) return { kind: 'unknown', reason: 'it does not state which version it follows' };
  const strange = versions.find((version) => !CROISSANT_VERSIONS.includes(version));
  if (strange !== undefined) return { kind: 'unknown', reason: `it follows ${strange}` };
  const missing = REQUIRED.filter((field) => document[field] === undefined || document[field] === '');
  const faults = missing.length === 0 ? [] : [`it lacks ${missing.join(', ')}`];
  for (const file of fileObjects(document)) {
    if (typeof file['contentUrl'] !== 'string' || !/^[0-9a-f]{64}$/.test(String(file['sha256'])))
      faults.push(`the file ${JSON.stringify(file['@id'] ?? null)} has no location or no sha256`);
  }
  const named = new Set(objectsIn(document).flatMap((object) => ('@type' in object ? textsOf(object['@id']) : [])));
  for (const lost of usedIds(document).filter((id) => !named.has(id)))
    faults.push(`${JSON.stringify(lost)} leads nowhere`);
  return faults.length === 0 ? { kind: 'sound' } : { kind: 'faulty', faults: faults.slice(0, FAULTS_SHOWN) };
}

/** The files that a description names. */
export function fileObjects(document: Json): Json[] {
  const distribution = document['distribution'];
  return (Array.isArray(distribution) ? distribution : [])
    .filter(isRecord)
    .filter((entry) => entry['@type'] === 'cr:FileObject');
}

/** Ids by which record sets name files and fields. */
function usedIds(document: Json): string[] {
  return objectsIn(document['recordSet']).flatMap((object) =>
    ['fileObject', 'fileSet', 'key', 'field'].flatMap((name) => {
      const target = object[name];
      return isRecord(target) && !('@type' in target) ? textsOf(target['@id']) : [];
    }),
  );
}
