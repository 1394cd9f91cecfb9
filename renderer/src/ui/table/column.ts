/** @file One column of a DataTable. */
import type { Snippet } from 'svelte';

export type Column<Row> = {
  key: string;
  title: string;
  /** Replaces the title, for example with a term and its explanation. */
  heading?: Snippet<[key: string]>;
  /** Shows the title to screen readers only, for a column of buttons or a self-explanatory one. */
  hideTitle?: boolean;
  /** `number` aligns right, uses tabular figures, and never wraps. */
  kind?: 'text' | 'number';
  /** Truncates long text to one line. */
  clip?: boolean;
  /** Any CSS width. */
  width?: string;
  /** Names its row for screen readers. */
  isRowHeader?: boolean;
} & (
  | { text: (row: Row) => string | number; cell?: undefined }
  | { cell: Snippet<[row: Row, key: string]>; text?: undefined }
);
