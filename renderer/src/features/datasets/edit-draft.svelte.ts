/** @file A bulk edit. Empty fields change nothing. */
import type { SampleChange, Split, Task } from '../../../../electron/contract/api/index.ts';

export class EditDraft {
  addTags = $state('');
  removeTags = $state('');
  licence = $state('');
  licenceUnknown = $state(false);
  authors = $state('');
  split = $state<Split>();
  task = $state<Task>();
  answer = $state('');
  note = $state('');

  /** The change in the contract's format, or undefined if there is nothing to change. */
  readonly change: SampleChange | undefined = $derived.by(() => {
    const change: SampleChange = {
      ...listOf(this.addTags, 'addTags'),
      ...listOf(this.removeTags, 'removeTags'),
      ...(this.licenceUnknown ? { licence: null } : this.licence.trim() === '' ? {} : { licence: this.licence.trim() }),
      ...listOf(this.authors, 'authors'),
      ...(this.split === undefined ? {} : { split: this.split }),
      ...(this.task === undefined ? {} : { task: this.task }),
      ...(this.answer.trim() === '' ? {} : { answer: this.answer.trim() }),
    };
    return Object.keys(change).length === 0 ? undefined : change;
  });
}

function listOf<Key extends string>(text: string, key: Key): Partial<Record<Key, string[]>> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length === 0 ? {} : ({ [key]: parts } as Partial<Record<Key, string[]>>);
}
