/** @file What each key of the light table does. */
import type { AnswerForm, Choice } from '../../../../electron/method/answer-forms.ts';

export type KeyAction =
  'next' | 'previous' | 'confirm-or-next' | 'copy-last' | 'undo' | 'leave-out' | 'question' | { answer: string };

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

export type KeyPlace = {
  form: AnswerForm;
  choices: readonly Choice[];
  /** In a text field. */
  isTyping: boolean;
  /** In a field of several lines. */
  isLines: boolean;
};

/** The action of a key; undefined for keys that do what they always do. */
export function actionOf(press: KeyPress, place: KeyPlace): KeyAction | undefined {
  const { key } = press;
  const isCommand = press.ctrlKey || press.metaKey;
  if (press.altKey) return undefined;
  if (isCommand) {
    if (key === 'Enter') return 'copy-last';
    if (key === 'Backspace') return 'leave-out';
    return key.toLowerCase() === 'z' && !press.shiftKey ? 'undo' : undefined;
  }
  if (key === 'PageDown') return 'next';
  if (key === 'PageUp') return 'previous';
  if (key === 'F2') return 'question';
  if (key === 'Enter') return press.shiftKey && place.isLines ? undefined : 'confirm-or-next';
  if (place.isTyping) return undefined;
  const isDrawn = place.form === 'boxes' || place.form === 'points';
  if (!isDrawn && key === 'ArrowRight') return 'next';
  if (!isDrawn && key === 'ArrowLeft') return 'previous';
  const answer = answerByKey(key, place);
  return answer === undefined ? undefined : { answer };
}

function answerByKey(key: string, { form, choices }: KeyPlace): string | undefined {
  if (form === 'yes-no') {
    // J as in the German Ja; a sheet may be answered in either language.
    if (/^[yj1]$/i.test(key)) return 'yes';
    return /^[n2]$/i.test(key) ? 'no' : undefined;
  }
  if (form !== 'choice') return undefined;
  const wanted = key.toUpperCase();
  if (choices.length === 0) return /^[A-Z]$/.test(wanted) ? wanted : undefined;
  return (choices.find(({ letter }) => letter === wanted) ?? choices[Number(key) - 1])?.letter;
}
