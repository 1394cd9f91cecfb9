/** @file The texts of Compare. */

export const compare = {
  title: 'Compare',
  lead: 'Which run is better, and whether the difference is real.',
} as const;
