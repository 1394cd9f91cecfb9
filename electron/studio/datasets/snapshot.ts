/** @file The hash that identifies a dataset, computed over its sample records regardless of their order in the file. */
import { createHash } from 'node:crypto';
import type { Sample } from '../../contract/model/datasets.ts';
import { canonicalJson, sha256Hex } from '../../store/connection/canonical.ts';

const DOMAIN = 'atelier-dataset-v1\n';

/** The hashed part of a sample: all but ids, its position in the file and anything derived from the image's bytes. */
export type SampleRecord = Pick<
  Sample,
  'imageSha256' | 'imageName' | 'task' | 'prompt' | 'answer' | 'split' | 'licence' | 'authors' | 'sources' | 'extra'
>;

/** Canonical JSON (RFC 8785) of a sample's record, one line of the snapshot. */
export function sampleRecordLine(sample: SampleRecord): string {
  const { imageSha256, imageName, task, prompt, answer, split, licence, authors, sources, extra } = sample;
  return canonicalJson({ imageSha256, imageName, task, prompt, answer, split, licence, authors, sources, extra });
}

/** SHA-256 over a domain line and the sorted record lines, each terminated by a newline. */
export function snapshotSha256(samples: readonly SampleRecord[]): string {
  const lines = samples.map(sampleRecordLine).sort();
  return sha256Hex(DOMAIN + lines.map((line) => `${line}\n`).join(''));
}

/** Computes the same hash from a stream of sorted lines. */
export async function snapshotHash(sortedLines: AsyncIterable<string>): Promise<string> {
  const hash = createHash('sha256').update(DOMAIN);
  for await (const line of sortedLines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
