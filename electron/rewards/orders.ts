/**
 * @file Answers that put things in order: `A > B > C`, `small, middle, large`, `1784 < 1850 = 1850b`. Commas, semicolons,
 * arrows, `>` and `<` part the things, and `=` puts two of them in the same place.
 */
import { fold } from './folding.ts';
import { unwrapMarkup } from './markup.ts';

/** From each thing to its place, from 0; things in the same place are equal. */
export type Order = { places: ReadonlyMap<string, number>; direction: '>' | '<' | 'listed' };

const MOST_THINGS = 50;
const UNDECIDED = /(?:^|\s)(?:or|not|no|nor|maybe)(?:\s|$)|[\n|]/;

/** Null for a thing named twice or left empty, for one thing alone, and for separators that contradict each other. */
export function readOrder(text: string): Order | null {
  const plain = unwrapMarkup(fold(text)).replace(/->|=>|→|⇒/g, ';');
  const signs = new Set(plain.match(/[<>]/g) ?? []);
  const listed = /[,;]/.test(plain);
  if (signs.size > 1 || (signs.size === 1 && listed)) return null;
  const places = new Map<string, number>();
  for (const [place, group] of plain.split(/[<>,;]/).entries()) {
    for (const part of group.split('=')) {
      const thing = part.trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase();
      if (thing === '' || UNDECIDED.test(thing) || places.has(thing) || places.size >= MOST_THINGS) return null;
      places.set(thing, place);
    }
  }
  if (places.size < 2) return null;
  return { places, direction: signs.has('>') ? '>' : signs.has('<') ? '<' : 'listed' };
}

/** The answer in the direction of the reference: `B < A` says the same as `A > B`. Null if it names other things. */
export function alignedPlaces(given: Order, reference: Order): ReadonlyMap<string, number> | null {
  const same = given.places.size === reference.places.size;
  if (!same || ![...given.places.keys()].every((thing) => reference.places.has(thing))) return null;
  const opposed = new Set([given.direction, reference.direction, 'listed']).size === 3;
  return new Map([...given.places].map(([thing, place]) => [thing, opposed ? -place : place]));
}

/**
 * Kendall's τ-b (Kendall 1945), from −1 (reversed) to 1 (the same order), with its correction for things in the same
 * place. Where one side puts everything in one place, 1 if the other does too, else 0.
 */
export function kendallTau(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const things = [...a.keys()];
  let sum = 0;
  let [apartInA, apartInB] = [0, 0];
  things.forEach((one, at) => {
    for (const other of things.slice(at + 1)) {
      const inA = Math.sign((a.get(one) ?? 0) - (a.get(other) ?? 0));
      const inB = Math.sign((b.get(one) ?? 0) - (b.get(other) ?? 0));
      sum += inA * inB;
      apartInA += inA ** 2;
      apartInB += inB ** 2;
    }
  });
  if (apartInA === 0 || apartInB === 0) return apartInA === apartInB ? 1 : 0;
  return sum / Math.sqrt(apartInA * apartInB);
}
