/** @file An error names the option that was typed, and no other. */
import { expect, it } from 'vitest';
import { AtelierError } from '../contract/errors/errors.ts';
import { namedByOption } from './typed-option.ts';

const error = (field: string): AtelierError =>
  new AtelierError('BAD_INPUT', `"${field}" must be at least 1.`, { place: { field }, remedy: 'Use more.' });

it.each([
  ['recipe.steps', 'steps', '--steps must be at least 1.'],
  ['vary.values.0', 'kl', '--kl must be at least 1.'],
  ['vary.values.1', 'reward-weight', '--reward-weight must be at least 1.'],
  ['seeds.0', 'seeds', '--seeds must be at least 1.'],
  ['task.trainSamples', 'shots', '--shots must be at least 1.'],
  ['task.betaMin', 'schedule', '--schedule must be at least 1.'],
  ['smallestDifference', 'smallest-difference', '--smallest-difference must be at least 1.'],
])('%s is --%s', (field, option, message) => {
  const named = namedByOption(error(field), new Map([[option, ['0']]]));
  expect(named).toMatchObject({ message, remedy: 'Use more.', place: { field: `--${option}` } });
});

it('leaves fields alone that no option set', () => {
  const own = error('recipe.steps');
  expect(namedByOption(own, new Map([['set', ['steps=0']]]))).toBe(own);
  const typed = error('--steps');
  expect(namedByOption(typed, new Map([['steps', ['0']]]))).toBe(typed);
});
