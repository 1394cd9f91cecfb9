/** @file The texts of an evaluation's items. */

export const evaluation = {
  title: 'Evaluation',
} as const;
