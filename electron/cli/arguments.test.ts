/** @file What you typed, as a command reads it. */
import { expect, it } from 'vitest';
import { Arguments } from './arguments.ts';

it.each(['', '  '])('refuses the blank name "%s"', (name) => {
  expect(() => new Arguments(new Map([['name', [name]]]), '/').text('name')).toThrow(
    'The option --name must not be empty.',
  );
});
