/** @file The exit status of `atelier verify`: a script must be able to tell "wrong" from "cannot tell". */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { VerifyReport } from '../../contract/model/exports.ts';
import { Arguments } from '../arguments.ts';
import type { CommandContext } from '../command.ts';
import { verifyCommand } from './verify.ts';

it.each<[VerifyReport['outcome'], number]>([
  ['pass', 0],
  ['fail', 8],
  ['cannot-tell', 9],
])('%s ends with status %i, and says so', async (outcome, status) => {
  const report: VerifyReport = {
    path: '/bundle',
    outcome,
    checks: [
      { outcome, check: 'signer', detail: 'A sentence.' },
      { outcome, check: 'audit log', detail: 'Entry 4 was altered.', place: { file: 'audit.jsonl', row: 4 } },
    ],
  };
  const shown: string[] = [];
  const context = {
    positional: ['bundle'],
    args: new Arguments(new Map(), '/'),
    output: { result: (_value: unknown, text: () => string) => shown.push(text()) },
    client: () =>
      Promise.resolve({ exports: { verify: ({ path }: { path: string }) => Promise.resolve({ ...report, path }) } }),
  } as unknown as CommandContext;
  expect(await verifyCommand.run(context)).toBe(status);
  expect(shown.join()).toContain(`Verdict: ${outcome}`);
  expect(shown.join()).toContain('audit log (audit.jsonl, row 4): Entry 4 was altered.');
});

it('refuses a file that is no public key before anything is checked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-key-'));
  writeFileSync(join(folder, 'key.pem'), '"no key"');
  const context = {
    positional: ['bundle'],
    args: new Arguments(new Map([['public-key', ['key.pem']]]), folder),
  } as unknown as CommandContext;
  await expect(verifyCommand.run(context)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    place: { file: join(folder, 'key.pem'), field: '--public-key' },
  });
});
