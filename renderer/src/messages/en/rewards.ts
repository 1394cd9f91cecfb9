/** @file The texts of Rewards. */

export const rewards = {
  title: 'Rewards',
  lead: 'What counts as a good answer, and whether it teaches.',
} as const;
