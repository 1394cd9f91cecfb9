/** @file One column of a DataTable. */
import type { Snippet } from 'svelte';

export type Column<Row> = {
  key: string;
  title: string;
  /** In place of the title, such as a term with its explanation. */
  heading?: Snippet<[key: string]>;
  /** Keeps the title for screen readers only, for a column of buttons or one that explains itself. */
  hideTitle?: boolean;
  /** `number` aligns to the right, with figures of equal width, and never breaks. */
  kind?: 'text' | 'number';
  /** Cuts a long text to one line. */
  clip?: boolean;
  /** Any CSS width. */
  width?: string;
  /** Names its row for screen readers. */
  isRowHeader?: boolean;
} & (
  | { text: (row: Row) => string | number; cell?: undefined }
  | { cell: Snippet<[row: Row, key: string]>; text?: undefined }
);
