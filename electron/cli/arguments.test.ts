/** @file What you typed, as a command reads it. */
import { expect, it } from 'vitest';
import { Arguments } from './arguments.ts';

it.each([
  ['', 'must not be empty'],
  ['  ', 'consists of blanks only'],
])('refuses the blank name "%s"', (name, why) => {
  expect(() => new Arguments(new Map([['name', [name]]]), '/').text('name')).toThrow(`The option --name ${why}.`);
});
