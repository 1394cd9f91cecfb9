/** @file Converts a staged row to the sample that the store keeps. */
import { basename } from 'node:path';
import type { NewSample } from '../../store/datasets/dataset-types.ts';
import { creditedSources, fillRights } from './import/rights.ts';
import type { ReadyRow } from './import/staging.ts';

export function toSample(row: ReadyRow): NewSample {
  const { values, position, split } = row;
  const { prompt, answer, task, extra } = values;
  const said = row.statement ?? undefined;
  const stated = fillRights(values, said);
  const rights = { ...stated, licence: row.settledLicence ?? stated.licence };
  const imageName = basename(row.path);
  return {
    position,
    imageSha256: row.sha256,
    imageName,
    task,
    prompt,
    answer,
    split,
    sources: creditedSources(values, said, rights, imageName),
    extra,
    ...rights,
  };
}
