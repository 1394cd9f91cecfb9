/** @file Names the option that you typed where an error names the field that it sets. */
import { AtelierError } from '../contract/errors/errors.ts';
import type { OptionValues } from './arguments.ts';

/** Fields whose options have another name; the first option that was given is the one. */
const OPTIONS: readonly [field: RegExp, ...options: string[]][] = [
  // What --task chose lies in the rewards, of a recipe or of one part of a mixture.
  [/(?:^|\.)rewards(?:\.|$)/, 'reward', 'task'],
  [/^mixture(?:\.|$)/, 'dataset'],
  [/(?:^|\.)testShare$/, 'test', 'test-share'],
  [/(?:^|\.)runId$/, 'run', 'start-from'],
  [/(?:^|\.)modelId$/, 'model'],
  [/(?:^|\.)datasetId$/, 'dataset'],
  [/(?:^|\.)step$/, 'step', 'completions', 'start-from'],
  [/(?:^|\.)vary\.values(?:\.\d+)?$/, 'kl', 'reward-weight'],
  [/(?:^|\.)seeds?(?:\.\d+)?$/, 'seeds', 'seed'],
  [/(?:^|\.)trainSamples$/, 'shots'],
  [/(?:^|\.)(?:evalSamples|limit)$/, 'samples', 'limit'],
  [/(?:^|\.)beta(?:Min|Max)$/, 'schedule'],
  [/(?:^|\.)temperature$/, 'temperature'],
];

/** What a command takes without an option, by the field that it fills. */
const WORDS: Readonly<Record<string, string>> = {
  runId: 'run',
  sheetId: 'sheet',
  datasetId: 'dataset',
  modelId: 'model',
  experimentId: 'experiment',
  evaluationId: 'evaluation',
  entryId: 'entry',
  evidence: '--evidence',
};

/** The error with the option in place of the field; the same error where no such option was given. */
export function namedByOption(error: AtelierError, options: OptionValues): AtelierError {
  const { field } = error.place;
  if (field === undefined || field.startsWith('--')) return error;
  const own =
    field
      .split('.')
      .at(-1)
      ?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) ?? '';
  const known = OPTIONS.find(([pattern]) => pattern.test(field))?.slice(1) as string[] | undefined;
  const name = [...(known ?? []), own].find((option) => options.has(option));
  const isSet = /(?:^|\.)rewards(?:\.|$)/.test(field) && options.get('set')?.some((each) => each.startsWith('rewards'));
  // A recipe's field that was given in a file or by --set keeps its own name.
  const typed = isSet === true ? undefined : name === undefined ? WORDS[field] : `--${name}`;
  if (typed === undefined) return error;
  const remedy =
    typed === '--task' ? 'Choose the task that these answers belong to, or another dataset.' : error.remedy;
  return new AtelierError(error.code, error.message.replace(`"${field}"`, typed), {
    place: { ...error.place, field: typed },
    ...(remedy === undefined ? {} : { remedy }),
    cause: error,
  });
}
