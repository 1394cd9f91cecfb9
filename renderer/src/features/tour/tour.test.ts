/** @file The tour starts automatically once, and you can follow it to the end. */
import { describe, expect, it } from 'vitest';
import { Tour, tourSteps } from './tour.svelte.ts';

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  };
}

describe('the first steps', () => {
  it('come to a newcomer, and not again after they were skipped', () => {
    const kept = storage();
    const tour = new Tour(kept);
    tour.offerTo(false);
    expect(tour.step).toBeUndefined();
    tour.offerTo(true);
    expect(tour.step).toBe('home');
    tour.end();
    tour.offerTo(true);
    expect(tour.step).toBeUndefined();
    const later = new Tour(kept);
    later.offerTo(true);
    expect(later.step).toBeUndefined();
  });

  it('lead through every step and back, and can be asked for again', () => {
    const tour = new Tour(storage());
    tour.start();
    const seen = [tour.step];
    tour.next();
    tour.back();
    expect(tour.step).toBe('home');
    for (let count = 1; count < tourSteps.length; count += 1) {
      tour.next();
      seen.push(tour.step);
    }
    expect(seen).toEqual([...tourSteps]);
    expect(tour.isLast).toBe(true);
    tour.next();
    expect(tour.step).toBeUndefined();
    tour.start();
    expect(tour.step).toBe('home');
  });
});
