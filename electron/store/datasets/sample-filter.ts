/**
 * @file Translates a sample filter into an SQL condition. Values are always bound, never written into the statement.
 */
import type { SampleFilter } from '../../contract/model/curation.ts';
import type { SqlValue } from '../connection/connection.ts';

/** For `SELECT … FROM sample WHERE …`. */
export function sampleConditions(datasetId: string, filter: SampleFilter): { where: string; params: SqlValue[] } {
  const conditions = ['dataset_id = ?'];
  const params: SqlValue[] = [datasetId];
  const add = (condition: string, ...values: SqlValue[]): void => {
    conditions.push(condition);
    params.push(...values);
  };
  if (filter.split !== undefined) add('split = ?', filter.split);
  if (filter.licence === null) add('licence IS NULL');
  else if (filter.licence !== undefined) add('licence = ?', filter.licence);
  if (filter.task !== undefined) add('task = ?', filter.task);
  if (filter.tag !== undefined) add('EXISTS (SELECT 1 FROM json_each(tags_json) WHERE value = ?)', filter.tag);
  if (filter.author !== undefined) add('EXISTS (SELECT 1 FROM json_each(authors_json) WHERE value = ?)', filter.author);
  if (filter.verdict !== undefined) {
    // No row in the verdict table means unknown.
    const said = 'IN (SELECT v.image_sha256 FROM signal_verdict AS v WHERE v.dataset_id = ? AND v.verdict';
    if (filter.verdict === 'unknown') add(`image_sha256 NOT ${said} <> 'unknown')`, datasetId);
    else add(`image_sha256 ${said} = ?)`, datasetId, filter.verdict);
  }
  if (filter.search !== undefined) {
    // instr needs no escaping; lower() handles ASCII only, so other letters are compared as they are.
    add(
      '(instr(lower(prompt), lower(?)) > 0 OR instr(lower(answer), lower(?)) > 0 OR instr(lower(image_name), lower(?)) > 0)',
      filter.search,
      filter.search,
      filter.search,
    );
  }
  return { where: conditions.join(' AND '), params };
}
