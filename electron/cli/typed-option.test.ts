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
  ['testShare', 'test', '--test must be at least 1.'],
  ['mixture', 'dataset', '--dataset must be at least 1.'],
  ['rewards.0.params.kind', 'reward', '--reward must be at least 1.'],
])('%s is --%s', (field, option, message) => {
  const named = namedByOption(error(field), new Map([[option, ['0']]]));
  expect(named).toMatchObject({ message, remedy: 'Use more.', place: { field: `--${option}` } });
});

it('names the task that chose the rewards, and not a kind that nobody typed', () => {
  const own = error('rewards.0.params.kind');
  expect(namedByOption(own, new Map([['task', ['count']]]))).toMatchObject({
    remedy: 'Choose the task that these answers belong to, or another dataset.',
    place: { field: '--task' },
  });
  const set = new Map([
    ['task', ['count']],
    ['set', ['rewards=accuracy']],
  ]);
  expect(namedByOption(own, set)).toBe(own);
});

it('says what a command takes without an option', () => {
  const missing = new AtelierError('NOT_FOUND', 'There is no run "x".', { place: { field: 'runId' } });
  expect(namedByOption(missing, new Map())).toMatchObject({ place: { field: 'run' } });
  expect(namedByOption(missing, new Map([['run', ['x']]]))).toMatchObject({ place: { field: '--run' } });
});

it('leaves fields alone that no option set', () => {
  const own = error('recipe.steps');
  expect(namedByOption(own, new Map([['set', ['steps=0']]]))).toBe(own);
  const typed = error('--steps');
  expect(namedByOption(typed, new Map([['steps', ['0']]]))).toBe(typed);
});
