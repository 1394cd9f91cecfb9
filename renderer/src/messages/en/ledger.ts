/** @file Text for the Ledger screen: what the licences permit, why, and your duties. */
import type { LedgerPurpose, LedgerVerdict } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

const purpose: Record<LedgerPurpose, string> = {
  'train-privately': 'Train for yourself',
  'publish-non-commercially': 'Publish non-commercially',
  'publish-commercially': 'Publish commercially',
};

const verdict: Record<LedgerVerdict, string> = {
  allowed: 'Allowed',
  'allowed-with-duties': 'Allowed, with duties',
  'needs-decision': 'Your decision',
  blocked: 'Not allowed',
};

export const ledger = {
  title: 'Ledger',
  lead: 'May you use these pictures, and may you share the result? See what the licences say, by which rule and because of which images.',
  of: 'Subject',
  ofRun: (name: string) => `Run: ${name}`,
  base: 'Base model',
  baseFromHub: (name: string, hubName: string, version: string, endpoint: string) =>
    `Base model: ${name} (${hubName}, version ${version}, from ${endpoint})`,
  baseNone: 'Images only',
  empty: 'Nothing to assess yet',
  emptyText: 'Import pictures first. Atelier reads every licence, author and opt-out they state.',
  emptyAction: 'Go to Datasets',
  judging: 'Reading the licences…',
  notFound: 'There is nothing to assess',
  forRun: 'The images this run used. Later overrides do not change it.',
  openDataset: 'Open dataset',
  openRun: 'Open run',
  export: 'Export',
  purpose,
  verdict,
  why: (count: number) => plural(count, 'reason', 'reasons'),
  rule: (rule: string) => `Rule ${rule}`,
  byBase: 'Because of the base model or reward code',
  lines: 'Licences',
  images: (count: number) => plural(count, 'image', 'images'),
  moreImages: (count: string) => `+${count}`,
  unknown: 'Not stated',
  columns: { licence: 'Licence', images: 'Images', means: 'What it means here', duties: 'Your duties' },
  noDuties: 'none',
  licenceText: 'Licence text',
  sources: 'Read from',
  noLines: 'No image is used in training.',
  duties: 'Your duties when you share it',
  dutiesNone: 'None.',
  because: (licences: string) => `because of ${licences}`,
  startAdapter: 'Adapter made elsewhere',
  rewardCode: 'Your own reward code',
  proposedAnswers: 'Answers that a model proposed',
  optedOut: 'Images that opt out',
  leftOut: (count: number) =>
    `${plural(count, 'image opts', 'images opt')} out of training and ${count === 1 ? 'is' : 'are'} left out`,
  decided: (count: number) =>
    `${plural(count, 'image is', 'images are')} used despite an opt-out, by a recorded decision`,
  optedOutNone: 'No image opts out of training. Silence is not consent: an image that states nothing stays unknown.',
  credits: 'Attribution',
  creditsText: (count: number) => `${plural(count, 'work', 'works')} to credit, in the form the licences require.`,
  creditsNone: 'No credits required.',
  copy: 'Copy all',
  copied: 'Copied',
  copyFailed: 'Select the text and copy it yourself',
  attributionLabel: 'Attribution list',
  rules: 'The rules',
  rulesText:
    'All the ledger’s rules, with their sources. The most restrictive one applies. Unknown never counts as permission.',
  outbound: 'Licences you may choose for the weights',
  outboundNone: 'None, because publishing is not allowed.',
} as const;
