/** @file Names the option that you typed where an error names the field that it sets. */
import { AtelierError } from '../contract/errors/errors.ts';
import type { OptionValues } from './arguments.ts';

/** Fields whose options have another name; the first option that was given is the one. */
const OPTIONS: readonly [field: RegExp, ...options: string[]][] = [
  [/(?:^|\.)vary\.values(?:\.\d+)?$/, 'kl', 'reward-weight'],
  [/(?:^|\.)seeds?(?:\.\d+)?$/, 'seeds', 'seed'],
  [/(?:^|\.)trainSamples$/, 'shots'],
  [/(?:^|\.)(?:evalSamples|limit)$/, 'samples', 'limit'],
  [/(?:^|\.)beta(?:Min|Max)$/, 'schedule'],
  [/(?:^|\.)temperature$/, 'temperature'],
];

/** The error with the option in place of the field; the same error where no such option was given. */
export function namedByOption(error: AtelierError, options: OptionValues): AtelierError {
  const { field } = error.place;
  if (error.code !== 'BAD_INPUT' || field === undefined || field.startsWith('--')) return error;
  const own =
    field
      .split('.')
      .at(-1)
      ?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) ?? '';
  const known = OPTIONS.find(([pattern]) => pattern.test(field))?.slice(1) as string[] | undefined;
  const name = [...(known ?? []), own].find((option) => options.has(option));
  // A recipe's field that was given in a file or by --set keeps its own name.
  if (name === undefined) return error;
  return new AtelierError(error.code, error.message.replace(`"${field}"`, `--${name}`), {
    place: { ...error.place, field: `--${name}` },
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    cause: error,
  });
}
