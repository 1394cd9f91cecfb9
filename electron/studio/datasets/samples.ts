/** @file Converts a staged row to the sample that the store keeps. */
import { basename } from 'node:path';
import type { NewSample } from '../../store/datasets/dataset-types.ts';
import { fillRights } from './import/rights.ts';
import type { ReadyRow } from './import/staging.ts';

export function toSample(row: ReadyRow): NewSample {
  const { values, position, split } = row;
  const { prompt, answer, task, extra } = values;
  const { licence, licenceSource, authors, authorsSource } = fillRights(values, row.statement ?? undefined);
  const imageName = basename(row.path);
  const itself = { title: imageName, author: authors.length === 0 ? null : authors.join('; '), licence, url: null };
  return {
    position,
    imageSha256: row.sha256,
    imageName,
    task,
    prompt,
    answer,
    split,
    licence,
    authors,
    sources: values.sources ?? [itself],
    extra,
    licenceSource,
    authorsSource,
  };
}
