/**
 * @file Every reward function by name. A recipe names them; the engine scores with them; screens show their words.
 * Raise `version` whenever a change could give any completion another score: it is recorded with each run.
 */
import type { Task } from '../contract/model/primitives.ts';
import type { RewardDescription, RewardSpec } from '../contract/model/rewards.ts';
import { DEFAULT_IOU_THRESHOLD, gradeAnswer } from './accuracy.ts';
import { scoreFormat } from './format.ts';
import {
  LANGUAGE_DEFAULTS,
  LENGTH_DEFAULTS,
  REASONING_DEFAULTS,
  REPETITION_DEFAULTS,
  scoreLanguage,
  scoreLength,
  scoreReasoning,
  scoreRepetition,
} from './style.ts';

export type RewardName = RewardSpec['name'];
export type BuiltInName = Exclude<RewardName, 'custom'>;
export type RewardSample = { answer: string; task: Task };
export type Score = number | null;
type SpecOf<Name extends RewardName> = Extract<RewardSpec, { name: Name }>;
type ParamHelp = RewardDescription['params'][number];

/** What a reward is there to notice; the hack probes of that class must earn nothing from it. */
export type Guard = 'answer' | 'form' | 'thought';

export type RewardFunction<Name extends BuiltInName = BuiltInName> = {
  name: Name;
  version: string;
  label: string;
  /** One or two sentences for people. */
  help: string;
  params: readonly ParamHelp[];
  guards: readonly Guard[];
  /** 0 to 1; null = nothing to judge here. */
  score: (completion: string, sample: RewardSample, params: SpecOf<Name>['params']) => Score;
};

function param(name: string, value: ParamHelp['default'], help: string): ParamHelp {
  return { name, default: value, help };
}

export const rewardFunctions: { readonly [Name in BuiltInName]: RewardFunction<Name> } = {
  accuracy: {
    name: 'accuracy',
    version: '1',
    label: 'Right answer',
    help: 'Gives 1 when the last answer tag holds exactly the reference answer, else 0. Guessing several answers at once counts as none.',
    params: [
      param(
        'kind',
        'auto',
        'How the answer is read: auto (by the task), count, number, fraction, radical, pi, degrees, choice, yes-no, text, box or point.',
      ),
      param('tolerance', 0, 'Largest difference from a number that still counts as right.'),
      param('relativeTolerance', 0, 'The same as a share of the reference: 0.01 accepts one percent.'),
      param('requireUnit', false, 'An answer without the unit that the reference has is wrong.'),
      param('caseSensitive', false, 'Upper and lower case make different texts.'),
      param(
        'iouThreshold',
        DEFAULT_IOU_THRESHOLD,
        'How much a box must overlap the reference box (intersection over union).',
      ),
      param(
        'overlapAsReward',
        false,
        'For boxes: the reward is the overlap itself, so that near misses earn something.',
      ),
    ],
    guards: ['answer'],
    score: (completion, { answer, task }, params) => gradeAnswer({ ...params, completion, answer, task }).value,
  },
  format: {
    name: 'format',
    version: '1',
    label: 'Right form',
    help: 'Gives 1 when the completion is one thought and then one answer, each in its tags and neither empty, else 0.',
    params: [
      param('form', 'strict', 'strict, or r1v: the regular expression of R1-V and the paper, with its loopholes.'),
      param('requireThought', true, 'A thought of nothing but spaces fails.'),
      param('requireAnswer', true, 'An answer of nothing but spaces fails.'),
    ],
    guards: ['form'],
    score: (completion, _sample, params) => scoreFormat(completion, params),
  },
  length: {
    name: 'length',
    version: '1',
    label: 'Length',
    help: 'Gives 1 while the thought is neither too short nor too long, and less the further it is outside. It does not see what the text says: padding earns it too, so keep its weight small.',
    params: [
      param('of', LENGTH_DEFAULTS.of, 'What is measured: thought or completion.'),
      param('min', LENGTH_DEFAULTS.min, 'Fewest characters.'),
      param('max', LENGTH_DEFAULTS.max, 'Most characters.'),
      param('falloff', LENGTH_DEFAULTS.falloff, 'Over so many characters outside of the band the reward falls to 0.'),
    ],
    guards: [],
    score: (completion, _sample, params) => scoreLength(completion, params),
  },
  repetition: {
    name: 'repetition',
    version: '1',
    label: 'No repetition',
    help: 'Gives the share of word groups that come for the first time: 1 when nothing is said twice. Very short texts repeat nothing, so combine it with a reward that asks for content.',
    params: [param('ngram', REPETITION_DEFAULTS.ngram, 'How many words are compared as one group.')],
    guards: [],
    score: (completion, _sample, params) => scoreRepetition(completion, params),
  },
  language: {
    name: 'language',
    version: '1',
    label: 'Writing system',
    help: 'Gives the share of letters that belong to one writing system. It tells Chinese from English, but not two languages that share an alphabet.',
    params: [
      param(
        'script',
        LANGUAGE_DEFAULTS.script,
        'latin, cyrillic, greek, arabic, hebrew, devanagari, thai, han, japanese or hangul.',
      ),
    ],
    guards: [],
    score: (completion, _sample, params) => scoreLanguage(completion, params),
  },
  reasoning: {
    name: 'reasoning',
    version: '1',
    label: 'Reasoning present',
    help: 'Gives 1 when a thought with something in it comes before the answer, else 0. It keeps reasoning from vanishing; whether the thought is true it cannot see.',
    params: [param('minCharacters', REASONING_DEFAULTS.minCharacters, 'Fewest letters and digits in the thought.')],
    guards: ['thought'],
    score: (completion, _sample, params) => scoreReasoning(completion, params),
  },
};

