/** @file `--set` on schedules: what a change of kind keeps, and what it adds. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_ACCURACY_SCHEDULE, DEFAULT_TARGET_KL_SCHEDULE } from '../method/defaults.ts';
import { Arguments } from './arguments.ts';
import { recipeSettings, settingsOf } from './recipe-settings.ts';

const schedule = (...settings: string[]): unknown => recipeSettings(settings, 'grpo-d')['klSchedule'];

describe('--set klSchedule.kind', () => {
  it('brings the numbers of schedules that answer to measurements', () => {
    expect(schedule('klSchedule.kind=target-kl')).toEqual(DEFAULT_TARGET_KL_SCHEDULE);
    expect(schedule('klSchedule.kind=target-kl', 'targetKl=0.02')).toMatchObject({ targetKl: 0.02, betaMin: 0.001 });
  });

  it('changes one field of what a recipe file or an earlier run says', () => {
    const file = { grpo: { promptsPerStep: 3, temperature: 0.7 } };
    expect(recipeSettings(['topP=0.9'], 'grpo', 10, file)['grpo']).toEqual({ ...file.grpo, topP: 0.9 });
  });

  it('keeps what was set before it', () => {
    expect(schedule('betaMax=0.3', 'klSchedule.kind=accuracy-conditioned')).toEqual({
      ...DEFAULT_ACCURACY_SCHEDULE,
      betaMax: 0.3,
    });
    expect(schedule('betaMax=0.3', 'klSchedule.kind=paper-text')).toEqual({
      kind: 'paper-text',
      betaMin: 0.04,
      betaMax: 0.3,
    });
  });
});

describe('--set and an option for the same field', () => {
  const settings = (set: string[], ...options: [string, string][]): string[] =>
    settingsOf(
      new Arguments(
        new Map<string, string[]>([
          ['set', set],
          ...options.map(([name, value]): [string, string[]] => [name, [value]]),
        ]),
        '/',
      ),
    );

  it.each([
    [['steps=3'], ['steps', '2'], '--steps and --set steps=3 both set steps.'],
    [['frozenWeights=nf4'], ['frozen-weights', 'nf4'], '--frozen-weights and --set frozenWeights=nf4 both set'],
    [['evalSamples=0'], ['samples', '3'], '--samples and --set evalSamples=0 both set evalSamples.'],
    [['layers=["vision"]'], ['layers', 'merger'], '--layers and --set layers=["vision"] both set adapter.layers.'],
    [['adapter={"kind":"lora","layers":["vision"]}'], ['layers', 'merger'], 'both set adapter.layers.'],
    [['steps=3', 'steps=4'], ['seed', '1'], '--set steps=3 and --set steps=4 both set steps.'],
  ] as [string[], [string, string], string][])('refuses %j with %j', (set, option, sentence) => {
    expect(() => settings(set, option)).toThrow(sentence);
  });

  it('takes settings of other fields', () => {
    expect(settings(['seed=3', 'topP=0.9'], ['steps', '2'])).toEqual(['seed=3', 'topP=0.9']);
  });
});
