/** @file `atelier audit`: the newest entries of the audit log, and whether and where the log is broken. */
import { EXIT_STATUS } from '../../contract/errors/errors.ts';
import type { AuditLog } from '../../contract/model/system.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import type { Command } from '../command.ts';
import { counted, table } from '../text.ts';

const SHOWN = 20;

export const auditCommand: Command = {
  usage: 'audit',
  summary: 'What was done in this data folder, and whether that record is whole',
  options: [['--limit <n>', `How many entries are shown, newest first (default ${SHOWN})`]],
  run: async ({ args, output, client }) => {
    const limit = args.integer('limit') ?? SHOWN;
    const studio = await client();
    const log = await studio.system.audit({ offset: 0, limit });
    output.result(log, () => text(log));
    return log.intact ? 0 : EXIT_STATUS.VERIFICATION_FAILED;
  },
};

function text({ total, fault, signedHead, entries }: AuditLog): string {
  return [
    fault === null
      ? `✓ ${counted(total, 'entry', 'entries')}, each linked to the one before.`
      : `✗ Broken at entry ${fault.seq}: ${shownOnOneLine(fault.reason)}`,
    signedHead === null
      ? 'No export with a signed head is available, so a log that was cut off at its end would look whole.'
      : `Checked against the head that was signed at entry ${signedHead.seq} (${shownOnOneLine(signedHead.path)}).`,
    ...(entries.length === 0
      ? []
      : ['', table([['entry', 'when', 'what'], ...entries.map(({ seq, at, action }) => [String(seq), at, action])])]),
  ].join('\n');
}