/** A person's own reward has this version: its code is named by its hash. */
export const CUSTOM_VERSION = '1';

/** The version of the code that scores for this spec. */
export function rewardVersion(spec: RewardSpec): string {
  return spec.name === 'custom' ? CUSTOM_VERSION : rewardFunctions[spec.name].version;
}

export function isBuiltIn(spec: RewardSpec): spec is Exclude<RewardSpec, { name: 'custom' }> {
  return spec.name !== 'custom';
}

/** The score of one built-in reward. */
export function scoreBuiltIn(
  spec: Exclude<RewardSpec, { name: 'custom' }>,
  completion: string,
  sample: RewardSample,
): Score {
  // The name picks the function and its parameters together, which the type of a union cannot say.
  const reward = rewardFunctions[spec.name] as RewardFunction;
  return reward.score(completion, sample, spec.params);
}

/**
 * The scores of one completion, in the order of the recipe's rewards.
 *
 * @throws Error for a person's own reward: those are scored in the engine's sandbox.
 */
export function scoreCompletion(specs: readonly RewardSpec[], completion: string, sample: RewardSample): Score[] {
  return specs.map((spec) => {
    if (!isBuiltIn(spec)) throw new Error(`The reward "${spec.params.label}" is scored in the sandbox.`);
    return scoreBuiltIn(spec, completion, sample);
  });
}

/** R = Σ weight × score (Eq. 1 of OThink-MR1). Null scores count as nothing; only nulls give null. */
export function totalReward(specs: readonly RewardSpec[], scores: readonly Score[]): number | null {
  if (scores.length !== specs.length) {
    throw new RangeError(`There are ${scores.length} scores for ${specs.length} rewards.`);
  }
  if (scores.every((score) => score === null)) return null;
  return specs.reduce((sum, spec, index) => sum + spec.weight * (scores[index] ?? 0), 0);
}

/** Every reward in words, for screens and the command line. */
export function describeRewards(): RewardDescription[] {
  return [
    ...Object.values(rewardFunctions).map(({ name, version, label, help, params }) => ({
      name,
      version,
      label,
      help,
      params: [...params],
    })),
    {
      name: 'custom',
      version: CUSTOM_VERSION,
      label: 'Your own reward',
      help: 'A JavaScript or TypeScript file with a function score(completion, sample) that gives a number from 0 to 1, or null for no opinion. It runs without files, network, clock or chance, with limits on time and memory.',
      params: [],
    },
  ];
}
