/** @file `--set` on schedules: what a change of kind keeps, and what it adds. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_ACCURACY_SCHEDULE, DEFAULT_TARGET_KL_SCHEDULE } from '../method/defaults.ts';
import { recipeSettings } from './recipe-settings.ts';

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
