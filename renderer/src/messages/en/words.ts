/** @file Words that several screens share: names of methods, rewards, schedules, states. */
import type {
  CheckResult,
  KlSchedule,
  Method,
  RunStatus,
  Split,
  Task,
} from '../../../../electron/contract/api/index.ts';

/** “1 sample”, “2,000 samples”. */
export function plural(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat('en').format(count)} ${count === 1 ? one : many}`;
}

export const status: Record<RunStatus, string> = {
  queued: 'Waiting',
  running: 'Running',
  completed: 'Completed',
  interrupted: 'Interrupted',
  failed: 'Failed',
};

export const method: Record<Method, string> = { sft: 'SFT', grpo: 'GRPO', 'grpo-d': 'GRPO-D' };

export const methodAbout: Record<Method, string> = {
  'grpo-d':
    'The model tries several answers, the better ones are reinforced. How tightly it is held to its start changes during the run.',
  grpo: 'The same, with a constant hold. The baseline to compare with.',
  sft: 'The model copies the reference answers. No rewards, no exploring.',
};

export const task: Record<Task, string> = { counting: 'Counting', geometry: 'Geometry', other: 'Other' };
export const split: Record<Split, string> = { train: 'Train', test: 'Test' };

type RewardWords = { label: string; about: string };

const reward: Readonly<Record<string, RewardWords>> = {
  accuracy: {
    label: 'Right answer',
    about: '1 when the answer in <answer>…</answer> equals the reference answer, else 0.',
  },
  format: {
    label: 'Answer format',
    about: '1 when the text is exactly <think>…</think> followed by <answer>…</answer>, else 0.',
  },
  length: {
    label: 'Length',
    about: '1 while the thought is neither too short nor too long, less the further it is off.',
  },
  repetition: { label: 'No repetition', about: 'The share of word groups that come for the first time.' },
  language: { label: 'Writing system', about: 'The share of letters that belong to one writing system.' },
  reasoning: { label: 'Reasoning present', about: '1 when a thought with something in it comes before the answer.' },
};

/** The words for a reward; one that has none (a person's own, `custom:label`) goes by its own label. */
export function rewardWords(key: string): RewardWords {
  return reward[key] ?? { label: key.replace(/^custom:/, ''), about: '' };
}

export const schedule: Record<KlSchedule['kind'], { label: string; about: string }> = {
  'paper-eq3': {
    label: 'Dynamic: explore, then hold',
    about: 'Eq. 3 of OThink-MR1: falls from the middle, then rises.',
  },
  'paper-text': { label: 'Dynamic: rising only', about: 'The prose of the same paper: from low to high, evenly.' },
  'mean-matched': {
    label: 'Constant, same average',
    about: 'The average of the dynamic curve, held constant: the fair control.',
  },
  'target-kl': {
    label: 'Aims at a distance',
    about:
      'Rises while the answers drift further than you allow, falls while they stay closer. The band is what it can reach.',
  },
  'accuracy-conditioned': {
    label: 'Follows the right answers',
    about: 'Loose while few answers are right, tight once most are. The band is its whole range.',
  },
  constant: { label: 'Constant', about: 'The same KL weight in every step.' },
  linear: { label: 'Linear', about: 'Evenly from the first to the last value.' },
  cosine: { label: 'Cosine', about: 'Softly from the first to the last value.' },
};

/** What a run is doing before, between and after its steps. */
export const runPhase: Readonly<Record<string, string>> = {
  start: 'Preparing',
  load: 'Loading the model',
  'read images': 'Reading the pictures',
  compile: 'Building the programs',
  'evaluate base': 'Asking the held-out questions before training',
  'evaluate tuned': 'Asking the held-out questions after training',
  'wait for the run of another Atelier': 'Waiting for the run of another Atelier',
};

export const outcome: Record<CheckResult['outcome'], string> = {
  pass: 'Passed',
  fail: 'Failed',
  'cannot-tell': 'Cannot tell',
};
