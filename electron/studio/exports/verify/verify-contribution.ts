/** @file Checks contribution.json: its form, its images against the manifest, and its sums by recomputing them. */
import { Contribution } from '../../../contract/model/contribution.ts';
import { canonicalJson } from '../../../provenance/signing/canonical-json.ts';
import { methodText, sumsOf } from '../../../provenance/documents/contribution.ts';
import { isTrained, licenceWithSources } from '../../../provenance/documents/manifest.ts';
import type { ManifestRow } from '../../../provenance/documents/manifest.ts';
import type { RunStatement } from '../../../provenance/documents/slsa.ts';
import { FILE } from '../build/documents.ts';
import { beyondBundle, fail, pass, readDocument, unusable } from './verify-checks.ts';
import type { Check, Document } from './verify-checks.ts';
import { runIdOf } from './verify-documents.ts';
import { counted } from '../../../method/counted.ts';

const TOLERANCE = 1e-9;

const LICENCE_OF: readonly ((row: ManifestRow) => string | null)[] = [licenceWithSources, ({ licence }) => licence];

export async function checkContribution(
  folder: string,
  manifest: Document<ManifestRow[]>,
  statement: Document<RunStatement>,
): Promise<Check> {
  const read = await readDocument(folder, FILE.contribution, Contribution);
  if (read.kind === 'missing') {
    return beyondBundle(
      'contribution',
      'The bundle does not record which images taught the model and makes no claim about it.',
    );
  }
  if (read.kind !== 'read') return unusable('contribution', FILE.contribution, read);
  if (manifest.kind !== 'read') return unusable('contribution', FILE.manifest, manifest);
  const fault = faultOf(read.value, manifest.value, statement);
  if (fault !== null) return fail('contribution', `${FILE.contribution}: ${fault}`);
  const { images, method } = read.value;
  return pass(
    'contribution',
    `${FILE.contribution} is about this run, names exactly the ${counted(images.length, 'image')} that training used, as often as ${FILE.manifest} says, and its sums follow from them (method: ${method}). Only a replay can show that the figures are right.`,
  );
}

function faultOf(
  contribution: Contribution,
  manifest: readonly ManifestRow[],
  statement: Document<RunStatement>,
): string | null {
  if (statement.kind === 'read') {
    const { step } = statement.value.predicate.buildDefinition.internalParameters;
    if (contribution.runId !== runIdOf(statement.value)) return 'it is about another run.';
    if (contribution.step !== step)
      return `it is about step ${contribution.step}, but the weights are from step ${step}.`;
  }
  if (contribution.methodText !== methodText(contribution.method, contribution.reproduced)) {
    return 'its description does not match its method.';
  }
  const trained = new Map(manifest.filter(isTrained).map((row) => [row.imageSha256, row]));
  const listed = new Set(contribution.images.map(({ imageSha256 }) => imageSha256));
  if (listed.size !== contribution.images.length || listed.size !== trained.size) {
    return `it lists ${counted(contribution.images.length, 'image')}, but training used ${trained.size}.`;
  }
  // Earlier versions gave the image's own licence, without those of the works in it.
  const licenceOf = LICENCE_OF.find((of) =>
    contribution.images.every(({ imageSha256, licence }) => {
      const row = trained.get(imageSha256);
      return row !== undefined && of(row) === licence;
    }),
  );
  for (const image of contribution.images) {
    const row = trained.get(image.imageSha256);
    if (row === undefined) return `it names the image ${image.name}, which training did not use.`;
    const expected = [row.authors, (licenceOf ?? licenceWithSources)(row)];
    if (canonicalJson(expected) !== canonicalJson([image.authors, image.licence])) {
      return `its authors or licence for ${image.name} differ from ${FILE.manifest}.`;
    }
    const seen = row.samples.map(({ timesSeen }) => timesSeen);
    const drawn = seen.includes(null) ? null : seen.reduce<number>((sum, n) => sum + (n ?? 0), 0);
    if (drawn !== null && drawn !== image.timesSeen) {
      return `it says that ${image.name} was seen ${counted(image.timesSeen, 'time')}, but ${FILE.manifest} says ${drawn}.`;
    }
    if (image.share < 0 || (image.net <= 0 && image.share > TOLERANCE))
      return `the share of ${image.name} is impossible.`;
  }
  const total = contribution.images.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-6 && total !== 0) return `its shares add up to ${total} instead of 1.`;
  const { byAuthor, byLicence, bySource } = contribution;
  const again = sumsOf(contribution.images, manifest);
  return canonicalJson({ byAuthor, byLicence, bySource }) === canonicalJson(again)
    ? null
    : 'its sums do not follow from its images.';
}
