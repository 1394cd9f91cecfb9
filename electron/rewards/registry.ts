/**
 * @file Every reward function by name. A recipe names them, the engine scores with them, and screens show their help.
 * Raise `version` whenever a change could give any completion another score: it is recorded with each run. Recipes with
 * an earlier version stay readable; only resuming such a run is refused.
 *
 * accuracy 2: dates, ratios, points and codes are no longer read as numbers; `%` is never optional; more notations,
 * units, choices and JSON places are read. Others 2: invisible characters and comments no longer count as text.
 */
import type { Task } from '../contract/model/primitives.ts';
import type { RewardDescription, RewardSpec } from '../contract/model/rewards.ts';
import { gradeAnswer } from './accuracy.ts';
import { DEFAULT_LONGEST_DESCRIPTION, DEFAULT_RESEMBLANCE } from './descriptions.ts';
import { scoreFormat } from './format.ts';
import { DEFAULT_IOU_THRESHOLD } from './partial-grades.ts';
import { DEFAULT_ERROR_UNIT, DEFAULT_NORMALISATION } from './transcripts.ts';
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

/** What a reward checks; hack probes against that class must earn nothing from it. */
export type Guard = 'answer' | 'form' | 'thought';

export type RewardFunction<Name extends BuiltInName = BuiltInName> = {
  name: Name;
  version: string;
  label: string;
  /** One or two sentences for people. */
  help: string;
  params: readonly ParamHelp[];
  guards: readonly Guard[];
  /** 0 to 1; null = the reward has no opinion on this completion. */
  score: (completion: string, sample: RewardSample, params: SpecOf<Name>['params']) => Score;
};

function param(name: string, value: ParamHelp['default'], help: string): ParamHelp {
  return { name, default: value, help };
}

