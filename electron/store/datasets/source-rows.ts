/** @file How a source is stored: four columns, and the rest of its credit as JSON. */
import type { Source } from '../../contract/model/datasets.ts';
import { canonicalJson } from '../connection/canonical.ts';

/** The columns of `source` from which `toSource` makes a source. */
export const SOURCE_COLUMNS = 'source.title, source.author, source.licence, source.url, source.credit_json';

/** A row of these columns. */
export type SourceRow = Pick<Source, 'title' | 'author' | 'licence' | 'url'> & { credit_json: string | null };

type Rest = Pick<Source, 'place' | 'notice' | 'creditLine' | 'creditUrl'>;

export function toSource({ title, author, licence, url, credit_json: json }: SourceRow): Source {
  const rest = json === null ? {} : (JSON.parse(json) as Rest);
  return { title, author, licence, url, ...rest };
}

export function toSourceRow({ title, author, licence, url, ...credit }: Source): SourceRow {
  const { place, notice, creditLine, creditUrl } = credit;
  const rest = canonicalJson({ place, notice, creditLine, creditUrl });
  return { title, author, licence, url, credit_json: rest === '{}' ? null : rest };
}

/** Condition that a row of `source` is the one in the JSON value `json`; matches the index `source_identity`. */
export function isSourceIn(json: string): string {
  const same = (column: string): string => `ifnull(source.${column}, '') = ifnull(${json} ->> '${column}', '')`;
  return [`source.title = ${json} ->> 'title'`, ...['author', 'licence', 'url', 'credit_json'].map(same)].join(' AND ');
}
