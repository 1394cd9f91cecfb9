/** @file Marks can be set one by one or in ranges, and cleared at once. */
import { describe, expect, it } from 'vitest';
import type { SampleId } from '../../../../electron/contract/api/index.ts';
import { Marks } from './marks.svelte.ts';

const id = (index: number): SampleId => `s${String(index)}` as SampleId;
const tile = (index: number): SampleId[] => [id(index)];

describe('Marks', () => {
  it('marks and unmarks one', () => {
    const marks = new Marks();
    marks.toggle(tile(3), 3);
    expect(marks.has(tile(3))).toBe(true);
    marks.toggle(tile(3), 3);
    expect(marks.ids.size).toBe(0);
  });

  it('marks every question of a picture, and is on it only if all are marked', () => {
    const marks = new Marks();
    const picture = [id(1), id(7), id(9)];
    marks.toggle([id(7)], 0);
    expect(marks.has(picture)).toBe(false);
    marks.toggle(picture, 0);
    expect(marks.ids.size).toBe(3);
    expect(marks.has(picture)).toBe(true);
    marks.toggle(picture, 0);
    expect(marks.ids.size).toBe(0);
    expect(marks.has([])).toBe(false);
  });

  it('marks a row from the last touched one, in both directions, leaving out what is not loaded', () => {
    const marks = new Marks();
    marks.toggle(tile(5), 5);
    marks.extendTo(3, (index) => (index === 4 ? undefined : tile(index)));
    expect([...marks.ids].sort()).toEqual([id(3), id(5)]);
    marks.extendTo(6, tile);
    expect(marks.ids.size).toBe(4);
    marks.clear();
    marks.extendTo(9, tile);
    expect([...marks.ids]).toEqual([id(9)]);
  });
});
