/** @file `atelier backup` and `atelier restore`: everything that a data folder keeps, in one file. */
import { AtelierError, EXIT_STATUS } from '../../contract/errors/errors.ts';
import type { BackupReport } from '../../contract/model/backup.ts';
import { bytes } from '../../method/byte-size.ts';
import { shownOnOneLine } from '../../reporting/shown-text.ts';
import { counted } from '../text.ts';
import { checkBackup, restoreBackup } from '../../studio/backup/restore-backup.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';

function fileOf(positional: readonly (string | undefined)[], args: Arguments): string {
  const [file] = positional;
  if (file === undefined) throw new AtelierError('BAD_INPUT', 'The name of the file is missing.');
  return args.resolve(file);
}

export const backupCommand: Command = {
  usage: 'backup <file>',
  summary: 'Write everything that the data folder keeps into one file',
  options: [['--with-key', 'Include the signing key: whoever has the file can then sign as you']],
  examples: ['atelier backup ~/atelier-2026-11-29.zip'],
  run: async ({ positional, args, output, client }) => {
    const studio = await client();
    const report = await studio.system.backup({ path: fileOf(positional, args), signingKey: args.flag('with-key') });
    output.result(report, () => text(report));
    return report.problems.length === 0 ? 0 : EXIT_STATUS.VERIFICATION_FAILED;
  },
};

function text(report: BackupReport): string {
  const { problems, modelsElsewhere } = report;
  return [
    `✓ ${counted(report.files, 'file')}, ${bytes(report.sizeBytes)}: ${shownOnOneLine(report.path)}`,
    report.signingKey
      ? 'The signing key is in it: keep this file as safe as the key.'
      : 'The signing key is not in it (--with-key).',
    ...modelsElsewhere.map(({ path }) => `Not in it, because it is outside the data folder: ${shownOnOneLine(path)}`),
    ...problems.map(({ path, reason }) => `✗ ${shownOnOneLine(path)}: ${reason}`),
    ...(problems.length === 0 ? [] : ['Everything else is in the backup.']),
  ].join('\n');
}

export const restoreCommand: Command = {
  usage: 'restore <file>',
  summary: 'Restore a backup into an empty data folder',
  options: [
    ['--replace', 'Move what is in the data folder aside, and keep it, instead of refusing'],
    ['--check', 'Only compare every file in the backup with its hash'],
  ],
  examples: ['atelier restore ~/atelier-2026-11-29.zip --home ~/restored'],
  run: async ({ positional, args, output, home, places }) => {
    const file = fileOf(positional, args);
    if (args.flag('check')) {
      const { createdAt, files, signingKey, problems } = await checkBackup(file);
      const found = { createdAt, files: files.length, signingKey, problems };
      output.result(found, `✓ ${counted(files.length, 'file')}, each as it was on ${createdAt}.`);
      return 0;
    }
    const replace = args.flag('replace');
    const { resourcesDir } = places;
    const { manifest, previous, modelsMissing } = await restoreBackup(file, { home, resourcesDir, replace });
    const { createdAt, files, signingKey, problems } = manifest;
    output.result({ home, createdAt, files: files.length, signingKey, previous, modelsMissing, problems }, () =>
      [
        `✓ ${counted(files.length, 'file')} of ${createdAt} ${files.length === 1 ? 'is' : 'are'} back in ${shownOnOneLine(home)}.`,
        ...(previous === null ? [] : [`What was there before is now in ${shownOnOneLine(previous)}.`]),
        ...(signingKey ? [] : ['The backup has no signing key: the next export creates a new one.']),
        ...modelsMissing.map(
          ({ name, path }) => `The model ${shownOnOneLine(name)} is not in ${shownOnOneLine(path)}.`,
        ),
        ...problems.map(({ path, reason }) => `Not in the backup: ${shownOnOneLine(path)}. ${reason}`),
      ].join('\n'),
    );
    return 0;
  },
};
