/** @file The texts of the Playground. */

export const playground = {
  title: 'Playground',
  lead: 'Ask the model yourself, before and after training.',
} as const;
