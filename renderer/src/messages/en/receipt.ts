/** @file Text for an export's receipt: the chain from the weights to the images. */
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
  exact: 'exact, by repeating the run',
  measured: 'measured during training',
  advantages: 'estimated from the answers',
  draws: 'counted by how often the image was seen',
};

const use: Record<ReceiptImage['use'], string> = {
  training: 'trained on',
  evaluation: 'tested on',
  'training-and-evaluation': 'trained and tested on',
  'not-used': 'not used',
};

export const receipt = {
  title: 'Receipt',
  lead: 'The chain from the weights back to the pictures. Each link has just been checked again.',
  back: 'Export',
  notFound: 'This export does not exist',
  checking: 'Checking every link…',
  chain: 'The chain',
  kind,
  method,
  copyHash: 'Copy hash',
  facts: { step: 'Step', signed: 'Signed', signer: 'Key', licence: 'Licence', images: 'Images' },
  noLicence: 'none chosen',
  counts: (used: string, leftOut: string) => `${used} used, ${leftOut} left out`,
  verdicts: 'What the licences permit',
  taught: 'Which images taught the model',
  taughtEstimate: (name: string) => `An estimate, ${name}`,
  taughtNone: 'This bundle has no contribution figures.',
  byAuthor: 'By author',
  byLicence: 'By licence',
  bySource: 'By source',
  unknown: 'unknown',
  share: 'Share',
  seen: (times: string) => `seen ${times}×`,
  images: 'Every image',
  imagesText:
    'The images that taught most come first. Images stay on this machine; the bundle names them by their hash.',
  use,
  atHand: 'hash unchanged',
  changed: 'file has changed',
  away: 'not available',
  more: 'Show more',
  imagesCount: (count: number) => plural(count, 'image', 'images'),
  accuracy: 'Right answers on held-out samples',
  verify: 'All checks',
  agreement: (methods: readonly string[]) =>
    `How the cheaper methods order the images compared with the exact replay (Spearman): ${methods.join(', ')}.`,
  methodName: {
    exact: 'exact',
    measured: 'measured while training',
    advantages: 'estimated from advantages',
    draws: 'counted draws',
  },
  replay: 'Compute exact shares…',
  replayText:
    'Repeats the training from its recipe to measure each image exactly. This takes about as long as the run did.',
  replayStop: 'Stop',
  replaying: (step: string, steps: string) => `Step ${step} of ${steps}`,
  replayDone: 'Done. The run was reproduced bit for bit.',
  replayDiffers: (step: string) =>
    `Done, but the loss of step ${step} differs from the log, because the machine or the version differs. Treat the shares with care.`,
} as const;
