/** @file Words shared by several screens: names of methods, rewards, schedules and states. */
import type {
  CheckResult,
  KlSchedule,
  Method,
  Progress,
  RunStatus,
  Split,
  Task,
} from '../../../../electron/contract/api/index.ts';
import { bytesOf } from '../../../../electron/method/byte-size.ts';

/** “1 sample”, “2,000 samples”. */
export function plural(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat('en').format(count)} ${count === 1 ? one : many}`;
}

/** The word for a name that may be newer than the table; otherwise the name itself. */
export function wordIn(table: Readonly<Record<string, string>>, key: string, otherwise = key): string {
  return table[key] ?? otherwise;
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
    'The model tries several answers, and training reinforces the better ones. How tightly it is held to its starting point changes during the run.',
  grpo: 'The same with a constant KL weight. The baseline for comparison.',
  sft: 'The model copies the reference answers, without rewards or exploration.',
};

export const task: Record<Task, string> = { counting: 'Counting', geometry: 'Geometry', other: 'Other' };
export const split: Record<Split, string> = { train: 'Train', test: 'Test' };

type RewardWords = { label: string; about: string };

export const reward = {
  accuracy: {
    label: 'Right answer',
    about: '1 if the answer in <answer>…</answer> equals the reference answer, otherwise 0.',
  },
  format: {
    label: 'Answer format',
    about: '1 if the text is exactly <think>…</think> followed by <answer>…</answer>, otherwise 0.',
  },
  length: {
    label: 'Length',
    about: '1 if the reasoning is neither too short nor too long; less the further it is off.',
  },
  repetition: { label: 'No repetition', about: 'The share of word groups that do not repeat earlier ones.' },
  language: { label: 'Writing system', about: 'The share of letters that belong to one writing system.' },
  reasoning: { label: 'Reasoning present', about: '1 if non-empty reasoning precedes the answer, otherwise 0.' },
} as const satisfies Readonly<Record<string, RewardWords>>;

/** The words for a reward. Your own rewards (`custom:label`) are shown by label. */
export function rewardWords(key: string): RewardWords {
  const known: Readonly<Record<string, RewardWords>> = reward;
  return known[key] ?? { label: key.replace(/^custom:/, ''), about: '' };
}

export const schedule: Record<KlSchedule['kind'], { label: string; about: string }> = {
  'paper-eq3': {
    label: 'Dynamic: explore, then hold',
    about: 'Eq. 3 of OThink-MR1: starts in the middle, falls, then rises.',
  },
  'eq3-reversed': {
    label: 'Dynamic: hold, then explore',
    about: 'Eq. 3 backwards: the same weights in the opposite order. Shows whether the order matters.',
  },
  'paper-text': { label: 'Dynamic: rising only', about: 'As in the paper’s text: rises linearly from low to high.' },
  'mean-matched': {
    label: 'Constant, same average',
    about: 'The average of the dynamic curve, kept constant. The fair control.',
  },
  'target-kl': {
    label: 'Target distance',
    about:
      'Rises while the answers drift further than you allow, and falls while they stay closer. The band shows its possible range.',
  },
  'accuracy-conditioned': {
    label: 'Follows the right answers',
    about: 'Low while few answers are right, high once most are. The band shows its possible range.',
  },
  constant: { label: 'Constant', about: 'The same KL weight at every step.' },
  linear: { label: 'Linear', about: 'Changes evenly from the first to the last value.' },
  cosine: { label: 'Cosine', about: 'Changes gradually from the first to the last value, along a cosine.' },
};

/** What a run or the playground is doing before, between and after its steps. */
export const runPhase = {
  start: 'Preparing',
  load: 'Loading the model',
  'load again': 'Loading the model again, for the probabilities',
  answer: 'Answering…',
  'read images': 'Reading the pictures',
  compile: 'Getting ready to compute',
  'compile programs': 'Preparing the programs',
  'try the GPU': 'Trying whether the GPU is faster',
  'evaluate base': 'Evaluating on held-out questions before training',
  'evaluate tuned': 'Evaluating on held-out questions after training',
  'evaluate held-out samples': 'Looking at held-out samples',
  'wait for the run of another Atelier': 'Waiting for another Atelier’s run',
} as const satisfies Readonly<Record<string, string>>;

export const outcome: Record<CheckResult['outcome'], string> = {
  pass: 'Passed',
  fail: 'Failed',
  'cannot-tell': 'Cannot tell',
};

/** What is going on; with how much of it is done, if that is counted in bytes. */
export function progressWords(
  { phase, done, total, unit }: Progress,
  words: Readonly<Record<string, string>> = runPhase,
): string {
  const named = words[phase] ?? phase;
  return unit === 'bytes' && total !== undefined ? `${named}: ${bytesOf(done, total)}` : named;
}