export const rewardFunctions: { readonly [Name in BuiltInName]: RewardFunction<Name> } = {
  accuracy: {
    name: 'accuracy',
    version: '2',
    label: 'Right answer',
    help: 'Gives 1 when the last answer tag holds exactly the reference answer, else 0. Several guesses at once count as no answer.',
    params: [
      param(
        'kind',
        'auto',
        'How the answer is read: auto (by the task), count, number, fraction, radical, pi, degrees, choice, yes-no, text, tags, transcript, fields, order, description, box or point.',
      ),
      param('tolerance', 0, 'Largest difference from the reference that still counts as right.'),
      param('relativeTolerance', 0, 'The same as a fraction of the reference: 0.01 accepts 1 percent.'),
      param('requireUnit', false, 'An answer that leaves out the unit of the reference is wrong.'),
      param('caseSensitive', false, 'Texts that differ in upper and lower case are different.'),
      param(
        'iouThreshold',
        DEFAULT_IOU_THRESHOLD,
        'How much a box must overlap the reference box (intersection over union).',
      ),
      param('overlapAsReward', false, 'For boxes: the reward is the overlap itself, so a near miss earns something.'),
      param(
        'partialCredit',
        false,
        'For tags, transcripts, fields, orders, descriptions, boxes and points: an answer that is partly right earns a part.',
      ),
      param('vocabulary', '', 'For tags: the only ones that count, with synonyms, such as: bird, dog = hound = puppy.'),
      param('errorRate', DEFAULT_ERROR_UNIT, 'For transcripts: partial credit counts wrong characters or wrong words.'),
      param(
        'normalise',
        DEFAULT_NORMALISATION,
        'For transcripts and fields: none compares the text as written, spaces ignores how it is spaced, letters also ignores case and punctuation.',
      ),
      param(
        'schema',
        '',
        'For fields: a JSON Schema with the fields, their types and tolerances. Empty: the fields of each reference.',
      ),
      param(
        'resemblance',
        DEFAULT_RESEMBLANCE,
        'For descriptions: how resemblance to the reference text is measured, chrf or rouge-l.',
      ),
      param(
        'longest',
        DEFAULT_LONGEST_DESCRIPTION,
        'For descriptions: longer ones earn less for every word above this.',
      ),
    ],
    guards: ['answer'],
    score: (completion, { answer, task }, params) => gradeAnswer({ ...params, completion, answer, task }).value,
  },
  format: {
    name: 'format',
    version: '2',
    label: 'Right form',
    help: 'Gives 1 when the completion is one thought followed by one answer, each in its tags and neither empty, else 0.',
    params: [
      param('form', 'strict', 'strict, or r1v: the regular expression of R1-V and the paper, with its loopholes.'),
      param('requireThought', true, 'A thought that shows nothing but spaces fails.'),
      param('requireAnswer', true, 'An answer that shows nothing but spaces fails.'),
    ],
    guards: ['form'],
    score: (completion, _sample, params) => scoreFormat(completion, params),
  },
  length: {
    name: 'length',
    version: '2',
    label: 'Length',
    help: 'Gives 1 when the length of the thought is within a range, and less the further it is outside. It ignores what the text says, so padding earns it too: keep its weight small.',
    params: [
      param('of', LENGTH_DEFAULTS.of, 'What is measured: thought or completion.'),
      param('min', LENGTH_DEFAULTS.min, 'Fewest characters.'),
      param('max', LENGTH_DEFAULTS.max, 'Most characters.'),
      param('falloff', LENGTH_DEFAULTS.falloff, 'How many characters outside the range bring the reward down to 0.'),
    ],
    guards: [],
    score: (completion, _sample, params) => scoreLength(completion, params),
  },
  repetition: {
    name: 'repetition',
    version: '2',
    label: 'No repetition',
    help: 'Gives the share of word groups that occur for the first time: 1 when nothing is said twice. Very short texts repeat nothing, so combine it with a reward that asks for content.',
    params: [param('ngram', REPETITION_DEFAULTS.ngram, 'How many words form a group.')],
    guards: [],
    score: (completion, _sample, params) => scoreRepetition(completion, params),
  },
  language: {
    name: 'language',
    version: '2',
    label: 'Writing system',
    help: 'Gives the share of letters that belong to one writing system. It can tell Chinese from English, but not English from German.',
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
    version: '2',
    label: 'Reasoning present',
    help: 'Gives 1 when a thought with some text comes before the answer, else 0. It keeps reasoning from vanishing, but cannot tell whether the thought is true.',
    params: [param('minCharacters', REASONING_DEFAULTS.minCharacters, 'Fewest letters and digits in the thought.')],
    guards: ['thought'],
    score: (completion, _sample, params) => scoreReasoning(completion, params),
  },
};

/** The version of every custom reward: the hash of its file identifies its code. */
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
  // The name selects both the function and its parameters, which the type of a union cannot express.
  const reward = rewardFunctions[spec.name] as RewardFunction;
  return reward.score(completion, sample, spec.params);
}

/**
 * The scores of one completion, in the order of the recipe's rewards.
 *
 * @throws Error for a custom reward: those are scored in the engine's sandbox.
 */
export function scoreCompletion(specs: readonly RewardSpec[], completion: string, sample: RewardSample): Score[] {
  return specs.map((spec) => {
    if (!isBuiltIn(spec)) throw new Error(`The reward "${spec.params.label}" is scored in the sandbox.`);
    return scoreBuiltIn(spec, completion, sample);
  });
}

/** R = Σ weight × score (Eq. 1 of OThink-MR1). Null scores are left out; if all are null, so is the total. */
export function totalReward(specs: readonly RewardSpec[], scores: readonly Score[]): number | null {
  if (scores.length !== specs.length) {
    throw new RangeError(`There are ${scores.length} scores for ${specs.length} rewards.`);
  }
  if (scores.every((score) => score === null)) return null;
  return specs.reduce((sum, spec, index) => sum + spec.weight * (scores[index] ?? 0), 0);
}

/** A description of every reward, for screens and the command line. */
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
      help: 'A JavaScript or TypeScript file with a function score(completion, sample) that returns a number from 0 to 1, or null for no opinion. It runs without files, network, clock or randomness, and with limits on time and memory.',
      params: [],
    },
  ];
}
