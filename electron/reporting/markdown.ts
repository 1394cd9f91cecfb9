/** @file Markdown tables, padded so that they can be read as plain text. */
import { markdownTable } from 'markdown-table';

/** A table; missing cells are empty, and `|` in a cell is escaped. Ends without a line break. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = (row: readonly string[]): string[] =>
    header.map((_, column) => (row[column] ?? '').replaceAll('|', '\\|'));
  return markdownTable([escaped(header), ...rows.map(escaped)]);
}
