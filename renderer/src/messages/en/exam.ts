/** @file The texts of Exam. */

export const exam = {
  title: 'Exam',
  lead: 'Whether what was learnt holds on other questions.',
} as const;
