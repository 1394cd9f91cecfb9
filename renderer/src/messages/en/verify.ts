/** @file Text for the Verify screen: what was proved about a bundle, what was not, and what cannot be. */
import { plural } from './words.ts';

export const verify = {
  title: 'Verify',
  lead: 'Verify a bundle that someone gave you: its signature, its hashes, and whether its documents agree with each other and with the weights.',
  drop: 'Drop a bundle here, or type the path of its folder',
  placeholder: '/home/me/downloads/counting-adapter',
  check: 'Verify',
  again: 'Verify again',
  checking: 'Verifying…',
  key: 'Expected signing key',
  keyHint: 'The maker’s public key (PEM), if you have it. Without it, Atelier knows only this studio’s key.',
  keyShow: 'I have the maker’s public key',
  idle: 'What is checked',
  idleText:
    'Atelier checks every file against its signed hash, every document against its schema, and all of them against each other. It runs nothing and sends nothing.',
  overall: {
    pass: 'Every check passed.',
    fail: 'A check failed. Do not rely on this bundle.',
    'cannot-tell': 'No check failed, but some could not be decided.',
  },
  proved: (count: number) => `Proved: ${plural(count, 'check', 'checks')}`,
  failed: (count: number) => `Failed: ${plural(count, 'check', 'checks')}`,
  open: (count: number) => `Undecided: ${plural(count, 'check', 'checks')}`,
  cannot: 'What no check can prove',
  cannotList: [
    'That what people stated about their images (author, licence) is true. The checks prove only that they stated it.',
    'That nothing else was used for training in secret. The checks prove only what the record says and that it has not changed since.',
    'Who holds the key, unless you received it from them. A signature identifies a key, not a person.',
  ],
  receipt: 'Show the chain to the images',
} as const;
