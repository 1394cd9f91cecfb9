/** @file Which column of a person's table holds what: named by the person, or known by its usual name. */
import type { ColumnMapping } from '../../contract/datasets.ts';
import { AtelierError } from '../../contract/errors.ts';

type Field = keyof ColumnMapping;

/** Usual names, most telling first; compared without case, and with `-` and spaces as `_`. */
const KNOWN_NAMES: Record<Field, readonly string[]> = {
  image: ['file_name', 'filename', 'image', 'image_path', 'image_file', 'images', 'file', 'path'],
  prompt: ['question', 'problem', 'prompt', 'instruction'],
  answer: ['answer', 'solution', 'label', 'ground_truth', 'reference'],
  task: ['task', 'task_type'],
  split: ['split'],
  licence: ['licence', 'license'],
  author: ['author', 'authors', 'creator', 'creators', 'artist'],
  source: ['sources', 'source', 'source_url', 'url'],
};

const FIELDS = Object.keys(KNOWN_NAMES) as Field[];
const REQUIRED: readonly Field[] = ['image', 'prompt', 'answer'];
const MEANING: Record<Field, string> = {
  image: 'the image file',
  prompt: 'the question',
  answer: 'the answer',
  task: 'the task',
  split: 'the split',
  licence: 'the licence',
  author: 'the author',
  source: 'the source',
};

/** What the person said; fields that are absent or undefined are looked for. */
export type GivenColumns = { [Key in Field]?: string | undefined };

/**
 * The mapping for a table with these columns. A name that the person gave must be there; every other field
 * takes the first column with a usual name that no other field has.
 * @throws AtelierError BAD_INPUT that lists the columns there are
 */
export function detectColumns(columns: readonly string[], given: GivenColumns, table: string): ColumnMapping {
  const there = `The columns are: ${columns.join(', ')}.`;
  const mapping: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const name = given[field];
    if (name === undefined) continue;
    if (!columns.includes(name)) {
      throw new AtelierError('BAD_INPUT', `${table} has no column "${name}" for ${MEANING[field]}. ${there}`, {
        place: { file: table, field },
        remedy: `Name one of these columns as the column of ${MEANING[field]}.`,
      });
    }
    mapping[field] = name;
  }
  for (const field of FIELDS) {
    if (mapping[field] !== undefined) continue;
    const taken = new Set(Object.values(mapping));
    const name = KNOWN_NAMES[field]
      .map((known) => columns.find((column) => normal(column) === known && !taken.has(column)))
      .find((column) => column !== undefined);
    if (name !== undefined) mapping[field] = name;
  }
  for (const field of REQUIRED) {
    if (mapping[field] !== undefined) continue;
    throw new AtelierError('BAD_INPUT', `No column of ${table} could be recognised as ${MEANING[field]}. ${there}`, {
      place: { file: table, field },
      remedy: `Say which column holds ${MEANING[field]}, or call it "${KNOWN_NAMES[field][0]}".`,
    });
  }
  return mapping as ColumnMapping;
}

function normal(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}
