/** @file The texts of Verify. */

export const verify = {
  title: 'Verify',
  lead: 'Check a bundle that somebody gave you.',
} as const;
