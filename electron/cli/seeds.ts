/** @file Lists of numbers typed in a terminal: `7,8,9`. */
import { AtelierError } from '../contract/errors/errors.ts';

/** @throws AtelierError BAD_INPUT for anything but whole numbers from 0 on */
export function seedList(text: string, option = '--seeds'): number[] {
  const seeds = numberList(text, option);
  if (seeds.every((seed) => Number.isInteger(seed) && seed >= 0)) return seeds;
  throw new AtelierError('BAD_INPUT', `The option ${option} takes whole numbers from 0 on, not "${text}".`, {
    place: { field: option },
    remedy: 'Write them with commas between, such as 7,8,9.',
  });
}

/** @throws AtelierError BAD_INPUT for anything that is not a number, and for an empty list */
export function numberList(text: string, option: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (numbers.length > 0 && numbers.every(Number.isFinite)) return numbers;
  throw new AtelierError('BAD_INPUT', `The option ${option} takes numbers with commas between, not "${text}".`, {
    place: { field: option },
    remedy: 'Such as 0,0.25,0.5.',
  });
}

/** Numbers of which each is named once. @throws AtelierError BAD_INPUT as `numberList`, and for a number named twice */
export function distinctNumbers(text: string, option: string): number[] {
  const numbers = numberList(text, option);
  const twice = numbers.find((number, index) => numbers.indexOf(number) < index);
  if (twice === undefined) return numbers;
  throw new AtelierError('BAD_INPUT', `The option ${option} names ${twice} twice.`, {
    place: { field: option },
    remedy: 'Name every value once. To train one more often, name more seeds.',
  });
}
