/** @file Which columns are about training alone, and what their values mean. */
import { describe, expect, it } from 'vitest';
import { signalsOfTrainingColumn, trainingSense } from './training-columns.ts';

const FORBIDS = [
  ...['opt_out', 'opt-out', 'OptOut', 'optout', 'Opt out', 'opted_out', 'ai_opt_out', 'opt_out_of_training'],
  ...['training_opt_out', 'artist_opt_out', 'opt_out_ai', 'tdm_opt_out', 'is_opted_out'],
  ...['no_ai', 'noai', 'noAI', 'noimageai', 'no_train', 'no_training', 'no_ai_training', 'not_for_training'],
  ...['do_not_train', 'doNotTrain', 'dont_train', 'do_not_use_for_ai', 'not_for_ai_training', 'never_train'],
  ...['tdm_reservation', 'tdm-reservation', 'tdm_reserved', 'training_reserved', 'ai_rights_reserved'],
  ...['training_forbidden', 'ai_prohibited', 'ai_training_not_allowed', 'train_disallowed', 'training_excluded'],
  ...['exclude_from_training', 'block_ai', 'forbid_training', 'kein_training', 'keine_ki', 'ki_training_verboten'],
];
const ALLOWS = [
  ...['ai_training', 'ai-training', 'aiTraining', 'AI training', 'ki_training', 'ml_training', 'train_ai', 'ai_train'],
  ...['train_allowed', 'training_allowed', 'ai_allowed', 'ai_training_allowed', 'training_permitted', 'tdm_allowed'],
  ...['allow_training', 'allow_ai', 'allowAiTraining', 'may_train', 'can_be_used_for_training', 'use_for_training'],
  ...['training_permission', 'training_consent', 'consent_to_training', 'ai_consent', 'ok_for_ai', 'opt_in'],
  ...['ai_use', 'tdm', 'text_and_data_mining', 'data_mining', 'training_erlaubt'],
];
const NEITHER = [
  ...['train', 'training', 'is_train', 'split', 'ai', 'is_ai', 'ai_generated', 'not_ai', 'no', 'model', 'notes'],
  ...['option', 'options', 'mood', 'rights', 'usage_terms', 'license', 'train_id', 'training_set', 'no_animals'],
  ...['nomination', 'normal', 'no_faces', 'training_time', 'ai_score', 'caption', 'model_name', 'output', 'use_case'],
];

describe('a column about training', () => {
  it.each(FORBIDS)('%s: a yes forbids', (column) => expect(trainingSense(column)).toBe('forbids'));
  it.each(ALLOWS)('%s: a no forbids', (column) => expect(trainingSense(column)).toBe('allows'));
  it.each(NEITHER)('%s is none', (column) => expect(trainingSense(column)).toBeNull());
});

describe('its value', () => {
  const says = (column: string, text: string) =>
    signalsOfTrainingColumn(column, text, trainingSense(column)!).map(({ value }) => value);

  it.each(['true', 'TRUE', 'Yes', 'y', '1', '1.0', 'ja', 'oui', 'x', '✓', 'opted-out', 'forbidden', 'reserved'])(
    '“%s” in opt_out forbids',
    (text) => expect(says('opt_out', text)).toEqual(['disallow']),
  );
  it.each(['false', 'No', 'n', '0', '0.0', 'nein', 'non', 'none', 'Not allowed', 'notAllowed', 'opt_out', 'denied'])(
    '“%s” in ai_training forbids',
    (text) => expect(says('ai_training', text)).toEqual(['disallow']),
  );
  it.each(['', '-', 'n/a', 'null', 'false', '0', 'no', 'none', 'unknown', 'allowed'])(
    '“%s” in opt_out says nothing',
    (text) => expect(says('opt_out', text)).toEqual([]),
  );
  it.each(['', 'true', 'yes', '1', 'allowed', 'n/a', 'unknown'])('“%s” in ai_training says nothing', (text) =>
    expect(says('ai_training', text)).toEqual([]),
  );
  it.each(['maybe', '2', 'see contract', 'for research', '2024-05-01'])(
    '“%s” is not understood, so it leaves out',
    (text) => {
      expect(says('opt_out', text)).toEqual(['constrained']);
      expect(says('ai_training', text)).toEqual(['constrained']);
    },
  );

  it('names the column and the value', () => {
    expect(signalsOfTrainingColumn('no_ai', 'yes', 'forbids')[0]?.statement).toBe(
      'The column “no_ai” of the table forbids training: “yes”.',
    );
    expect(signalsOfTrainingColumn('no_ai', 'soon', 'forbids')[0]?.statement).toBe(
      'The column “no_ai” of the table says “soon” about training, which is not understood and so counts as a no.',
    );
    expect(signalsOfTrainingColumn('ai_training', 'Only with my permission', 'allows')[0]?.value).toBe('constrained');
  });
});
