/** @file `atelier verify`: checks an exported bundle, yours or someone else's. */
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decodeError } from '../../contract/errors/error-codec.ts';
import { AtelierError, EXIT_STATUS } from '../../contract/errors/errors.ts';
import type { VerifyReport } from '../../contract/model/exports.ts';
import { diskFailure } from '../../studio/contract-errors.ts';
import { verifyBundle } from '../../studio/exports/verify/verify.ts';
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
  run: async ({ positional, args, output, client, places }) => {
    const keyFile = args.path('public-key');
    const publicKey = keyFile === undefined ? undefined : await readKey(keyFile);
    const request = { path: args.resolve(positional[0] ?? '.'), ...given({ publicKey }) };
    const studio = await client().catch((error: unknown) => {
      const known = decodeError(error) ?? diskFailure(error);
      if (known === null) throw error;
      // The data folder only adds what it knows: your own key and images.
      output.note(`${known.message} The bundle is checked without your data folder.`);
      return null;
    });
    const report =
      studio === null
        ? await verifyBundle(request.path, { ...request, version: places.version })
        : await studio.exports.verify(request);
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
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new AtelierError('NOT_FOUND', `The public key ${file} cannot be read.`, { place: { file }, cause });
  }
  // A wrong file must not look like a bundle about which nothing can be said.
  try {
    if (createPublicKey(text).asymmetricKeyType === 'ec') return text;
  } catch (cause) {
    throw noKey(file, cause);
  }
  throw noKey(file);
}

function noKey(file: string, cause?: unknown): AtelierError {
  return new AtelierError('BAD_INPUT', `The file ${file} holds no public EC key.`, {
    place: { file, field: '--public-key' },
    remedy: 'Give the PEM file that the maker sent: it begins with "-----BEGIN PUBLIC KEY-----".',
    cause,
  });
}
