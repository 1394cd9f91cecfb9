/** @file The texts of the Ledger. */

export const ledger = {
  title: 'Ledger',
  lead: 'Which licences the pictures are under, and what that means for the result.',
} as const;
