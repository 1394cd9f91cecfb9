/** @file The hash that names a dataset: over its sample records, in an order that does not depend on the file. */
import { createHash } from 'node:crypto';
import type { Sample } from '../../contract/model/datasets.ts';
import { canonicalJson, sha256Hex } from '../../store/connection/canonical.ts';

const DOMAIN = 'atelier-dataset-v1\n';

/** What of a sample counts: everything but ids, its position in the file and what follows from the image's bytes. */
export type SampleRecord = Pick<
  Sample,
  'imageSha256' | 'imageName' | 'task' | 'prompt' | 'answer' | 'split' | 'licence' | 'authors' | 'sources' | 'extra'
>;

/** Canonical JSON (RFC 8785) of a sample's record, one line of the snapshot. */
export function sampleRecordLine(sample: SampleRecord): string {
  const { imageSha256, imageName, task, prompt, answer, split, licence, authors, sources, extra } = sample;
  return canonicalJson({ imageSha256, imageName, task, prompt, answer, split, licence, authors, sources, extra });
}

/** SHA-256 over a domain line and the sorted record lines, each ended by a newline. */
export function snapshotSha256(samples: readonly SampleRecord[]): string {
  const lines = samples.map(sampleRecordLine).sort();
  return sha256Hex(DOMAIN + lines.map((line) => `${line}\n`).join(''));
}

/** The same hash from lines that come sorted, one after the other. */
export async function snapshotHash(sortedLines: AsyncIterable<string>): Promise<string> {
  const hash = createHash('sha256').update(DOMAIN);
  for await (const line of sortedLines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
