/** @file Marks can be set one by one or in ranges, and cleared at once. */
import { describe, expect, it } from 'vitest';
import type { SampleId } from '../../../../electron/contract/api/index.ts';
import { Marks } from './marks.svelte.ts';

const id = (index: number): SampleId => `s${String(index)}` as SampleId;

describe('Marks', () => {
  it('marks and unmarks one', () => {
    const marks = new Marks();
    marks.toggle(id(3), 3);
    expect(marks.has(id(3))).toBe(true);
    marks.toggle(id(3), 3);
    expect(marks.ids.size).toBe(0);
  });

  it('marks a row from the last touched one, in both directions, leaving out what is not loaded', () => {
    const marks = new Marks();
    marks.toggle(id(5), 5);
    marks.extendTo(3, (index) => (index === 4 ? undefined : id(index)));
    expect([...marks.ids].sort()).toEqual([id(3), id(5)]);
    marks.extendTo(6, id);
    expect(marks.ids.size).toBe(4);
    marks.clear();
    marks.extendTo(9, id);
    expect([...marks.ids]).toEqual([id(9)]);
  });
});
