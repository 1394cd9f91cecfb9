/**
 * @file Verifies a bundle anywhere, without a store. Each check states its finding in a sentence. Nothing counts as
 * passed without being checked.
 */
import { stat } from 'node:fs/promises';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { Sample } from '../../../contract/model/datasets.ts';
import type { VerifyReport } from '../../../contract/model/exports.ts';
import { snapshotsOf } from '../../../method/mixture.ts';
import { canonicalJson } from '../../../provenance/signing/canonical-json.ts';
import { ManifestRow, buildManifest } from '../../../provenance/documents/manifest.ts';
import { SIGNATURE_FILE } from '../../../provenance/signing/model-signing.ts';
import type { FileDigest } from '../../../provenance/signing/model-signing.ts';
import { RunStatement } from '../../../provenance/documents/slsa.ts';
import { snapshotSha256 } from '../../datasets/snapshot.ts';
import { FILE } from '../build/documents.ts';
import { beyondBundle, cannotTell, fail, overallOutcome, pass, readDocument, readLines } from './verify-checks.ts';
import type { Check, Document } from './verify-checks.ts';
import { checkContribution } from './verify-contribution.ts';
import { areWeightsOurs, checkEnvelope, checkTimes, checkWeights, verifyDocuments } from './verify-documents.ts';
import { verifyMaterials } from './verify-materials.ts';
import { offeredLicence, verifyAudit, verifyRights } from './verify-rights.ts';
import { checkPrograms } from './verify-programs.ts';
import { checkWording, documentsAgain } from './verify-wording.ts';
import { typedPath } from '../../typed-path.ts';
import { verifySignature } from './verify-signature.ts';
import type { VerifyOptions } from './verify-signature.ts';

/** Images that may be available, such as the blob store of a data folder. */
export interface ImageLookup {
  has(sha256: string): Promise<boolean>;
  /** Hashes the stored bytes again. */
  verify(sha256: string): Promise<boolean>;
}

export interface VerifyBundleOptions extends VerifyOptions {
  images?: ImageLookup | undefined;
  /** Atelier's version, to tell whether a bundle's documents were made by another one. */
  version?: string | undefined;
  /** The samples of the dataset with this snapshot hash, if it is available. */
  samplesOf?: ((snapshotSha256s: readonly string[]) => Promise<readonly Sample[] | null>) | undefined;
}

/**
 * Checks the folder at `path`. Outcome: `fail` if there is any contradiction; `cannot-tell` if something a bundle can
 * show was not shown (a signer with an unknown key, a missing document); `pass` otherwise. Images that stay with their
 * maker and opt-outs that were not recorded lie beyond the bundle and do not prevent a pass.
 * @throws AtelierError NOT_FOUND if there is no folder
 */
export async function verifyBundle(path: string, options: VerifyBundleOptions = {}): Promise<VerifyReport> {
  const folder = await typedPath(path);
  await mustBeFolder(folder);
  const found = await verifySignature(folder, options);
  const { files, signedBy } = found;
  // Files that somebody took out of a bundle, or another tool made, without anything that shows they were ever signed.
  const isUnsigned = found.isUnsigned && !files.some(({ name }) => SIGNED_WITH.includes(name));
  const origin = await areWeightsOurs(folder, files);
  const checks = isUnsigned ? found.checks.filter(({ check }) => check !== 'signature') : found.checks;
  if (isUnsigned) checks.push(cannotTell('signature', nothingSigned(origin)));
  if (!files.some(({ name }) => OWN_FILES.includes(name)) && (isUnsigned || !origin))
    return await reportWithoutDocuments(folder, files, [...checks, ...checkPrograms(files, new Map())], isUnsigned);
  const statement = await readDocument(folder, FILE.statement, RunStatement);
  const manifest = await readLines(folder, FILE.manifest, ManifestRow);
  const audit = await verifyAudit(folder, signedBy);
  const bundle = { folder, files, statement, manifest, isUnsigned };
  const offered = await offeredLicence(folder);
  const documents = [...(await verifyDocuments(bundle)), ...(await verifyMaterials(bundle, offered))];
  const built = await documentsAgain(bundle, offered);
  checks.push(
    ...checkPrograms(files, built ?? null),
    ...documents,
    ...(await checkWording({ bundle, built, version: options.version, found: documents })),
    ...(await verifyRights(bundle)),
    await checkContribution(folder, manifest, statement),
    ...(await checkEnvelope(folder, signedBy)),
    audit.check,
    checkTimes(statement, audit.head),
    ...(await checkDataset(manifest, statement, options.samplesOf)),
    ...(await checkImages(manifest, options.images)),
  );
  return {
    path: folder,
    outcome: overallOutcome(checks),
    checks: checks.map(({ beyondBundle: _, ...check }) => check),
  };
}

/** Files that only an export of Atelier writes. */
const OWN_FILES: readonly string[] = Object.values(FILE).filter(
  (name) => ![FILE.card, FILE.licence, FILE.notice].some((common) => common === name),
);

