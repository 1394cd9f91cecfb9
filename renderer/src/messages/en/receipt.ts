/** @file The texts of the receipt of an export. */

export const receipt = {
  title: 'Receipt',
  lead: 'The chain from the weights back to the pictures.',
} as const;
