/** @file The texts of Verify: what was proved about a bundle, what was not, and what cannot be. */
import { plural } from './words.ts';

export const verify = {
  title: 'Verify',
  lead: 'Check a bundle that somebody gave you: signature, hashes, and whether its documents agree with each other and with the weights.',
  drop: 'Drop a bundle here, or type the path of its folder',
  placeholder: '/home/me/downloads/counting-adapter',
  check: 'Check',
  again: 'Check again',
  checking: 'Checking…',
  key: 'Key that must have signed',
  keyHint: 'The maker’s public key (PEM), if they gave you one. Without it, only the key of this studio is known.',
  keyShow: 'I have the maker’s public key',
  idle: 'What is checked',
  idleText:
    'Every file against its signed hash, every document against its schema, and all of them against each other. Nothing is run, nothing is sent anywhere.',
  overall: {
    pass: 'Everything that can be checked holds.',
    fail: 'Something does not hold. Do not rely on this bundle.',
    'cannot-tell': 'Nothing is wrong, but not everything could be decided.',
  },
  proved: (count: number) => `Proved: ${plural(count, 'thing', 'things')}`,
  failed: (count: number) => `Does not hold: ${plural(count, 'thing', 'things')}`,
  open: (count: number) => `Not decided: ${plural(count, 'thing', 'things')}`,
  cannot: 'What no check can prove',
  cannotList: [
    'That what people stated about their images (author, licence) is true. It is proved that they stated it.',
    'That nothing else was trained on in secret. It is proved what the record says, and that it was not changed since.',
    'Who holds the key, unless you got it from them. A signature names a key, not a person.',
  ],
  receipt: 'See the chain to the images',
} as const;
