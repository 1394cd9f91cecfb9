/** @file `atelier verify`: checks an exported bundle, one's own or that of others. */
import { EXIT_STATUS } from '../../contract/errors.ts';
import type { Command } from '../command.ts';

const MARKS = { pass: '✓', fail: '✗', 'cannot-tell': '?' } as const;

export const verifyCommand: Command = {
  usage: 'verify <path>',
  summary: 'Check an exported adapter: files, hashes, signature, provenance',
  options: [],
  run: async ({ positional, args, output, client }) => {
    const studio = await client();
    const report = await studio.exports.verify({ path: args.resolve(positional[0] ?? '.') });
    output.result(report, () =>
      [...report.checks.map(({ outcome, check, detail }) => `${MARKS[outcome]} ${check}: ${detail}`), `Verdict: ${report.outcome}`].join('\n'),
    );
    return report.outcome === 'pass' ? 0 : EXIT_STATUS.VERIFICATION_FAILED;
  },
};
