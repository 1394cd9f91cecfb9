/** @file A bulk edit sets only the fields you filled in. */
import { describe, expect, it } from 'vitest';
import { EditDraft } from './edit-draft.svelte.ts';

describe('EditDraft', () => {
  it('is nothing while nothing is filled in', () => {
    const draft = new EditDraft();
    draft.addTags = ' , ';
    draft.licence = '  ';
    draft.note = 'because';
    expect(draft.change).toBeUndefined();
  });

  it('reads lists, and tells an unknown licence from one that stays', () => {
    const draft = new EditDraft();
    draft.addTags = 'red, large ,';
    draft.authors = 'Ada';
    draft.split = 'test';
    expect(draft.change).toEqual({ addTags: ['red', 'large'], authors: ['Ada'], split: 'test' });
    draft.licence = 'CC0-1.0';
    expect(draft.change).toMatchObject({ licence: 'CC0-1.0' });
    draft.licenceUnknown = true;
    expect(draft.change).toMatchObject({ licence: null });
  });
});
