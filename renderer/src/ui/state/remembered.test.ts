/** @file A remembered word is restored; anything else in storage is ignored. */
import { describe, expect, it } from 'vitest';
import { Remembered } from './remembered.svelte.ts';

describe('Remembered', () => {
  it('comes back after a reload, and ignores nonsense', () => {
    const kept = new Map([['atelier.mode', 'expert']]);
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    };
    const words = ['simple', 'advanced'] as const;
    const mode = new Remembered('mode', words, 'simple', storage);
    expect(mode.value).toBe('simple');
    mode.choose('advanced');
    expect(new Remembered('mode', words, 'simple', storage).value).toBe('advanced');
  });
});
