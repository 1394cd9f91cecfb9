/** @file `atelier verify`: checks an exported bundle, yours or someone else's. */
import { readFile } from 'node:fs/promises';
import { AtelierError, EXIT_STATUS } from '../../contract/errors/errors.ts';
import type { VerifyReport } from '../../contract/model/exports.ts';
import { given } from '../arguments.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import type { Command } from '../command.ts';

const MARKS = { pass: '✓', fail: '✗', 'cannot-tell': '?' } as const;

/** A script must be able to tell "wrong" from "cannot tell": the second is not a pass, but not an accusation either. */
const STATUS: Record<VerifyReport['outcome'], number> = {
  pass: 0,
  fail: EXIT_STATUS.VERIFICATION_FAILED,
  'cannot-tell': 9,
};

export const verifyCommand: Command = {
  usage: 'verify <path>',
  summary: 'Check an exported adapter: files, hashes, signature, provenance',
  options: [['--public-key <file>', "The maker's public key (PEM), got by another way than the bundle"]],
  run: async ({ positional, args, output, client }) => {
    const keyFile = args.path('public-key');
    const publicKey = keyFile === undefined ? undefined : await readKey(keyFile);
    const studio = await client();
    const report = await studio.exports.verify({ path: args.resolve(positional[0] ?? '.'), ...given({ publicKey }) });
    output.result(report, () =>
      [
        ...report.checks.map(({ outcome, check, detail, place }) => {
          const where = place === undefined ? '' : ` (${place.file}, row ${place.row})`;
          return `${MARKS[outcome]} ${shownOnOneLine(`${check}${where}: ${detail}`)}`;
        }),
        `Verdict: ${report.outcome}`,
      ].join('\n'),
    );
    return STATUS[report.outcome];
  },
};

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AtelierError('NOT_FOUND', `The public key ${file} cannot be read.`, { place: { file }, cause });
  }
}
