/** @file The texts of the export of an adapter. */
import { outcome } from './words.ts';

export const exporting = {
  title: 'Export the adapter',
  lead: 'Writes the adapter as PEFT files with a provenance record, then checks the result.',
  destination: 'New folder',
  destinationPlaceholder: '/home/me/adapters/counting',
  destinationHint: 'It must not exist yet.',
  create: 'Export',
  creating: 'Writing…',
  checking: 'Checking…',
  files: 'Files',
  checks: 'Checks',
  outcome,
  overall: {
    pass: 'Exported. Every check passed.',
    fail: 'Exported, but a check failed. Do not pass it on.',
    'cannot-tell': 'Exported. Some checks could not be decided.',
  },
  step: (step: number) => `from step ${String(step)}`,
  another: 'Export again',
  earlier: 'Earlier exports of this run',
  root: 'Root hash',
} as const;
