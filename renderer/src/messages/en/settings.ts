/** @file The texts of Settings. */

export const settings = {
  title: 'Settings',
  appearance: 'Appearance',
  theme: { system: 'As the system', light: 'Light', dark: 'Dark' },
  engine: 'Engine and device',
  version: 'Version',
  home: 'Data folder',
  check: 'Check this machine',
  checking: 'Checking…',
  finding: { ok: 'fine', degraded: 'limited', missing: 'missing' },
  audit: 'Audit log',
  auditAbout:
    'Every import, run and export is written down in a chain of hashes: a changed or missing entry breaks it.',
  auditIntact: (count: string) => `Intact: ${count} entries, each linked to the one before.`,
  auditBroken: 'Broken: an entry was changed or is missing.',
  auditEmpty: 'Nothing has been done yet.',
  network: 'Network',
  networkText: 'None. Atelier opens no connection to other machines: no telemetry, no downloads, no accounts.',
  columns: { seq: 'No.', at: 'When', action: 'What', hash: 'Hash' },
} as const;
