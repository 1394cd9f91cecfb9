import { describe, expect, it } from 'vitest';
import { shown, shownJson, shownOnOneLine } from './shown-text.ts';

describe('text from elsewhere', () => {
  it.each([
    ['a\x1b]0;owned\x07b', 'a␛]0;owned␇b'],
    ['\x1b[2J\x1b[1;1H', '␛[2J␛[1;1H'],
    ['new\rold', 'new␍old'],
    ['eight bits \x9b31m', 'eight bits <U+009B>31m'],
    ['photo\u202egnp.exe', 'photo<U+202E>gnp.exe'],
    ['a\u2028b\x7f\b', 'a<U+2028>b␡␈'],
    ['Привет, 猫 é 🏴󠁧󠁢󠁥󠁮󠁧󠁿\tand\nmore', 'Привет, 猫 é 🏴󠁧󠁢󠁥󠁮󠁧󠁿\tand\nmore'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('stays on its line where it is a name', () => {
    expect(shownOnOneLine('a.png\n✓ signature: good')).toBe('a.png␊✓ signature: good');
  });

  it('means the same in JSON', () => {
    const value = { name: 'a\x1b\x9b\u202e\x7f' };
    const json = shownJson(JSON.stringify(value));
    expect(json).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
