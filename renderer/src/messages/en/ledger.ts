/** @file The texts of the Ledger: what the licences permit, why, and what is owed. */
import type { LedgerPurpose, LedgerVerdict } from '../../../../electron/contract/api/index.ts';
import { plural } from './words.ts';

const purpose: Record<LedgerPurpose, string> = {
  'train-privately': 'Train for yourself',
  'publish-non-commercially': 'Publish, without commerce',
  'publish-commercially': 'Publish, commercially',
};

const verdict: Record<LedgerVerdict, string> = {
  allowed: 'Allowed',
  'allowed-with-duties': 'Allowed, with duties',
  'needs-decision': 'You must decide',
  blocked: 'Not allowed',
};

export const ledger = {
  title: 'Ledger',
  lead: 'May I use these pictures, and may I pass the result on? What the licences say, by which rule, because of which images.',
  of: 'Judged',
  ofRun: (name: string) => `Run: ${name}`,
  base: 'Base model',
  baseNone: 'Images alone',
  empty: 'Nothing to judge yet',
  emptyText: 'Import pictures first: every licence, author and opt-out that they state is read on the way in.',
  emptyAction: 'Go to Datasets',
  judging: 'Reading the licences…',
  notFound: 'There is nothing to judge',
  forRun: 'Images that this run drew; later overrides do not change it.',
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
  columns: { licence: 'Licence', images: 'Images', means: 'What it means here', duties: 'What you owe' },
  noDuties: 'nothing',
  licenceText: 'Text of the licence',
  sources: 'Read from',
  noLines: 'No image takes part in training.',
  duties: 'What you owe when you pass it on',
  dutiesNone: 'Nothing beyond good manners.',
  because: (licences: string) => `because of ${licences}`,
  rewardCode: 'Reward code of your own',
  optedOut: 'Images that say no',
  leftOut: (count: number) =>
    `${plural(count, 'image says', 'images say')} no to training and ${count === 1 ? 'is' : 'are'} left out`,
  decided: (count: number) =>
    `${plural(count, 'image is', 'images are')} used in spite of an opt-out, by a recorded decision`,
  optedOutNone: 'No image says no to training. Silence is not consent: where nothing is said, nothing is known.',
  credits: 'Attribution',
  creditsText: (count: number) => `${plural(count, 'work', 'works')} to credit, in the form that the licences ask for.`,
  creditsNone: 'Nobody to credit.',
  copy: 'Copy all',
  copied: 'Copied',
  copyFailed: 'Select the text and copy it',
  attributionLabel: 'Attribution list',
  rules: 'The rules',
  rulesText:
    'All rules that the ledger knows, with their source. The most restrictive one wins; unknown is never permission.',
  outbound: 'Licences you may give the weights',
  outboundNone: 'None, as long as publishing is not possible.',
} as const;