/** Files that come with a signature: where one of these lies, a signature that is not there was removed. */
const SIGNED_WITH: readonly string[] = [FILE.publicKey, FILE.auditHead, FILE.envelope];

function nothingSigned(isOurs: boolean): string {
  const why = `Nothing is signed here: the folder has no ${SIGNATURE_FILE}, so nobody vouches for these files.`;
  return isOurs
    ? `${why} The header of the weights says that an export of Atelier wrote them, and anybody can write a header. Check the whole folder of the export.`
    : why;
}

/** A folder without documents, signed or not: only its weights and signature can be checked. */
async function reportWithoutDocuments(
  folder: string,
  files: readonly FileDigest[],
  found: readonly Check[],
  isUnsigned: boolean,
): Promise<VerifyReport> {
  const undocumented = cannotTell(
    'documents',
    'The folder has none of the documents of an Atelier bundle. A signature says who signed the files, not where they come from.',
  );
  const weights = await checkWeights({ folder, files, statement: { kind: 'missing' }, isUnsigned });
  const checks = [...found, ...(isUnsigned ? [] : [undocumented]), ...weights];
  return { path: folder, outcome: overallOutcome(checks), checks };
}

async function mustBeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new AtelierError(
    'NOT_FOUND',
    found === null ? `The folder ${folder} does not exist.` : `${folder} is a file, not a bundle folder.`,
    {
      place: { file: folder },
      remedy: 'Choose the folder that contains model.sig.',
    },
  );
}

/** 5: for every image, the manifest agrees with the dataset whose hash the recipe names. */
async function checkDataset(
  manifest: Document<ManifestRow[]>,
  statement: Document<RunStatement>,
  samplesOf: VerifyBundleOptions['samplesOf'],
): Promise<Check[]> {
  if (manifest.kind !== 'read' || statement.kind !== 'read') return [];
  const { recipe } = statement.value.predicate.buildDefinition.externalParameters;
  const { datasetSha256 } = recipe;
  const samples = (await samplesOf?.(snapshotsOf(recipe))) ?? null;
  if (samples === null || snapshotSha256(samples) !== datasetSha256) {
    const detail =
      'Questions and answers stay with the maker, so only the maker can compare the manifest with the dataset that the recipe names.';
    return [beyondBundle('dataset', detail)];
  }
  // An image's use and the decisions about it belong to the run, and its sidecar files may differ between two imports
  // of the same data. What it is and whose it is must match the dataset exactly.
  const facts = (rows: readonly ManifestRow[]): string =>
    canonicalJson(
      rows.map(({ use: _u, why: _w, signals: _s, verdict: _v, override: _o, samples: entries, ...row }) => ({
        ...row,
        splits: entries.map((entry) => entry.split).sort(),
      })),
    );
  const expected = buildManifest({ samples, timesSeen: null, evaluatedSampleIds: new Set() });
  if (facts(manifest.value) !== facts(expected)) {
    return [fail('dataset', `${FILE.manifest} and the dataset that the recipe names disagree about the images.`)];
  }
  return [
    pass(
      'dataset',
      `${FILE.manifest} agrees with the dataset that the recipe names about ${expected.length === 1 ? 'its only image' : `all ${expected.length} images`}.`,
    ),
  ];
}

/** The images themselves, if they are available. */
async function checkImages(manifest: Document<ManifestRow[]>, images: ImageLookup | undefined): Promise<Check[]> {
  if (manifest.kind !== 'read') return [];
  const rows = manifest.value;
  if (images === undefined) {
    return [
      beyondBundle(
        'images',
        rows.length === 1
          ? 'The image stays with its maker. Only its hash is here.'
          : `The ${rows.length} images stay with their maker. Only their hashes are here.`,
      ),
    ];
  }
  let there = 0;
  const changed: string[] = [];
  for (const { imageSha256, names } of rows) {
    if (!(await images.has(imageSha256))) continue;
    there += 1;
    if (!(await images.verify(imageSha256))) changed.push(names[0] ?? imageSha256);
  }
  if (changed.length > 0)
    return [
      fail(
        'images',
        changed.length === 1
          ? `The image ${JSON.stringify(changed[0])} differs from the manifest.`
          : `${changed.length} images differ from the manifest, the first being ${JSON.stringify(changed[0])}.`,
      ),
    ];
  if (there < rows.length)
    return [
      beyondBundle(
        'images',
        rows.length === 1
          ? 'The image is not available.'
          : `${there} of ${rows.length} images ${there === 1 ? 'is' : 'are'} here and unchanged. The others are not available.`,
      ),
    ];
  return [
    pass(
      'images',
      rows.length === 1
        ? 'The image is here, and its hash matches the manifest.'
        : `All ${rows.length} images are here, and their hashes match the manifest.`,
    ),
  ];
}
