/** @file The texts of the receipt of an export: the chain from the weights to the images. */
import type { ContributionMethod, Receipt, ReceiptImage } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

type Kind = Receipt['links'][number]['kind'];

const kind: Record<Kind, string> = {
  bundle: 'Bundle',
  weights: 'Weights',
  run: 'Run',
  recipe: 'Recipe',
  'base-model': 'Base model',
  dataset: 'Dataset',
  images: 'Images',
  'audit-log': 'Audit log',
  signature: 'Signature',
};

const method: Record<ContributionMethod, string> = {
  exact: 'exact, by running it again',
  measured: 'measured while training',
  advantages: 'estimated from the answers',
  draws: 'counted by how often it was seen',
};

const use: Record<ReceiptImage['use'], string> = {
  training: 'trained on',
  evaluation: 'tested on',
  'training-and-evaluation': 'trained and tested on',
  'not-used': 'not used',
};

export const receipt = {
  title: 'Receipt',
  lead: 'The chain from the weights back to the pictures, each link checked again just now.',
  back: 'Export',
  notFound: 'There is no such export',
  checking: 'Checking every link…',
  chain: 'The chain',
  kind,
  method,
  copyHash: 'Copy hash',
  facts: { step: 'Step', signed: 'Signed', signer: 'Key', licence: 'Licence', images: 'Images' },
  noLicence: 'none chosen',
  counts: (used: string, leftOut: string) => `${used} used, ${leftOut} left out`,
  verdicts: 'What the licences permit',
  taught: 'Which image taught the model',
  taughtEstimate: (name: string) => `An estimate, ${name}`,
  taughtNone: 'There are no figures about contribution in this bundle.',
  byAuthor: 'By author',
  byLicence: 'By licence',
  bySource: 'By source',
  unknown: 'not known',
  share: 'Share',
  seen: (times: string) => `seen ${times}×`,
  images: 'Every image',
  imagesText: 'Those that taught most come first. Images stay at home; the bundle names them by their hash.',
  use,
  atHand: 'still hashes to the same',
  changed: 'is another file now',
  away: 'not at hand',
  more: 'Show more',
  imagesCount: (count: number) => plural(count, 'image', 'images'),
  accuracy: 'Right answers on held-out samples',
  verify: 'All checks',
  replay: 'Work out exact shares…',
  replayText:
    'Runs the training again from its recipe to measure each image exactly. It takes about as long as the run did.',
  replayStop: 'Stop',
  replaying: (step: string, steps: string) => `Step ${step} of ${steps}`,
  replayDone: 'Done. The run was reproduced bit for bit.',
  replayDiffers: (step: string) =>
    `Done, but step ${step} gave another loss than the log: another machine or version. Read the shares with care.`,
} as const;
