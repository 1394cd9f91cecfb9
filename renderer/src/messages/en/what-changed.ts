/** @file Text that explains why answers were gained and lost. */
export const whatChanged = {
  title: 'What changed',
  strict: 'Strict',
  lenient: 'Lenient',
  before: 'Before',
  after: 'After',
  part: 'Part',
  answers: 'Answers',
  share: 'Points of accuracy, 95% interval',
  meaning: 'Meaning',
  together: 'Together',
  togetherMeaning: 'the difference of the strict accuracies',
  caption: 'Answers gained and lost, by reason',
  points: (value: string) => `${value} points`,
  passTitle: (k: number) => `Right in at least one of k sampled answers (pass@k, k = 1 to ${String(k)})`,
  passNote: 'Read leniently, at temperature 1. The bands are 95% intervals over questions.',
  k: 'Answers sampled (k)',
  sample: 'Take samples',
  sampleAbout: (questions: number) =>
    `Each model answers each of ${String(questions)} questions 64 times, which takes minutes. The samples wait their turn in the queue.`,
} as const;
